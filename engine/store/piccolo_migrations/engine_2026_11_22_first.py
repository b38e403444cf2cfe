"""First tables of the engine. Hand-written: partial and expression indexes, a generated column, the reference
sequences.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-22T13:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "deployments, cases, instances and everything that waits"

EXTENSIONS = """
CREATE EXTENSION IF NOT EXISTS unaccent;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gist;
DO $do$ BEGIN
    -- Also created by the accounts floor: whichever migration runs first creates it.
    IF to_regprocedure('parvis_fold(text)') IS NULL THEN
        CREATE FUNCTION parvis_fold(text) RETURNS text
            LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
            RETURN lower(public.unaccent('public.unaccent'::regdictionary, $1));
    END IF;
END $do$;
"""

# A sequence per year, created by whoever files the year's first case: no row is locked until the commit, gaps are
# allowed.
REFERENCES = """
CREATE FUNCTION engine_next_reference(filing_year integer) RETURNS bigint LANGUAGE plpgsql AS $function$
BEGIN
    RETURN nextval(format('engine_reference_%s', filing_year)::regclass);
EXCEPTION WHEN undefined_table THEN
    PERFORM pg_advisory_xact_lock(hashtext('engine_reference'), filing_year);
    EXECUTE format('CREATE SEQUENCE IF NOT EXISTS engine_reference_%s', filing_year);
    RETURN nextval(format('engine_reference_%s', filing_year)::regclass);
END $function$;
"""

DEPLOYMENTS = """
CREATE TABLE engine_deployment (
    id uuid PRIMARY KEY,
    slug text NOT NULL,
    version integer NOT NULL,
    hash text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('draft', 'active', 'retired')),
    manifest jsonb NOT NULL,
    archive bytea NOT NULL,
    published_at timestamptz NOT NULL,
    published_by uuid,
    published_by_name text NOT NULL,
    retired_at timestamptz,
    UNIQUE (slug, version)
);
CREATE UNIQUE INDEX engine_deployment_active ON engine_deployment (slug) WHERE state = 'active';
"""

CASES = """
CREATE TABLE engine_case (
    id uuid PRIMARY KEY,
    reference text NOT NULL UNIQUE,
    tracking_code text NOT NULL UNIQUE,
    key text UNIQUE,
    procedure text NOT NULL,
    definition_hash text NOT NULL,
    title text NOT NULL,
    state text NOT NULL CHECK (state IN ('open', 'waiting', 'closed', 'cancelled')),
    department text NOT NULL,
    departments text[] NOT NULL,
    priority smallint NOT NULL,
    origin text NOT NULL,
    channel text NOT NULL,
    language text NOT NULL,
    applicant_id uuid,
    applicant_name text,
    applicant_email text,
    applicant_phone text,
    applicant_digits text,
    filed_by uuid,
    filed_by_name text NOT NULL,
    filed_at timestamptz NOT NULL,
    due_at timestamptz,
    answered_at timestamptz,
    closed_at timestamptz,
    waiting_since timestamptz,
    waited_seconds bigint NOT NULL,
    public_step text,
    decision text CHECK (decision IN ('granted', 'refused', 'closed')),
    reason text,
    transfers smallint NOT NULL,
    context jsonb NOT NULL,
    place text,
    latitude double precision,
    longitude double precision,
    search_text text NOT NULL GENERATED ALWAYS AS (parvis_fold(
        coalesce(applicant_name, '') || ' ' || coalesce(applicant_email, '') || ' ' || reference || ' ' || title
    )) STORED
) WITH (fillfactor = 80);
CREATE INDEX engine_case_search ON engine_case USING gin (search_text gin_trgm_ops);
CREATE INDEX engine_case_digits ON engine_case USING gin (applicant_digits gin_trgm_ops);
CREATE INDEX engine_case_departments ON engine_case USING gin (departments);
CREATE INDEX engine_case_email ON engine_case (lower(applicant_email), filed_at DESC);
CREATE INDEX engine_case_applicant ON engine_case (applicant_id, filed_at DESC) WHERE applicant_id IS NOT NULL;
CREATE INDEX engine_case_filed ON engine_case (filed_at DESC, id);
CREATE INDEX engine_case_procedure ON engine_case (procedure, filed_at DESC);
CREATE INDEX engine_case_unanswered ON engine_case (due_at) WHERE answered_at IS NULL AND closed_at IS NULL;

CREATE TABLE engine_submission (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    form text NOT NULL,
    answers text NOT NULL,
    seal text NOT NULL,
    filed_at timestamptz NOT NULL
);
CREATE INDEX engine_submission_case ON engine_submission (case_id);

CREATE TABLE engine_journal (
    id bigserial PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    at timestamptz NOT NULL,
    actor_kind text NOT NULL,
    actor_id uuid,
    actor_name text NOT NULL,
    fact text NOT NULL,
    parameters jsonb NOT NULL,
    public boolean NOT NULL
);
CREATE INDEX engine_journal_case ON engine_journal (case_id, id);
CREATE INDEX engine_journal_at ON engine_journal (at);
"""

INSTANCES = """
CREATE TABLE engine_instance (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    parent_id uuid REFERENCES engine_instance ON DELETE CASCADE,
    parent_token bigint,
    definition_hash text NOT NULL,
    process text NOT NULL,
    rev integer NOT NULL,
    state bytea NOT NULL,
    status text NOT NULL CHECK (status IN ('running', 'completed', 'cancelled')),
    started_at timestamptz NOT NULL,
    ended_at timestamptz
) WITH (fillfactor = 70);
CREATE INDEX engine_instance_case ON engine_instance (case_id);
CREATE INDEX engine_instance_parent ON engine_instance (parent_id, parent_token) WHERE parent_id IS NOT NULL;
CREATE INDEX engine_instance_running ON engine_instance (definition_hash) WHERE status = 'running';

CREATE TABLE engine_history (
    id bigserial PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    instance_id uuid NOT NULL,
    token bigint,
    happened text NOT NULL,
    element text,
    name text,
    kind text,
    at timestamptz NOT NULL,
    actor_name text NOT NULL,
    details jsonb NOT NULL
);
CREATE INDEX engine_history_case ON engine_history (case_id, id);
CREATE INDEX engine_history_instance ON engine_history (instance_id, id);
"""

WAITING = """
CREATE TABLE engine_task (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    instance_id uuid NOT NULL REFERENCES engine_instance ON DELETE CASCADE,
    token bigint NOT NULL,
    procedure text NOT NULL,
    definition_hash text NOT NULL,
    element text NOT NULL,
    name text NOT NULL,
    form text,
    department text NOT NULL,
    audience text NOT NULL CHECK (audience IN ('department', 'applicant')),
    candidate_groups text[] NOT NULL,
    candidate_users text[] NOT NULL,
    assignee_id uuid,
    assignee_name text,
    state text NOT NULL CHECK (state IN ('open', 'claimed', 'completed', 'withdrawn')),
    due_at timestamptz,
    follow_up_at timestamptz,
    priority smallint NOT NULL,
    input jsonb NOT NULL,
    draft jsonb,
    answers jsonb,
    opened_at timestamptz NOT NULL,
    claimed_at timestamptz,
    ended_at timestamptz,
    ended_by uuid,
    ended_by_name text
) WITH (fillfactor = 80);
CREATE UNIQUE INDEX engine_task_token ON engine_task (instance_id, token) WHERE state IN ('open', 'claimed');
CREATE INDEX engine_task_inbox ON engine_task (department, (coalesce(due_at, 'infinity'::timestamptz)), id)
    WHERE state IN ('open', 'claimed') AND audience = 'department';
CREATE INDEX engine_task_candidates ON engine_task USING gin (candidate_groups)
    WHERE state IN ('open', 'claimed') AND audience = 'department';
CREATE INDEX engine_task_assignee ON engine_task (assignee_id, (coalesce(due_at, 'infinity'::timestamptz)), id)
    WHERE state IN ('open', 'claimed') AND assignee_id IS NOT NULL;
CREATE INDEX engine_task_case ON engine_task (case_id, opened_at);
CREATE INDEX engine_task_ended ON engine_task (department, ended_at) WHERE state = 'completed';

CREATE TABLE engine_job (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    instance_id uuid NOT NULL REFERENCES engine_instance ON DELETE CASCADE,
    token bigint NOT NULL,
    procedure text NOT NULL,
    definition_hash text NOT NULL,
    element text NOT NULL,
    type text NOT NULL,
    state text NOT NULL CHECK (state IN ('queued', 'leased', 'done', 'failed', 'cancelled')),
    attempt integer NOT NULL,
    retries integer NOT NULL,
    failures integer NOT NULL,
    priority smallint NOT NULL,
    headers jsonb NOT NULL,
    input jsonb NOT NULL,
    context jsonb NOT NULL,
    due_at timestamptz NOT NULL,
    worker text,
    error text,
    queued_at timestamptz NOT NULL,
    ended_at timestamptz
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX engine_job_due ON engine_job (due_at, id) WHERE state IN ('queued', 'leased');
CREATE UNIQUE INDEX engine_job_token ON engine_job (instance_id, token) WHERE state IN ('queued', 'leased');
CREATE INDEX engine_job_case ON engine_job (case_id);

CREATE TABLE engine_timer (
    id bigserial PRIMARY KEY,
    instance_id uuid REFERENCES engine_instance ON DELETE CASCADE,
    token bigint NOT NULL,
    index smallint NOT NULL,
    definition_hash text,
    element text NOT NULL,
    due_at timestamptz NOT NULL,
    cycle text
) WITH (autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX engine_timer_due ON engine_timer (due_at, id);
CREATE UNIQUE INDEX engine_timer_token ON engine_timer (instance_id, token, index) WHERE instance_id IS NOT NULL;
CREATE INDEX engine_timer_start ON engine_timer (definition_hash) WHERE instance_id IS NULL;

CREATE TABLE engine_subscription (
    id bigserial PRIMARY KEY,
    instance_id uuid REFERENCES engine_instance ON DELETE CASCADE,
    token bigint NOT NULL,
    index smallint NOT NULL,
    definition_hash text,
    element text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('message', 'signal')),
    name text NOT NULL,
    key text
);
CREATE INDEX engine_subscription_name ON engine_subscription (kind, name, key);
CREATE UNIQUE INDEX engine_subscription_token ON engine_subscription (instance_id, token, index)
    WHERE instance_id IS NOT NULL;
CREATE INDEX engine_subscription_start ON engine_subscription (definition_hash) WHERE instance_id IS NULL;

CREATE TABLE engine_message (
    id bigserial PRIMARY KEY,
    name text NOT NULL,
    key text,
    message_id text,
    variables jsonb NOT NULL,
    published_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    consumed_at timestamptz
);
CREATE INDEX engine_message_waiting ON engine_message (name, key, id) WHERE consumed_at IS NULL;
CREATE UNIQUE INDEX engine_message_once ON engine_message (name, key, message_id) NULLS NOT DISTINCT
    WHERE message_id IS NOT NULL;
CREATE INDEX engine_message_expiry ON engine_message (expires_at);

CREATE TABLE engine_incident (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    instance_id uuid NOT NULL REFERENCES engine_instance ON DELETE CASCADE,
    token bigint NOT NULL,
    procedure text NOT NULL,
    department text NOT NULL,
    element text NOT NULL,
    kind text NOT NULL,
    message text NOT NULL,
    variables text[] NOT NULL,
    opened_at timestamptz NOT NULL,
    resolved_at timestamptz,
    resolved_by_name text
);
CREATE UNIQUE INDEX engine_incident_open ON engine_incident (instance_id, token) WHERE resolved_at IS NULL;
CREATE INDEX engine_incident_list ON engine_incident (opened_at DESC, id) WHERE resolved_at IS NULL;
CREATE INDEX engine_incident_case ON engine_incident (case_id);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="engine", description=DESCRIPTION)

    async def create() -> None:
        for script in (EXTENSIONS, REFERENCES, DEPLOYMENTS, CASES, INSTANCES, WAITING):
            await run(script)

    manager.add_raw(create)
    return manager
