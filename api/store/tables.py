"""Piccolo tables of the API; the hand-written migrations hold what Piccolo cannot say."""

from piccolo.columns import JSONB, UUID, Array, BigInt, BigSerial, Boolean, Bytea, Integer, SmallInt, Text, Timestamptz
from piccolo.table import Table


class PartRow(Table, tablename="api_part"):
    """A process, decision, set of decisions or form of one deployed version, with the key clients know it by."""

    key = BigInt(primary_key=True)
    deployment_id = UUID()
    definition_hash = Text()
    slug = Text()
    kind = Text()
    part = Text()
    title = Text()
    resource = Text()
    version = Integer()
    parent = BigInt(null=True, default=None)
    detail = Text(null=True, default=None)


class VariableKeyRow(Table, tablename="api_variable_key"):
    """The key of one variable of one scope, given when somebody first asks for it."""

    key = BigSerial(primary_key=True)
    instance_id = UUID()
    scope = Integer()
    name = Text()


class AnswerRow(Table, tablename="api_answer"):
    """The answer a request with an idempotency key received; a repeat receives it again."""

    client_id = UUID()
    key = Text(primary_key=True)
    fingerprint = Bytea()
    status = SmallInt()
    media_type = Text()
    body = Bytea()
    at = Timestamptz(default=None)


class EvaluationRow(Table, tablename="api_evaluation"):
    """What a decision said on request, with its trace as the history of a case would hold it."""

    key = BigInt(primary_key=True)
    definition_hash = Text()
    at = Timestamptz(default=None)
    failure = Text(null=True, default=None)
    details = JSONB()


class WebhookRow(Table, tablename="api_webhook"):
    """Where a client is told of what happens. `claim` counts who has told it; the last one alone may go on."""

    id = UUID(primary_key=True)
    client_id = UUID()
    url = Text()
    events = Array(base_column=Text())
    position = BigInt()
    state = Text()
    failures = Integer()
    reason = Text()
    due_at = Timestamptz(default=None)
    claim = BigInt()
    created_at = Timestamptz(default=None)


class DeliveryRow(Table, tablename="api_delivery"):
    """One try to tell a webhook one fact."""

    id = BigSerial(primary_key=True)
    webhook_id = UUID()
    event_id = BigInt()
    event = Text()
    attempt = Integer()
    delivered = Boolean()
    status = Integer(null=True, default=None)
    reason = Text()
    at = Timestamptz(default=None)


TABLES: list[type[Table]] = [PartRow, VariableKeyRow, AnswerRow, EvaluationRow, WebhookRow, DeliveryRow]
