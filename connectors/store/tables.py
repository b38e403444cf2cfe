"""Piccolo tables of the connectors. What Piccolo cannot say (checks, indexes) is in the hand-written migration."""

from piccolo.columns import JSONB, UUID, Array, BigInt, Boolean, Bytea, DoublePrecision, Integer, Text, Timestamptz
from piccolo.table import Table


class ConnectionRow(Table, tablename="connectors_connection"):
    """A connector's settings in this town; `secrets` is encrypted, `key_id` names the key."""

    slug = Text(primary_key=True)
    kind = Text()
    title = Text()
    given = JSONB()
    secrets = Bytea()
    key_id = Text()
    hosts = Array(base_column=Text())
    concurrency = Integer()
    per_minute = Integer()
    active = Boolean()
    tested_at = Timestamptz(null=True, default=None)
    tested_well = Boolean(null=True, default=None)
    tested_said = Text()
    changed_at = Timestamptz(default=None)
    changed_by_name = Text()


class GaugeRow(Table, tablename="connectors_gauge"):
    """How a connection fares now: failures in a row, until when it rests, calls it may still make this minute."""

    connection = Text(primary_key=True)
    failures = Integer()
    down_since = Timestamptz(null=True, default=None)
    rests_until = Timestamptz(null=True, default=None)
    reason = Text()
    failed_at = Timestamptz(null=True, default=None)
    tokens = DoublePrecision()
    counted_at = Timestamptz(default=None)


class RunningRow(Table, tablename="connectors_running"):
    """A job that is calling through a connection now; one whose time is over died and counts no more."""

    job_id = UUID(primary_key=True)
    connection = Text()
    until = Timestamptz(default=None)


class TriesRow(Table, tablename="connectors_tries"):
    """How often a job that is not over has called: its leases while the connection rests do not count."""

    job_id = UUID(primary_key=True)
    tries = Integer()
    tried_at = Timestamptz(default=None)


class UsageRow(Table, tablename="connectors_usage"):
    """Calls of a connection in one hour, by outcome."""

    connection = Text(primary_key=True)
    hour = Timestamptz(default=None)
    done = Integer()
    refused = Integer()
    failed = Integer()
    postponed = Integer()
    milliseconds = BigInt()


class TemplateRow(Table, tablename="connectors_template"):
    """A connector without code, added by an administrator."""

    job_type = Text(primary_key=True)
    document = JSONB()
    active = Boolean()
    changed_at = Timestamptz(default=None)
    changed_by_name = Text()


class ReceivedRow(Table, tablename="connectors_received"):
    """A message received by webhook, by its id: a replay changes nothing."""

    connection = Text(primary_key=True)
    message_id = Text()
    received_at = Timestamptz(default=None)


class SmsRow(Table, tablename="connectors_sms"):
    """A short message that left; `person` is a keyed hash of the number."""

    job_id = UUID(primary_key=True)
    connection = Text()
    person = Text()
    segments = Integer()
    millicents = Integer()
    sent_at = Timestamptz(default=None)


TABLES: list[type[Table]] = [ConnectionRow, GaugeRow, RunningRow, TriesRow, UsageRow, TemplateRow, ReceivedRow, SmsRow]
