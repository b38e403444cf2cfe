"""Messages and signals: published, correlated, broadcast. What waits for them can be searched."""

from datetime import datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, post

from accounts.clients import Client
from api.errors import AlreadyExists, NothingHere, NotPermitted
from api.filters import Field
from api.guards import actor_of, client_of, scoped
from api.house import now_of
from api.keys import key_of, maybe_key
from api.orchestration import lookups
from api.orchestration.lookups import TENANT_FIELD, element_key
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from api.store import transaction, value
from engine import correlation, messages
from engine.ids import new_id

LONGEST_LIFE = 366 * 86_400_000
HASH = "coalesce(i.definition_hash, s.definition_hash)"
ELEMENT = element_key("s.instance_id", "s.token")
PROCESS = "coalesce(i.process, d.manifest->>'process')"
STATES = ("CREATED", "CORRELATED", "DELETED", "MIGRATED")
TYPE = "CASE WHEN s.instance_id IS NULL THEN 'START_EVENT' ELSE 'PROCESS_EVENT' END"

SUBSCRIPTIONS = Resource(
    columns=f"""s.id, s.instance_id, s.element, s.name, s.key, {TYPE} AS type, {PROCESS} AS process, d.version, d.slug,
        coalesce(i.started_at, d.published_at) AS since, {ELEMENT} AS element_key, p.key AS definition_key, p.title,
        (SELECT r.id FROM engine_instance r WHERE r.case_id = i.case_id AND r.parent_id IS NULL LIMIT 1) AS root_id""",
    source=f"""engine_subscription s LEFT JOIN engine_instance i ON i.id = s.instance_id
        LEFT JOIN engine_deployment d ON d.hash = {HASH}
        LEFT JOIN api_part p ON p.definition_hash = d.hash AND p.kind = 'process' AND p.part = {PROCESS}""",
    always="s.kind = 'message'",
    procedure="d.slug",
    key="messageSubscriptionKey",
    fields={
        "messageSubscriptionKey": Field("s.id", "key"),
        "processInstanceKey": Field("s.instance_id", "id"),
        "processDefinitionKey": Field("p.key", "key"),
        "processDefinitionId": Field(PROCESS),
        "processDefinitionName": Field("p.title"),
        "processDefinitionVersion": Field("d.version", "number"),
        "elementId": Field("s.element"),
        "elementInstanceKey": Field(ELEMENT, "key"),
        "messageName": Field("s.name"),
        "correlationKey": Field("s.key"),
        "messageSubscriptionState": Field(
            "'CREATED'::text", "choice", choices=("CREATED", "CORRELATED", "DELETED", "MIGRATED")
        ),
        "messageSubscriptionType": Field(TYPE, "choice", choices=("PROCESS_EVENT", "START_EVENT")),
        "lastUpdatedDate": Field("coalesce(i.started_at, d.published_at)", "moment"),
        "toolName": Field("NULL::text"),
        "inboundConnectorType": Field("NULL::text"),
        "tenantId": TENANT_FIELD,
    },
)


class Publication(Shape, frozen=True, kw_only=True):
    """A message. `timeToLive` in ms: how long it is kept when nobody waits; `messageId` makes it unique meanwhile."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    correlation_key: Annotated[str, msgspec.Meta(max_length=500)] = ""
    time_to_live: Annotated[int, msgspec.Meta(ge=0, le=LONGEST_LIFE)] = 0
    message_id: Annotated[str, msgspec.Meta(max_length=500)] = ""
    variables: dict[str, Any] = {}
    tenant_id: str = TENANT


class Published(Shape, frozen=True, kw_only=True):
    """The message was taken."""

    tenant_id: str = TENANT
    message_key: str


class Correlation(Shape, frozen=True, kw_only=True):
    """A message that somebody must be waiting for now."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    correlation_key: Annotated[str, msgspec.Meta(max_length=500)] = ""
    variables: dict[str, Any] = {}
    tenant_id: str = TENANT


class Correlated(Shape, frozen=True, kw_only=True):
    """The message and the instance it reached."""

    tenant_id: str = TENANT
    message_key: str
    process_instance_key: str


class Signal(Shape, frozen=True, kw_only=True):
    """A signal for everybody who waits for it."""

    signal_name: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    variables: dict[str, Any] = {}
    tenant_id: str = TENANT


class Broadcast(Shape, frozen=True, kw_only=True):
    """The signal was broadcast."""

    tenant_id: str = TENANT
    signal_key: str


class MessageSubscription(Shape, frozen=True, kw_only=True):
    """Who waits for a message: an element of an instance, or a start event."""

    message_subscription_key: str
    process_definition_id: str
    process_definition_key: str | None
    process_instance_key: str | None
    root_process_instance_key: str | None
    element_id: str
    element_instance_key: str | None
    message_subscription_state: str = "CREATED"
    last_updated_date: datetime
    message_name: str
    correlation_key: str | None
    message_subscription_type: str
    extension_properties: dict[str, str]
    process_definition_name: str | None
    process_definition_version: int | None
    tool_name: str | None = None
    inbound_connector_type: str | None = None
    tenant_id: str = TENANT


class MessageSubscriptions(Shape, frozen=True, kw_only=True):
    """A page of message subscriptions."""

    items: list[MessageSubscription]
    page: PageInfo


@post("/v2/messages/publication", guards=[scoped("messages")], status_code=200, tags=["messages"])
async def publish(request: Request[Any, Any, Any], data: Publication) -> Published:
    """Deliver a message to whoever waits for its name and key, or keep it for its time to live."""
    now, key = now_of(request), data.correlation_key or None
    async with transaction():
        await _check_reach(client_of(request), await correlation.receivers_of_message(data.name, key))
        if data.message_id and await _is_known(data, now):
            raise AlreadyExists("A message of this name, key and id was published before.")
        await messages.publish(
            *(data.name, key, data.variables),
            now=now,
            message_id=data.message_id or None,
            ttl=timedelta(milliseconds=data.time_to_live),
            by=actor_of(request),
        )
    return Published(message_key=key_of(new_id(now)))


@post("/v2/messages/correlation", guards=[scoped("messages")], status_code=200, tags=["messages"])
async def correlate(request: Request[Any, Any, Any], data: Correlation) -> Correlated:
    """Deliver a message now, and tell which instance it reached; 404 when nobody waits for it."""
    now, key = now_of(request), data.correlation_key or None
    async with transaction():
        receivers = await correlation.receivers_of_message(data.name, key)
        await _check_reach(client_of(request), receivers)
        if not await messages.publish(data.name, key, data.variables, now=now, by=actor_of(request)):
            raise NothingHere("Expected somebody to wait for this message, but nobody does.")
        reached = receivers[0].instance_id or await _begun(receivers[0].definition_hash)
    return Correlated(message_key=key_of(new_id(now)), process_instance_key=key_of(reached))


@post("/v2/signals/broadcast", guards=[scoped("messages")], status_code=200, tags=["messages"])
async def broadcast(request: Request[Any, Any, Any], data: Signal) -> Broadcast:
    """Deliver a signal to everybody who waits for it."""
    now = now_of(request)
    async with transaction():
        await _check_reach(client_of(request), await correlation.receivers_of_signal(data.signal_name))
        await messages.broadcast(data.signal_name, data.variables, now=now, by=actor_of(request))
    return Broadcast(signal_key=key_of(new_id(now)))


@post("/v2/message-subscriptions/search", guards=[scoped("read")], status_code=200, tags=["messages"])
async def subscriptions(request: Request[Any, Any, Any], data: Query | None = None) -> MessageSubscriptions:
    """What waits for messages now."""
    found = await lookups.search(SUBSCRIPTIONS, data or Query(), client_of(request))
    return MessageSubscriptions(items=[read(record) for record in found.found], page=found.page)


async def _check_reach(client: Client, receivers: list[correlation.Receiver]) -> None:
    """A client that is kept to some procedures moves no other, and leaves no message for whoever comes."""
    if not client.procedures:
        return
    hashes = [each.definition_hash for each in receivers if each.definition_hash]
    instances = [each.instance_id for each in receivers if each.instance_id]
    beyond = await value(
        """SELECT count(*) FROM engine_deployment d WHERE NOT d.slug = ANY($3::text[]) AND (d.hash = ANY($1::text[])
            OR d.hash IN (SELECT definition_hash FROM engine_instance WHERE id = ANY($2::uuid[])))""",
        *(hashes, instances, list(client.procedures)),
    )
    if beyond or not receivers:
        raise NotPermitted("This message or signal may reach procedures that the API client is kept from.")


async def _is_known(data: Publication, now: datetime) -> bool:
    found = await value(
        """SELECT id FROM engine_message WHERE name = $1 AND key IS NOT DISTINCT FROM $2 AND message_id = $3
            AND expires_at > $4""",
        *(data.name, data.correlation_key or None, data.message_id, now),
    )
    return found is not None


async def _begun(definition_hash: str | None) -> UUID:
    """The instance that a start event of this version has just begun."""
    return await value(
        "SELECT id FROM engine_instance WHERE definition_hash = $1 AND parent_id IS NULL ORDER BY id DESC LIMIT 1",
        definition_hash,
    )


def read(record: Any) -> MessageSubscription:
    """A row as clients read it."""
    return MessageSubscription(
        message_subscription_key=str(record["id"]),
        process_definition_id=record["process"],
        process_definition_key=str(record["definition_key"]) if record["definition_key"] else None,
        process_instance_key=maybe_key(record["instance_id"]),
        root_process_instance_key=maybe_key(record["root_id"]),
        element_id=record["element"],
        element_instance_key=str(record["element_key"]) if record["element_key"] else None,
        last_updated_date=record["since"],
        message_name=record["name"],
        correlation_key=record["key"],
        message_subscription_type=record["type"],
        extension_properties={},
        process_definition_name=record["title"],
        process_definition_version=record["version"],
    )


HANDLERS = [publish, correlate, broadcast, subscriptions]
