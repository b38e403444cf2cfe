"""Piccolo tables of the desk. What Piccolo cannot say (exclusion, ranges, partial indexes) is in the hand-written
migrations.

Names of tables start with `desk_`. Ranges of time are read as text here and handled by the statements of
`desk.bookings`.
"""

from piccolo.columns import (
    JSONB,
    UUID,
    Array,
    BigSerial,
    Boolean,
    DoublePrecision,
    Integer,
    SmallInt,
    Text,
    Time,
    Timestamptz,
)
from piccolo.table import Table


class DraftRow(Table, tablename="desk_draft"):
    """Unfinished answers. `browser` is the SHA-256 of the browser's token, never the token."""

    id = UUID(primary_key=True)
    procedure = Text()
    definition_hash = Text()
    form = Text()
    origin = Text()
    language = Text()
    browser = Text(null=True, default=None)
    person_id = UUID(null=True, default=None)
    answers = JSONB()
    pages_done = Array(base_column=Text())
    page = Text(null=True, default=None)
    created_at = Timestamptz(default=None)
    saved_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    case_id = UUID(null=True, default=None)


class AttachmentRow(Table, tablename="desk_attachment"):
    """A received file. Without draft and without case it is an orphan, to be purged with its bytes."""

    id = UUID(primary_key=True)
    draft_id = UUID(null=True, default=None)
    case_id = UUID(null=True, default=None)
    field = Text()
    name = Text()
    media_type = Text()
    size = Integer()
    sha256 = Text()
    file_key = Text(unique=True)
    received_at = Timestamptz(default=None)
    scan = Text(default="none")
    scanned_at = Timestamptz(null=True, default=None)


class DocumentRow(Table, tablename="desk_document"):
    """An issued file; `key` is the job that issued it."""

    id = UUID(primary_key=True)
    case_id = UUID(null=True, default=None)
    key = Text(unique=True)
    title = Text()
    name = Text()
    media_type = Text()
    size = Integer()
    sha256 = Text()
    file_key = Text(unique=True)
    public = Boolean()
    issued_at = Timestamptz(default=None)
    number = Text(null=True, default=None, unique=True)
    content_sha256 = Text(null=True, default=None)
    check_digest = Text(null=True, default=None, unique=True)
    seal = Text(null=True, default=None)


class RegisterRow(Table, tablename="desk_register"):
    """The last number of a kind of documents in a year."""

    id = Text(primary_key=True)
    kind = Text()
    year = SmallInt()
    last = Integer()


class NumberRow(Table, tablename="desk_number"):
    """A number taken by a job (`key`); it outlives its case."""

    key = Text(primary_key=True)
    kind = Text()
    year = SmallInt()
    number = Integer()
    case_id = UUID(null=True, default=None)
    taken_at = Timestamptz(default=None)


class ExchangeRow(Table, tablename="desk_exchange"):
    """Words of one side of a case."""

    id = UUID(primary_key=True)
    case_id = UUID()
    key = Text(null=True, default=None, unique=True)
    side = Text()
    author = Text()
    author_id = UUID(null=True, default=None)
    words = Text()
    attachments = Array(base_column=UUID())
    posted_at = Timestamptz(default=None)
    read_at = Timestamptz(null=True, default=None)


class ResourceRow(Table, tablename="desk_resource"):
    """Something that can be booked."""

    slug = Text(primary_key=True)
    name = JSONB()
    description = JSONB()
    place = Text()
    capacity = Integer(null=True, default=None)
    equipment = Array(base_column=Text())
    active = Boolean()
    changed_at = Timestamptz(default=None)
    before_minutes = SmallInt()
    after_minutes = SmallInt()


class OpeningRow(Table, tablename="desk_opening"):
    """A slot offered every week; its times (columns `opens`, `closes`) are local."""

    id = BigSerial(primary_key=True)
    resource = Text()
    weekday = SmallInt()
    opens = Time(default=None)
    closes = Time(default=None)
    label = Text()


class ClosureRow(Table, tablename="desk_closure"):
    """A span in which nothing can be booked. Column `during` is a tstzrange."""

    id = UUID(primary_key=True)
    resource = Text()
    during = Text()
    reason = Text()
    made_at = Timestamptz(default=None)


class BookingRow(Table, tablename="desk_booking"):
    """A span that is taken. `during` and `kept` (with the time around it) are tstzranges; the exclusion constraint
    `desk_booking_alone` guards them."""

    id = UUID(primary_key=True)
    resource = Text()
    during = Text()
    label = Text()
    state = Text()
    draft_id = UUID(null=True, default=None)
    case_id = UUID(null=True, default=None)
    job_id = UUID(null=True, default=None, unique=True)
    held_until = Timestamptz(null=True, default=None)
    made_at = Timestamptz(default=None)
    changed_at = Timestamptz(default=None)
    season_id = UUID(null=True, default=None)
    kept = Text(null=True, default=None)


class SeasonRow(Table, tablename="desk_season"):
    """A rule by which a case has a resource again and again; each date is a booking. `refused`: the dates it did not
    get."""

    id = UUID(primary_key=True)
    resource = Text()
    case_id = UUID()
    job_id = UUID(null=True, default=None, unique=True)
    rule = Text()
    begins_at = Timestamptz(default=None)
    ends_at = Timestamptz(default=None)
    refused = JSONB()
    made_at = Timestamptz(default=None)


class WaitingRow(Table, tablename="desk_waiting"):
    """A case in line for a span that somebody else has. Column `during` is a tstzrange."""

    id = UUID(primary_key=True)
    resource = Text()
    during = Text()
    wanted = Text()
    case_id = UUID()
    job_id = UUID(unique=True)
    state = Text()
    asked_at = Timestamptz(default=None)
    served_at = Timestamptz(null=True, default=None)
    told_at = Timestamptz(null=True, default=None)


class InvitationRow(Table, tablename="desk_invitation"):
    """An invitation to answer a survey. Only the token's SHA-256 is kept."""

    id = UUID(primary_key=True)
    case_id = UUID()
    procedure = Text()
    definition_hash = Text()
    key = Text(unique=True)
    token = Text(unique=True)
    question = JSONB()
    scale = Text()
    language = Text()
    invited_at = Timestamptz(default=None)
    expires_at = Timestamptz(default=None)
    measure = Text()
    element_id = Text()


class MailingRow(Table, tablename="desk_mailing"):
    """A letter about a survey that leaves later; `asked` is emptied once it is dealt with."""

    id = UUID(primary_key=True)
    case_id = UUID()
    key = Text()
    kind = Text()
    asked = JSONB()
    state = Text()
    reason = Text()
    planned_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    done_at = Timestamptz(null=True, default=None)


class SurveyAnswerRow(Table, tablename="desk_survey_answer"):
    """The one answer to an invitation."""

    invitation_id = UUID(primary_key=True)
    case_id = UUID()
    procedure = Text()
    score = SmallInt()
    comment = Text()
    answered_at = Timestamptz(default=None)
    dimensions = JSONB()


class ReportRow(Table, tablename="desk_report"):
    """Where a case reports something. `original` is the case it repeats; originals never point further."""

    case_id = UUID(primary_key=True)
    procedure = Text()
    category = Text()
    place = Text()
    latitude = DoublePrecision()
    longitude = DoublePrecision()
    filed_at = Timestamptz(default=None)
    original = UUID(null=True, default=None)


class FollowerRow(Table, tablename="desk_follower"):
    """Somebody who said "me too" about a report; `key` is hashed. Told once, when the report is closed."""

    id = UUID(primary_key=True)
    case_id = UUID()
    key = Text()
    email = Text(null=True, default=None)
    language = Text()
    followed_at = Timestamptz(default=None)
    told_at = Timestamptz(null=True, default=None)


class NotificationRow(Table, tablename="desk_notification"):
    """Something the platform writes by mail: waiting until `sent_at` or `given_up_at`."""

    id = UUID(primary_key=True)
    key = Text(unique=True)
    kind = Text()
    case_id = UUID(null=True, default=None)
    recipient = Text()
    language = Text()
    parameters = JSONB()
    attempts = SmallInt()
    enqueued_at = Timestamptz(default=None)
    due_at = Timestamptz(default=None)
    sent_at = Timestamptz(null=True, default=None)
    given_up_at = Timestamptz(null=True, default=None)
    draft_id = UUID(null=True, default=None)


class ErrandRow(Table, tablename="desk_errand"):
    """Something done outside the database (a mail accepted by the server), by the id of its job."""

    key = Text(primary_key=True)
    done_at = Timestamptz(default=None)


TABLES: list[type[Table]] = [
    DraftRow,
    AttachmentRow,
    DocumentRow,
    RegisterRow,
    NumberRow,
    ExchangeRow,
    ResourceRow,
    OpeningRow,
    ClosureRow,
    SeasonRow,
    BookingRow,
    WaitingRow,
    InvitationRow,
    MailingRow,
    SurveyAnswerRow,
    ReportRow,
    FollowerRow,
    NotificationRow,
    ErrandRow,
]
