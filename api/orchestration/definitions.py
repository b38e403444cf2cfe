"""Process definitions: every process of every deployed version, its diagram and its start form."""

from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post

from api import parts
from api.errors import NothingHere
from api.filters import Field
from api.guards import client_of, scoped
from api.orchestration import lookups
from api.orchestration.lookups import LATEST, TENANT_FIELD
from api.parts import Part
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from engine import deployments

DEFINITIONS = Resource(
    columns="p.key, p.part, p.title, p.resource, p.version, p.detail, p.definition_hash",
    source="api_part p",
    always="p.kind = 'process'",
    procedure="p.slug",
    key="processDefinitionKey",
    fields={
        "processDefinitionKey": Field("p.key", "key"),
        "processDefinitionId": Field("p.part"),
        "name": Field("p.title"),
        "resourceName": Field("p.resource"),
        "version": Field("p.version", "number"),
        "versionTag": Field("NULL::text"),
        "hasStartForm": Field("(p.detail IS NOT NULL)", "flag"),
        "isLatestVersion": Field(LATEST, "flag"),
        "tenantId": TENANT_FIELD,
    },
)


class ProcessDefinition(Shape, frozen=True, kw_only=True):
    """A process of one deployed version."""

    name: str | None
    resource_name: str
    version: int
    version_tag: str | None = None
    process_definition_id: str
    tenant_id: str = TENANT
    process_definition_key: str
    has_start_form: bool
    state: str = "ACTIVE"


class ProcessDefinitions(Shape, frozen=True, kw_only=True):
    """A page of process definitions."""

    items: list[ProcessDefinition]
    page: PageInfo


class FormSchema(Shape, frozen=True, kw_only=True):
    """A form. `schema` is its document as text: the form as it was deployed, else its JSON Schema."""

    tenant_id: str = TENANT
    form_id: str
    schema: str
    version: int
    form_key: str


@post("/v2/process-definitions/search", guards=[scoped("read")], status_code=200, tags=["process definitions"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> ProcessDefinitions:
    """Process definitions, of all versions."""
    await parts.refresh()
    found = await lookups.search(DEFINITIONS, data or Query(), client_of(request))
    return ProcessDefinitions(items=[read(record) for record in found.found], page=found.page)


@get("/v2/process-definitions/{process_definition_key:str}", guards=[scoped("read")], tags=["process definitions"])
async def get_one(request: Request[Any, Any, Any], process_definition_key: str) -> ProcessDefinition:
    """One process definition."""
    await parts.refresh()
    return read(await lookups.get(DEFINITIONS, process_definition_key, client_of(request)))


@get(
    "/v2/process-definitions/{process_definition_key:str}/xml",
    guards=[scoped("read")],
    media_type=MediaType.XML,
    tags=["process definitions"],
)
async def xml(request: Request[Any, Any, Any], process_definition_key: str) -> Response[bytes]:
    """The diagram as it was deployed."""
    await parts.refresh()
    found = await lookups.get(DEFINITIONS, process_definition_key, client_of(request))
    definition = await deployments.definition_of(found["definition_hash"])
    return Response(definition.source_xml(found["part"]), media_type="text/xml")


@get("/v2/process-definitions/{process_definition_key:str}/form", guards=[scoped("read")], tags=["process definitions"])
async def form(request: Request[Any, Any, Any], process_definition_key: str) -> Response[FormSchema | None]:
    """The form that starts the process; 204 when it has none."""
    await parts.refresh()
    found = await lookups.get(DEFINITIONS, process_definition_key, client_of(request))
    if found["detail"] is None:
        return Response(None, status_code=204)
    return Response(await form_of(found["definition_hash"], found["detail"]))


async def form_of(definition_hash: str, form: str) -> FormSchema:
    """A form of a version. Raises `NothingHere`."""
    part = await parts.of_version("form", form, definition_hash)
    if part is None:
        raise NothingHere
    return await shown(part)


async def shown(part: Part) -> FormSchema:
    """The document of a form."""
    bundle = await deployments.bundle_of(part.definition_hash)
    original = bundle.files.get(f"forms/{part.part}.original.json")
    schema = original or msgspec.json.encode(bundle.json(part.resource))
    return FormSchema(form_id=part.part, schema=schema.decode(), version=part.version, form_key=str(part.key))


def read(record: Any) -> ProcessDefinition:
    """A row as clients read it."""
    return ProcessDefinition(
        name=record["title"],
        resource_name=record["resource"],
        version=record["version"],
        process_definition_id=record["part"],
        process_definition_key=str(record["key"]),
        has_start_form=record["detail"] is not None,
    )


HANDLERS = [search, get_one, xml, form]
