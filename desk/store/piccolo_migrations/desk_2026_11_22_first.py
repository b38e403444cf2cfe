"""First tables of the desk, and the queue of background work (its tables come from its own SQL generator)."""

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment
from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-22T14:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "drafts, attachments, documents, exchanges, bookings, surveys, reports, notifications, queue"

FILES = """
CREATE TABLE desk_draft (
    id uuid PRIMARY KEY,
    procedure text NOT NULL,
    definition_hash text NOT NULL,
    form text NOT NULL,
    origin text NOT NULL CHECK (origin IN ('online', 'counter', 'phone', 'paper')),
    language text NOT NULL,
    browser text,
    person_id uuid,
    answers jsonb NOT NULL,
    pages_done text[] NOT NULL,
    page text,
    created_at timestamptz NOT NULL,
    saved_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    case_id uuid REFERENCES engine_case ON DELETE CASCADE,
    CHECK (browser IS NOT NULL OR person_id IS NOT NULL)
);
CREATE INDEX desk_draft_browser ON desk_draft (browser, saved_at DESC) WHERE case_id IS NULL AND browser IS NOT NULL;
CREATE INDEX desk_draft_person ON desk_draft (person_id, saved_at DESC) WHERE case_id IS NULL AND person_id IS NOT NULL;
CREATE INDEX desk_draft_expiry ON desk_draft (expires_at) WHERE case_id IS NULL;
CREATE INDEX desk_draft_case ON desk_draft (case_id) WHERE case_id IS NOT NULL;

CREATE TABLE desk_attachment (
    id uuid PRIMARY KEY,
    draft_id uuid REFERENCES desk_draft ON DELETE SET NULL,
    case_id uuid REFERENCES engine_case ON DELETE SET NULL,
    field text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size integer NOT NULL CHECK (size > 0),
    sha256 text NOT NULL,
    file_key text NOT NULL UNIQUE,
    received_at timestamptz NOT NULL
);
CREATE INDEX desk_attachment_draft ON desk_attachment (draft_id) WHERE draft_id IS NOT NULL;
CREATE INDEX desk_attachment_case ON desk_attachment (case_id, received_at) WHERE case_id IS NOT NULL;
CREATE INDEX desk_attachment_orphan ON desk_attachment (received_at) WHERE draft_id IS NULL AND case_id IS NULL;

-- The row outlives its case until the purge has deleted its bytes.
CREATE TABLE desk_document (
    id uuid PRIMARY KEY,
    case_id uuid REFERENCES engine_case ON DELETE SET NULL,
    key text NOT NULL UNIQUE,
    title text NOT NULL,
    name text NOT NULL,
    media_type text NOT NULL,
    size integer NOT NULL,
    sha256 text NOT NULL,
    file_key text NOT NULL UNIQUE,
    public boolean NOT NULL,
    issued_at timestamptz NOT NULL
);
CREATE INDEX desk_document_case ON desk_document (case_id, issued_at) WHERE case_id IS NOT NULL;
CREATE INDEX desk_document_orphan ON desk_document (id) WHERE case_id IS NULL;

CREATE TABLE desk_exchange (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    key text UNIQUE,
    side text NOT NULL CHECK (side IN ('town', 'applicant')),
    author text NOT NULL,
    author_id uuid,
    words text NOT NULL,
    attachments uuid[] NOT NULL,
    posted_at timestamptz NOT NULL,
    read_at timestamptz
);
CREATE INDEX desk_exchange_case ON desk_exchange (case_id, posted_at, id);
CREATE INDEX desk_exchange_unread ON desk_exchange (case_id, side) WHERE read_at IS NULL;
"""

# A booking that is not released excludes every other of the same resource in its span: PostgreSQL decides who was
# first.
BOOKINGS = """
CREATE TABLE desk_resource (
    slug text PRIMARY KEY,
    name jsonb NOT NULL,
    description jsonb NOT NULL,
    place text NOT NULL,
    capacity integer,
    equipment text[] NOT NULL,
    active boolean NOT NULL,
    changed_at timestamptz NOT NULL
);
CREATE TABLE desk_opening (
    id bigserial PRIMARY KEY,
    resource text NOT NULL REFERENCES desk_resource ON DELETE CASCADE,
    weekday smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    opens time NOT NULL,
    closes time NOT NULL,
    label text NOT NULL
);
CREATE INDEX desk_opening_resource ON desk_opening (resource, weekday, opens);
CREATE TABLE desk_closure (
    id uuid PRIMARY KEY,
    resource text NOT NULL REFERENCES desk_resource ON DELETE CASCADE,
    during tstzrange NOT NULL,
    reason text NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE INDEX desk_closure_during ON desk_closure USING gist (resource, during);
CREATE TABLE desk_booking (
    id uuid PRIMARY KEY,
    resource text NOT NULL REFERENCES desk_resource,
    during tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    label text NOT NULL,
    state text NOT NULL CHECK (state IN ('hold', 'option', 'booked', 'released')),
    draft_id uuid,
    case_id uuid REFERENCES engine_case ON DELETE CASCADE,
    job_id uuid UNIQUE,
    held_until timestamptz,
    made_at timestamptz NOT NULL,
    changed_at timestamptz NOT NULL,
    CHECK (state <> 'hold' OR (draft_id IS NOT NULL AND held_until IS NOT NULL)),
    CHECK (state NOT IN ('option', 'booked') OR case_id IS NOT NULL),
    CONSTRAINT desk_booking_alone EXCLUDE USING gist (resource WITH =, during WITH &&) WHERE (state <> 'released')
);
CREATE INDEX desk_booking_draft ON desk_booking (draft_id) WHERE draft_id IS NOT NULL;
CREATE INDEX desk_booking_case ON desk_booking (case_id) WHERE case_id IS NOT NULL;
CREATE INDEX desk_booking_lapsed ON desk_booking (held_until) WHERE case_id IS NULL;
"""

SURVEYS = """
CREATE TABLE desk_invitation (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    procedure text NOT NULL,
    definition_hash text NOT NULL,
    key text NOT NULL UNIQUE,
    token text NOT NULL UNIQUE,
    question jsonb NOT NULL,
    scale text NOT NULL CHECK (scale IN ('1-5', '0-10')),
    language text NOT NULL,
    invited_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL
);
CREATE INDEX desk_invitation_case ON desk_invitation (case_id);
CREATE INDEX desk_invitation_figures ON desk_invitation (invited_at, procedure);
CREATE TABLE desk_survey_answer (
    invitation_id uuid PRIMARY KEY REFERENCES desk_invitation ON DELETE CASCADE,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    procedure text NOT NULL,
    score smallint NOT NULL CHECK (score BETWEEN 0 AND 10),
    comment text NOT NULL,
    answered_at timestamptz NOT NULL
);
CREATE INDEX desk_survey_answer_latest ON desk_survey_answer (answered_at DESC);
"""

REPORTS = """
CREATE TABLE desk_report (
    case_id uuid PRIMARY KEY REFERENCES engine_case ON DELETE CASCADE,
    procedure text NOT NULL,
    category text NOT NULL,
    place text NOT NULL,
    latitude double precision NOT NULL CHECK (latitude BETWEEN -90 AND 90),
    longitude double precision NOT NULL CHECK (longitude BETWEEN -180 AND 180),
    filed_at timestamptz NOT NULL,
    original uuid REFERENCES desk_report ON DELETE SET NULL,
    CHECK (original <> case_id)
);
CREATE INDEX desk_report_near ON desk_report (procedure, category, latitude, filed_at);
CREATE INDEX desk_report_original ON desk_report (original) WHERE original IS NOT NULL;
CREATE TABLE desk_follower (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES desk_report ON DELETE CASCADE,
    key text NOT NULL,
    email text,
    language text NOT NULL,
    followed_at timestamptz NOT NULL,
    told_at timestamptz,
    UNIQUE (case_id, key)
);
CREATE INDEX desk_follower_untold ON desk_follower (case_id) WHERE told_at IS NULL AND email IS NOT NULL;

CREATE TABLE desk_notification (
    id uuid PRIMARY KEY,
    key text NOT NULL UNIQUE,
    kind text NOT NULL,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    recipient text NOT NULL,
    language text NOT NULL,
    parameters jsonb NOT NULL,
    attempts smallint NOT NULL,
    enqueued_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    sent_at timestamptz,
    given_up_at timestamptz
);
CREATE TABLE desk_errand (
    key text PRIMARY KEY,
    done_at timestamptz NOT NULL
);
CREATE INDEX desk_notification_waiting ON desk_notification (due_at, id) WHERE sent_at IS NULL AND given_up_at IS NULL;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="desk", description=DESCRIPTION)

    async def create() -> None:
        for script in (
            FILES,
            BOOKINGS,
            SURVEYS,
            REPORTS,
            QueryBuilderEnvironment().build_install_query(create_schema=False),
        ):
            await run(script)

    manager.add_raw(create)
    return manager
