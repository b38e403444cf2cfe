"""Incidents: instances that cannot move without a person, and trying them again."""

from datetime import datetime
from typing import Any

from litestar import Request, get, post

from api.errors import NothingHere
from api.filters import Field
from api.guards import actor_of, client_of, scoped
from api.house import now_of
from api.keys import key_of
from api.orchestration import lookups
from api.orchestration.elements import ELEMENTS
from api.orchestration.instances import INSTANCES
from api.orchestration.lookups import ROOT, TENANT_FIELD, case_of, definition_key, element_key, root_key, version_of
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from engine import incidents

TYPES = {
    "job": "JOB_NO_RETRIES",
    "expression": "EXTRACT_VALUE_ERROR",
    "script": "EXTRACT_VALUE_ERROR",
    "no_flow": "CONDITION_ERROR",
    "error": "UNHANDLED_ERROR_EVENT",
    "decision": "DECISION_EVALUATION_ERROR",
}
# What 8.9 knows and Parvis never says: asked for, nothing is found.
NEVER = (
    "AD_HOC_SUB_PROCESS_NO_RETRIES",
    "CALLED_DECISION_ERROR",
    "CALLED_ELEMENT_ERROR",
    "EXECUTION_LISTENER_NO_RETRIES",
    "FORM_NOT_FOUND",
    "IO_MAPPING_ERROR",
    "MESSAGE_SIZE_EXCEEDED",
    "RESOURCE_NOT_FOUND",
    "TASK_LISTENER_NO_RETRIES",
    "UNSPECIFIED",
)
TYPE = case_of("n.kind", TYPES, "UNKNOWN")
STATE = "CASE WHEN n.resolved_at IS NULL THEN 'ACTIVE' ELSE 'RESOLVED' END"
ELEMENT = element_key("n.instance_id", "n.token")
JOB = """(SELECT j.id FROM engine_job j WHERE n.kind = 'job' AND j.instance_id = n.instance_id AND j.token = n.token
    ORDER BY j.id DESC LIMIT 1)"""

INCIDENTS = Resource(
    columns=f"""n.id, n.instance_id, n.element, n.message, n.opened_at, {TYPE} AS type, {STATE} AS state, i.process,
        p.key AS definition_key, {ROOT} AS root_id, {ELEMENT} AS element_key, {JOB} AS job_id""",
    source=f"engine_incident n JOIN engine_instance i ON i.id = n.instance_id{version_of()}",
    procedure="n.procedure",
    key="incidentKey",
    fields={
        "incidentKey": Field("n.id", "id"),
        "processInstanceKey": Field("n.instance_id", "id"),
        "processDefinitionKey": Field("p.key", "key"),
        "processDefinitionId": Field("i.process"),
        "elementId": Field("n.element"),
        "elementInstanceKey": Field(ELEMENT, "key"),
        "jobKey": Field(JOB, "id"),
        "errorType": Field(TYPE, "choice", choices=(*sorted({*TYPES.values(), *NEVER}), "UNKNOWN")),
        "errorMessage": Field("n.message"),
        "state": Field(
            STATE,
            "choice",
            choices=("ACTIVE", "RESOLVED", "MIGRATED", "PENDING", "UNKNOWN"),
            rows_of={"ACTIVE": "n.resolved_at IS NULL", "RESOLVED": "n.resolved_at IS NOT NULL"},
        ),
        "creationTime": Field("n.opened_at", "moment", sort="n.id"),
        "tenantId": TENANT_FIELD,
    },
)


class Incident(Shape, frozen=True, kw_only=True):
    """What is blocked, and why."""

    process_definition_id: str
    error_type: str
    error_message: str
    element_id: str
    creation_time: datetime
    state: str
    tenant_id: str = TENANT
    incident_key: str
    process_definition_key: str
    process_instance_key: str
    root_process_instance_key: str | None
    element_instance_key: str
    job_key: str | None


class Incidents(Shape, frozen=True, kw_only=True):
    """A page of incidents."""

    items: list[Incident]
    page: PageInfo


class Resolution(Shape, frozen=True, kw_only=True):
    """Nothing needs to be said to try again."""

    operation_reference: int | None = None


@post("/v2/incidents/search", guards=[scoped("read")], status_code=200, tags=["incidents"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> Incidents:
    """Incidents, open and resolved."""
    return await _page(request, data or Query())


@post(
    "/v2/process-instances/{process_instance_key:str}/incidents/search",
    guards=[scoped("read")],
    status_code=200,
    tags=["incidents"],
)
async def of_instance(
    request: Request[Any, Any, Any], process_instance_key: str, data: Query | None = None
) -> Incidents:
    """The incidents of an instance."""
    record = await lookups.get(INSTANCES, process_instance_key, client_of(request))
    return await _page(request, data or Query(), f"n.instance_id = '{record['id']}'")


@post(
    "/v2/element-instances/{element_instance_key:str}/incidents/search",
    guards=[scoped("read")],
    status_code=200,
    tags=["incidents"],
)
async def of_element(
    request: Request[Any, Any, Any], element_instance_key: str, data: Query | None = None
) -> Incidents:
    """The incidents of an element instance."""
    record = await lookups.get(ELEMENTS, element_instance_key, client_of(request))
    return await _page(
        request, data or Query(), f"n.instance_id = '{record['instance_id']}'", f"n.token = {record['token']}"
    )


@get("/v2/incidents/{incident_key:str}", guards=[scoped("read")], tags=["incidents"])
async def get_one(request: Request[Any, Any, Any], incident_key: str) -> Incident:
    """One incident."""
    return read(await lookups.get(INCIDENTS, incident_key, client_of(request)))


@post("/v2/incidents/{incident_key:str}/resolution", guards=[scoped("operate")], status_code=204, tags=["incidents"])
async def resolve(request: Request[Any, Any, Any], incident_key: str, data: Resolution | None = None) -> None:
    """Try the blocked element again. When its cause remains, an incident stays open with what is seen now."""
    record = await lookups.get(INCIDENTS, incident_key, client_of(request))
    if not await incidents.resolve(record["id"], actor_of(request), now_of(request)):
        raise NothingHere("The incident is resolved already.")


async def _page(request: Request[Any, Any, Any], query: Query, *also: str) -> Incidents:
    found = await lookups.search(INCIDENTS, query, client_of(request), *also)
    return Incidents(items=[read(record) for record in found.found], page=found.page)


def read(record: Any) -> Incident:
    """A row as clients read it."""
    return Incident(
        process_definition_id=record["process"],
        error_type=record["type"],
        error_message=record["message"],
        element_id=record["element"],
        creation_time=record["opened_at"],
        state=record["state"],
        incident_key=key_of(record["id"]),
        process_definition_key=definition_key(record),
        process_instance_key=key_of(record["instance_id"]),
        root_process_instance_key=root_key(record),
        element_instance_key=lookups.text_key(record["element_key"]),
        job_key=lookups.optional_key(record["job_id"]),
    )


HANDLERS = [search, of_instance, of_element, get_one, resolve]
