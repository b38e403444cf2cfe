"""Element instances: every element entered, from the history; its key is the number of that entry."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post

from api.filters import Field
from api.guards import client_of, scoped
from api.keys import key_of
from api.orchestration import lookups
from api.orchestration.lookups import ROOT, TENANT_FIELD, case_of, definition_key, root_key, version_of
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape

TYPES = {
    "adHocSubProcess": "AD_HOC_SUB_PROCESS",
    "boundaryEvent": "BOUNDARY_EVENT",
    "businessRuleTask": "BUSINESS_RULE_TASK",
    "callActivity": "CALL_ACTIVITY",
    "endEvent": "END_EVENT",
    "eventBasedGateway": "EVENT_BASED_GATEWAY",
    "exclusiveGateway": "EXCLUSIVE_GATEWAY",
    "inclusiveGateway": "INCLUSIVE_GATEWAY",
    "intermediateCatchEvent": "INTERMEDIATE_CATCH_EVENT",
    "intermediateThrowEvent": "INTERMEDIATE_THROW_EVENT",
    "manualTask": "MANUAL_TASK",
    "parallelGateway": "PARALLEL_GATEWAY",
    "receiveTask": "RECEIVE_TASK",
    "scriptTask": "SCRIPT_TASK",
    "sendTask": "SEND_TASK",
    "serviceTask": "SERVICE_TASK",
    "startEvent": "START_EVENT",
    "subProcess": "SUB_PROCESS",
    "task": "TASK",
    "transaction": "SUB_PROCESS",
    "userTask": "USER_TASK",
}
# What 8.9 knows and Parvis never says: asked for, nothing is found.
NEVER = ("AD_HOC_SUB_PROCESS_INNER_INSTANCE", "EVENT_SUB_PROCESS", "MULTI_INSTANCE_BODY", "PROCESS", "SEQUENCE_FLOW")
TYPE = case_of("h.kind", TYPES, "UNKNOWN")
STATE = """CASE WHEN l.at IS NULL AND i.status = 'running' THEN 'ACTIVE'
    WHEN l.at IS NULL OR l.outcome = 'terminated' THEN 'TERMINATED' ELSE 'COMPLETED' END"""
INCIDENT = """(SELECT n.id FROM engine_incident n WHERE n.instance_id = h.instance_id AND n.token = h.token
    AND n.element = h.element AND n.resolved_at IS NULL LIMIT 1)"""
LEFT = """LEFT JOIN LATERAL (SELECT g.at, g.details->>'outcome' AS outcome FROM engine_history g
            WHERE g.instance_id = h.instance_id AND g.token = h.token AND g.element = h.element
            AND g.happened = 'left' AND g.id > h.id ORDER BY g.id LIMIT 1) l ON TRUE"""
STATES = ("ACTIVE", "COMPLETED", "TERMINATED")

ELEMENTS = Resource(
    columns=f"""h.id AS number, h.element, h.name, h.at, coalesce(l.at, i.ended_at) AS left_at, h.instance_id, h.token,
        {STATE} AS state, {TYPE} AS type, {INCIDENT} AS incident_id, i.process, p.key AS definition_key,
        {ROOT} AS root_id""",
    source=f"""engine_history h JOIN engine_instance i ON i.id = h.instance_id{version_of()} {LEFT}""",
    always="h.happened = 'entered'",
    procedure="d.slug",
    key="elementInstanceKey",
    fields={
        "elementInstanceKey": Field("h.id", "key"),
        "processInstanceKey": Field("h.instance_id", "id"),
        "processDefinitionKey": Field("p.key", "key"),
        "processDefinitionId": Field("i.process"),
        "elementId": Field("h.element"),
        "elementName": Field("h.name"),
        "type": Field(TYPE, "choice", choices=(*sorted({*TYPES.values(), *NEVER}), "UNKNOWN")),
        "state": Field(STATE, "choice", choices=STATES),
        "hasIncident": Field(f"({INCIDENT} IS NOT NULL)", "flag"),
        "incidentKey": Field(INCIDENT, "id"),
        "startDate": Field("h.at", "moment"),
        "endDate": Field("coalesce(l.at, i.ended_at)", "moment"),
        "tenantId": TENANT_FIELD,
    },
)


class ElementInstance(Shape, frozen=True, kw_only=True):
    """One visit of an element."""

    process_definition_id: str
    start_date: datetime
    end_date: datetime | None
    element_id: str
    element_name: str
    type: str
    state: str
    has_incident: bool
    tenant_id: str = TENANT
    element_instance_key: str
    process_instance_key: str
    root_process_instance_key: str | None
    process_definition_key: str
    incident_key: str | None


class ElementInstances(Shape, frozen=True, kw_only=True):
    """A page of element instances."""

    items: list[ElementInstance]
    page: PageInfo


@post("/v2/element-instances/search", guards=[scoped("read")], status_code=200, tags=["element instances"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> ElementInstances:
    """Element instances, entered and left."""
    found = await lookups.search(ELEMENTS, data or Query(), client_of(request))
    return ElementInstances(items=[read(record) for record in found.found], page=found.page)


@get("/v2/element-instances/{element_instance_key:str}", guards=[scoped("read")], tags=["element instances"])
async def get_one(request: Request[Any, Any, Any], element_instance_key: str) -> ElementInstance:
    """One element instance."""
    return read(await lookups.get(ELEMENTS, element_instance_key, client_of(request)))


def read(record: Any) -> ElementInstance:
    """A row as clients read it."""
    is_over = record["state"] != "ACTIVE"
    return ElementInstance(
        process_definition_id=record["process"],
        start_date=record["at"],
        end_date=record["left_at"] if is_over else None,
        element_id=record["element"],
        element_name=record["name"] or record["element"],
        type=record["type"],
        state=record["state"],
        has_incident=record["incident_id"] is not None,
        element_instance_key=str(record["number"]),
        process_instance_key=key_of(record["instance_id"]),
        root_process_instance_key=root_key(record),
        process_definition_key=definition_key(record),
        incident_key=lookups.optional_key(record["incident_id"]),
    )


HANDLERS = [search, get_one]
