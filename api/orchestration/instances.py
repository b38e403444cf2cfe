"""Process instances: searched, looked at, cancelled. `creating` creates them, `operating` changes their course."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, get, post

from api.errors import NothingHere
from api.filters import Field
from api.guards import actor_of, client_of, scoped
from api.house import now_of
from api.keys import key_of
from api.orchestration import elements, lookups
from api.orchestration.elements import LEFT
from api.orchestration.lookups import ROOT, TENANT_FIELD, definition_key, element_key, version_of
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from api.store import rows
from engine import cases, dispatch
from engine.bpmn.errors import NotWaiting
from engine.commands import Cancel
from engine.store.statements import transaction

STATE = "CASE i.status WHEN 'running' THEN 'ACTIVE' WHEN 'completed' THEN 'COMPLETED' ELSE 'TERMINATED' END"
STATES = ("ACTIVE", "COMPLETED", "TERMINATED")
ROWS_OF = {
    "ACTIVE": "i.status = 'running'",
    "COMPLETED": "i.status = 'completed'",
    "TERMINATED": "i.status = 'cancelled'",
}
AT_ELEMENT = (
    f"EXISTS (SELECT FROM engine_history h {LEFT} WHERE h.instance_id = i.id AND h.happened = 'entered' AND {{}})"
)
IN_BATCH = "EXISTS (SELECT FROM engine_batch_item t WHERE t.instance_id = i.id AND {})"
RETRIED = "EXISTS (SELECT FROM engine_job j WHERE j.instance_id = i.id AND j.state = 'queued' AND j.failures > 0)"
BLOCKED = "EXISTS (SELECT FROM engine_incident n WHERE n.instance_id = i.id AND n.resolved_at IS NULL)"
REASON = "Annulée par {client}, par l'API."

INSTANCES = Resource(
    columns=f"""i.id, i.case_id, i.process, i.started_at, i.ended_at, i.parent_id, {STATE} AS state, d.version,
        p.key AS definition_key, p.title, {ROOT} AS root_id, {BLOCKED} AS has_incident,
        c.context->>'businessId' AS business_id, (c.context->'tags')::text AS tags, i.definition_hash,
        {element_key("i.parent_id", "i.parent_token")} AS parent_element""",
    source=f"engine_instance i{version_of()} LEFT JOIN engine_case c ON c.id = i.case_id",
    procedure="d.slug",
    key="processInstanceKey",
    fields={
        "processInstanceKey": Field("i.id", "id"),
        "processDefinitionId": Field("i.process"),
        "processDefinitionName": Field("p.title"),
        "processDefinitionVersion": Field("d.version", "number"),
        "processDefinitionVersionTag": Field("NULL::text"),
        "processDefinitionKey": Field("p.key", "key"),
        "parentProcessInstanceKey": Field("i.parent_id", "id"),
        "parentElementInstanceKey": Field(element_key("i.parent_id", "i.parent_token"), "key"),
        # Ids follow the time at which they were made, and have an index.
        "startDate": Field("i.started_at", "moment", sort="i.id"),
        "endDate": Field("i.ended_at", "moment"),
        "state": Field(STATE, "choice", choices=STATES, rows_of=ROWS_OF),
        "hasIncident": Field(BLOCKED, "flag"),
        "businessId": Field("(c.context->>'businessId')"),
        "tags": Field(lookups.TAGS, "tags"),
        "variables": Field(lookups.variable_of("i.id"), "variables"),
        "hasRetriesLeft": Field(RETRIED, "flag"),
        "batchOperationKey": Field("t.batch_id", "id", within=IN_BATCH),
        "batchOperationId": Field("t.batch_id", "id", within=IN_BATCH),
        "elementId": Field("h.element", within=AT_ELEMENT),
        "elementInstanceState": Field(elements.STATE, "choice", choices=elements.STATES, within=AT_ELEMENT),
        "hasElementInstanceIncident": Field(f"({elements.INCIDENT} IS NOT NULL)", "flag", within=AT_ELEMENT),
        "errorMessage": Field(
            "(SELECT n.message FROM engine_incident n WHERE n.instance_id = i.id AND n.resolved_at IS NULL LIMIT 1)"
        ),
        "tenantId": TENANT_FIELD,
    },
)


class ProcessInstance(Shape, frozen=True, kw_only=True):
    """A running or ended instance. Its root is the case's first instance."""

    process_definition_id: str
    process_definition_name: str | None
    process_definition_version: int
    process_definition_version_tag: str | None = None
    start_date: datetime
    end_date: datetime | None
    state: str
    has_incident: bool
    tenant_id: str = TENANT
    process_instance_key: str
    process_definition_key: str
    parent_process_instance_key: str | None
    parent_element_instance_key: str | None
    root_process_instance_key: str | None
    tags: list[str]
    business_id: str | None


class ProcessInstances(Shape, frozen=True, kw_only=True):
    """A page of process instances."""

    items: list[ProcessInstance]
    page: PageInfo


class Caller(Shape, frozen=True, kw_only=True):
    """One instance on the way from the root to an instance."""

    process_instance_key: str
    process_definition_key: str
    process_definition_name: str


class ElementCount(Shape, frozen=True, kw_only=True):
    """How often an element of an instance is active, was left, was interrupted, is blocked."""

    element_id: str
    active: int
    canceled: int
    incidents: int
    completed: int


class ElementCounts(Shape, frozen=True, kw_only=True):
    """The counts of all elements that were entered."""

    items: list[ElementCount]


@post("/v2/process-instances/search", guards=[scoped("read")], status_code=200, tags=["process instances"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> ProcessInstances:
    """Process instances, running and ended."""
    found = await lookups.search(INSTANCES, data or Query(), client_of(request))
    return ProcessInstances(items=[read(record) for record in found.found], page=found.page)


@get("/v2/process-instances/{process_instance_key:str}", guards=[scoped("read")], tags=["process instances"])
async def get_one(request: Request[Any, Any, Any], process_instance_key: str) -> ProcessInstance:
    """One process instance."""
    return read(await lookups.get(INSTANCES, process_instance_key, client_of(request)))


@get(
    "/v2/process-instances/{process_instance_key:str}/call-hierarchy",
    guards=[scoped("read")],
    tags=["process instances"],
)
async def call_hierarchy(request: Request[Any, Any, Any], process_instance_key: str) -> list[Caller]:
    """The instances that have called one another down to this one, the root first."""
    client, found = client_of(request), []
    record: Any = await lookups.get(INSTANCES, process_instance_key, client)
    while record is not None:
        found.append(
            Caller(
                process_instance_key=key_of(record["id"]),
                process_definition_key=definition_key(record),
                process_definition_name=record["title"] or record["process"],
            )
        )
        parent: UUID | None = record["parent_id"]
        record = await lookups.get(INSTANCES, key_of(parent), client) if parent else None
    return found[::-1]


@get(
    "/v2/process-instances/{process_instance_key:str}/statistics/element-instances",
    guards=[scoped("read")],
    tags=["process instances"],
)
async def element_counts(request: Request[Any, Any, Any], process_instance_key: str) -> ElementCounts:
    """How often each element was entered, and how it went."""
    record = await lookups.get(INSTANCES, process_instance_key, client_of(request))
    found = await rows(
        """SELECT h.element, count(*) FILTER (WHERE h.happened = 'entered') AS entered,
            count(*) FILTER (WHERE h.details->>'outcome' = 'completed') AS completed,
            count(*) FILTER (WHERE h.details->>'outcome' = 'terminated') AS canceled,
            (SELECT count(*) FROM engine_incident n WHERE n.instance_id = $1 AND n.element = h.element
                AND n.resolved_at IS NULL) AS incidents
            FROM engine_history h WHERE h.instance_id = $1 AND h.happened IN ('entered', 'left')
            GROUP BY h.element ORDER BY min(h.id)""",
        record["id"],
    )
    return ElementCounts(
        items=[
            ElementCount(
                element_id=each["element"],
                active=max(each["entered"] - each["completed"] - each["canceled"], 0),
                completed=each["completed"],
                canceled=each["canceled"],
                incidents=each["incidents"],
            )
            for each in found
        ]
    )


@post(
    "/v2/process-instances/{process_instance_key:str}/cancellation",
    guards=[scoped("operate")],
    status_code=204,
    tags=["process instances"],
)
async def cancel(request: Request[Any, Any, Any], process_instance_key: str) -> None:
    """End an instance now. Cancelling a case's first instance cancels the case, and the applicant is told."""
    record = await lookups.get(INSTANCES, process_instance_key, client_of(request))
    if record["state"] != "ACTIVE":
        raise NothingHere("The process instance has ended.")
    await cancel_instance(record, request)


async def cancel_instance(record: Any, request: Request[Any, Any, Any]) -> None:
    """End the instance of a row of `INSTANCES`."""
    by, now = actor_of(request), now_of(request)
    reason = REASON.format(client=by.name)
    if record["parent_id"] is None:
        await cases.cancel(record["case_id"], reason, by, now)
        return
    async with transaction():
        try:
            await dispatch.carry(record["id"], Cancel(reason=reason), by, now)
        except NotWaiting as ended:
            raise NothingHere("The process instance has ended.") from ended


def read(record: Any) -> ProcessInstance:
    """A row as clients read it."""
    tags = msgspec.json.decode(record["tags"]) if record["tags"] else []
    return ProcessInstance(
        process_definition_id=record["process"],
        process_definition_name=record["title"],
        process_definition_version=record["version"] or 0,
        start_date=record["started_at"],
        end_date=record["ended_at"],
        state=record["state"],
        has_incident=record["has_incident"],
        process_instance_key=key_of(record["id"]),
        process_definition_key=definition_key(record),
        parent_process_instance_key=lookups.optional_key(record["parent_id"]),
        parent_element_instance_key=str(record["parent_element"]) if record["parent_element"] else None,
        root_process_instance_key=lookups.optional_key(record["root_id"]),
        tags=[str(tag) for tag in tags or []],
        business_id=record["business_id"],
    )


HANDLERS = [search, get_one, call_hierarchy, element_counts, cancel]
