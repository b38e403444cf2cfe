"""Piccolo tables of the engine: what a deployment, a case and everything that waits look like in PostgreSQL.

Indexes, checks and generated columns that Piccolo cannot say are in the hand-written migrations; the two must agree
(a test compares them). Names of tables start with `engine_`, since `case` is a word of SQL.
"""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    DoublePrecision,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.table import Table


class DeploymentRow(Table, tablename="engine_deployment"):
    """One immutable version of a bundle. `archive` is its zip, from which the definition is rebuilt."""

    id = UUID(primary_key=True)
    slug = Text()
    version = Integer()
    hash = Text(unique=True)
    state = Text()
    manifest = JSONB()
    archive = Bytea()
    published_at = Timestamptz(default=None)
    published_by = UUID(null=True, default=None)
    published_by_name = Text()
    retired_at = Timestamptz(null=True, default=None)


class CaseRow(Table, tablename="engine_case"):
    """The record from submission to archive. `state` never says `blocked`: that is derived from an open incident."""

    id = UUID(primary_key=True)
    reference = Text(unique=True)
    tracking_code = Text(unique=True)
    key = Text(null=True, default=None, unique=True)
    procedure = Text()
    definition_hash = Text()
    title = Text()
    state = Text()
    department = Text()
    departments = Array(base_column=Text())
    priority = SmallInt()
    origin = Text()
    channel = Text()
    language = Text()
    applicant_id = UUID(null=True, default=None)
    applicant_name = Text(null=True, default=None)
    applicant_email = Text(null=True, default=None)
    applicant_phone = Text(null=True, default=None)
    applicant_digits = Text(null=True, default=None)
    filed_by = UUID(null=True, default=None)
    filed_by_name = Text()
    filed_at = Timestamptz(default=None)
    due_at = Timestamptz(null=True, default=None)
    answered_at = Timestamptz(null=True, default=None)
    closed_at = Timestamptz(null=True, default=None)
    waiting_since = Timestamptz(null=True, default=None)
    waited_seconds = BigInt()
    public_step = Text(null=True, default=None)
    decision = Text(null=True, default=None)
    reason = Text(null=True, default=None)
    transfers = SmallInt()
    context = JSONB()
    place = Text(null=True, default=None)
    latitude = DoublePrecision(null=True, default=None)
    longitude = DoublePrecision(null=True, default=None)
    search_text = Text()


class SubmissionRow(Table, tablename="engine_submission"):
    """The answers as received: canonical JSON and its SHA-256. Never updated."""

    id = UUID(primary_key=True)
    case_id = UUID()
    form = Text()
    answers = Text()
    seal = Text()
    filed_at = Timestamptz(default=None)


class InstanceRow(Table, tablename="engine_instance"):
    """A running definition inside a case. `state` is the snapshot of `engine.snapshot`; `rev` counts its commands.
    A suspended one is still `running`: only `suspended_at` says that it stands still.
    """

    id = UUID(primary_key=True)
    case_id = UUID()
    parent_id = UUID(null=True, default=None)
    parent_token = BigInt(null=True, default=None)
    definition_hash = Text()
    process = Text()
    rev = Integer()
    state = Bytea()
    status = Text()
    started_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None)
    suspended_at = Timestamptz(null=True, default=None)


class TaskRow(Table, tablename="engine_task"):
    """Human work waiting in a department, or on the citizen's follow-up page (`audience` = applicant)."""

    id = UUID(primary_key=True)
    case_id = UUID()
    instance_id = UUID()
    token = BigInt()
    procedure = Text()
    definition_hash = Text()
    element = Text()
    name = Text()
    form = Text(null=True, default=None)
    department = Text()
    audience = Text()
    candidate_groups = Array(base_column=Text())
    candidate_users = Array(base_column=Text())
    assignee_id = UUID(null=True, default=None)
    assignee_name = Text(null=True, default=None)
    state = Text()
    due_at = Timestamptz(null=True, default=None)
    follow_up_at = Timestamptz(null=True, default=None)
    priority = SmallInt()
    input = JSONB()
    draft = JSONB(null=True, default=None)
    answers = JSONB(null=True, default=None)
    opened_at = Timestamptz(default=None)
    claimed_at = Timestamptz(null=True, default=None)
    ended_at = Timestamptz(null=True, default=None)
    ended_by = UUID(null=True, default=None)
    ended_by_name = Text(null=True, default=None)


class JobRow(Table, tablename="engine_job"):
    """Connector work. `due_at` is when it may next be leased: its lease's end while it is leased. `lost`: leases in
    a row that ran out without a report. While the instance is suspended `due_at` is infinity, and `held_due_at` what it
    will be again.
    """

    id = UUID(primary_key=True)
    case_id = UUID()
    instance_id = UUID()
    token = BigInt()
    procedure = Text()
    definition_hash = Text()
    element = Text()
    type = Text()
    state = Text()
    attempt = Integer()
    retries = Integer()
    failures = Integer()
    lost = SmallInt()
    priority = SmallInt()
    headers = JSONB()
    input = JSONB()
    context = JSONB()
    due_at = Timestamptz(default=None)
    worker = Text(null=True, default=None)
    error = Text(null=True, default=None)
    queued_at = Timestamptz(default=None)
    ended_at = Timestamptz(null=True, default=None)
    held_due_at = Timestamptz(null=True, default=None)


class TimerRow(Table, tablename="engine_timer"):
    """A wake-up of a token; without instance, the start event of the definition in service. Deleted when fired. Held as
    a job is while its instance is suspended; a start timer that fails keeps there when it should have fired.
    """

    id = BigSerial(primary_key=True)
    instance_id = UUID(null=True, default=None)
    token = BigInt()
    index = SmallInt()
    definition_hash = Text(null=True, default=None)
    element = Text()
    due_at = Timestamptz(default=None)
    cycle = Text(null=True, default=None)
    held_due_at = Timestamptz(null=True, default=None)
    failures = SmallInt(default=0)
    failure = JSONB(null=True, default=None)


class SubscriptionRow(Table, tablename="engine_subscription"):
    """A token waiting for a message or signal; without instance, a start event of the definition in service."""

    id = BigSerial(primary_key=True)
    instance_id = UUID(null=True, default=None)
    token = BigInt()
    index = SmallInt()
    definition_hash = Text(null=True, default=None)
    element = Text()
    kind = Text()
    name = Text()
    key = Text(null=True, default=None)


class IncidentRow(Table, tablename="engine_incident"):
    """A case that cannot move without a person: names of variables, never their values. `sentence` is the message for
    readers of any language; rows of an earlier version have none.
    """

    id = UUID(primary_key=True)
    case_id = UUID()
    instance_id = UUID()
    token = BigInt()
    procedure = Text()
    department = Text()
    element = Text()
    kind = Text()
    message = Text()
    variables = Array(base_column=Text())
    opened_at = Timestamptz(default=None)
    resolved_at = Timestamptz(null=True, default=None)
    resolved_by_name = Text(null=True, default=None)
    sentence = JSONB(null=True, default=None)


class HistoryRow(Table, tablename="engine_history"):
    """Append-only: elements entered and left, variables written, decisions traced."""

    id = BigSerial(primary_key=True)
    case_id = UUID()
    instance_id = UUID()
    token = BigInt(null=True, default=None)
    happened = Text()
    element = Text(null=True, default=None)
    name = Text(null=True, default=None)
    kind = Text(null=True, default=None)
    at = Timestamptz(default=None)
    actor_name = Text()
    details = JSONB()


class JournalRow(Table, tablename="engine_journal"):
    """Append-only facts of a case, for people: (message id, parameters). `public` facts may be shown to the citizen."""

    id = BigSerial(primary_key=True)
    case_id = UUID()
    at = Timestamptz(default=None)
    actor_kind = Text()
    actor_id = UUID(null=True, default=None)
    actor_name = Text()
    fact = Text()
    parameters = JSONB()
    public = Boolean()


class MessageRow(Table, tablename="engine_message"):
    """A published message: buffered until `expires_at` when nobody waited; `message_id` deduplicates."""

    id = BigSerial(primary_key=True)
    name = Text()
    key = Text(null=True, default=None)
    message_id = Text(null=True, default=None)
    variables = JSONB()
    published_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    consumed_at = Timestamptz(null=True, default=None)


class HeldRow(Table, tablename="engine_held"):
    """A command that reached a suspended instance; carried, in order, when it is resumed."""

    id = BigSerial(primary_key=True)
    instance_id = UUID()
    command = Bytea()
    actor = JSONB()
    held_at = Timestamptz(default=None)


class BatchRow(Table, tablename="engine_batch"):
    """What an administrator has asked for many instances at once."""

    id = UUID(primary_key=True)
    kind = Text()
    procedure = Text(null=True, default=None)
    parameters = JSONB()
    reason = Text()
    actor = JSONB()
    state = Text()
    begun_at = Timestamptz(default=None)
    finished_at = Timestamptz(null=True, default=None)


class BatchItemRow(Table, tablename="engine_batch_item"):
    """One instance of a batch, and what has become of it. The key is (batch, instance)."""

    batch_id = UUID(primary_key=True)
    instance_id = UUID()
    state = Text()
    obstacles = JSONB()
    at = Timestamptz(null=True, default=None)


TABLES: list[type[Table]] = [
    DeploymentRow,
    CaseRow,
    SubmissionRow,
    InstanceRow,
    TaskRow,
    JobRow,
    TimerRow,
    SubscriptionRow,
    IncidentRow,
    HistoryRow,
    JournalRow,
    MessageRow,
    HeldRow,
    BatchRow,
    BatchItemRow,
]
