"""Decisions: definitions of every version, and their files. `evaluating` asks them, `decided` tells what they said."""

from typing import Any

from litestar import MediaType, Request, Response, get, post

from api import parts
from api.errors import NothingHere
from api.filters import Field
from api.guards import client_of, scoped
from api.orchestration import lookups
from api.orchestration.lookups import LATEST, TENANT_FIELD
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from engine import deployments

DEFINITIONS = Resource(
    columns="""p.key, p.part, p.title, p.version, p.detail, p.definition_hash, r.key AS requirements_key,
        r.part AS requirements_id, r.title AS requirements_title, r.version AS requirements_version""",
    source="api_part p LEFT JOIN api_part r ON r.key = p.parent",
    always="p.kind = 'decision'",
    procedure="p.slug",
    key="decisionDefinitionKey",
    fields={
        "decisionDefinitionKey": Field("p.key", "key"),
        "decisionDefinitionId": Field("p.part"),
        "name": Field("p.title"),
        "version": Field("p.version", "number"),
        "decisionRequirementsId": Field("r.part"),
        "decisionRequirementsKey": Field("r.key", "key"),
        "decisionRequirementsName": Field("r.title"),
        "decisionRequirementsVersion": Field("r.version", "number"),
        "isLatestVersion": Field(LATEST, "flag"),
        "tenantId": TENANT_FIELD,
    },
)


REQUIREMENTS = Resource(
    columns="p.key, p.part, p.title, p.version, p.resource, p.definition_hash",
    source="api_part p",
    always="p.kind = 'requirements'",
    procedure="p.slug",
    key="decisionRequirementsKey",
    fields={
        "decisionRequirementsKey": Field("p.key", "key"),
        "decisionRequirementsId": Field("p.part"),
        "decisionRequirementsName": Field("p.title"),
        "version": Field("p.version", "number"),
        "resourceName": Field("p.resource"),
        "tenantId": TENANT_FIELD,
    },
)


class DecisionDefinition(Shape, frozen=True, kw_only=True):
    """A decision of one deployed version."""

    decision_definition_id: str
    decision_definition_key: str
    decision_requirements_id: str
    decision_requirements_key: str
    decision_requirements_name: str
    decision_requirements_version: int
    name: str
    tenant_id: str = TENANT
    version: int


class DecisionDefinitions(Shape, frozen=True, kw_only=True):
    """A page of decisions."""

    items: list[DecisionDefinition]
    page: PageInfo


class DecisionRequirements(Shape, frozen=True, kw_only=True):
    """A DMN file of one deployed version."""

    decision_requirements_id: str
    decision_requirements_key: str
    decision_requirements_name: str
    resource_name: str
    tenant_id: str = TENANT
    version: int


class FoundRequirements(Shape, frozen=True, kw_only=True):
    """A page of DMN files."""

    items: list[DecisionRequirements]
    page: PageInfo


@post("/v2/decision-definitions/search", guards=[scoped("read")], status_code=200, tags=["decisions"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> DecisionDefinitions:
    """Decisions of all versions."""
    await parts.refresh()
    found = await lookups.search(DEFINITIONS, data or Query(), client_of(request))
    return DecisionDefinitions(items=[read(record) for record in found.found], page=found.page)


@get("/v2/decision-definitions/{decision_definition_key:str}", guards=[scoped("read")], tags=["decisions"])
async def get_one(request: Request[Any, Any, Any], decision_definition_key: str) -> DecisionDefinition:
    """One decision."""
    await parts.refresh()
    return read(await lookups.get(DEFINITIONS, decision_definition_key, client_of(request)))


@get(
    "/v2/decision-definitions/{decision_definition_key:str}/xml",
    guards=[scoped("read")],
    media_type=MediaType.XML,
    tags=["decisions"],
)
async def xml(request: Request[Any, Any, Any], decision_definition_key: str) -> Response[bytes]:
    """The file of a decision as it was deployed."""
    await parts.refresh()
    return await _file("decision", await lookups.get(DEFINITIONS, decision_definition_key, client_of(request)))


@post("/v2/decision-requirements/search", guards=[scoped("read")], status_code=200, tags=["decisions"])
async def requirements(request: Request[Any, Any, Any], data: Query | None = None) -> FoundRequirements:
    """DMN files of all versions."""
    await parts.refresh()
    found = await lookups.search(REQUIREMENTS, data or Query(), client_of(request))
    return FoundRequirements(items=[read_requirements(record) for record in found.found], page=found.page)


@get("/v2/decision-requirements/{decision_requirements_key:str}", guards=[scoped("read")], tags=["decisions"])
async def get_requirements(request: Request[Any, Any, Any], decision_requirements_key: str) -> DecisionRequirements:
    """One DMN file."""
    await parts.refresh()
    return read_requirements(await lookups.get(REQUIREMENTS, decision_requirements_key, client_of(request)))


@get(
    "/v2/decision-requirements/{decision_requirements_key:str}/xml",
    guards=[scoped("read")],
    media_type=MediaType.XML,
    tags=["decisions"],
)
async def requirements_xml(request: Request[Any, Any, Any], decision_requirements_key: str) -> Response[bytes]:
    """A DMN file as it was deployed."""
    await parts.refresh()
    return await _file("requirements", await lookups.get(REQUIREMENTS, decision_requirements_key, client_of(request)))


async def _file(kind: str, record: Any) -> Response[bytes]:
    definition = await deployments.definition_of(record["definition_hash"])
    part = await parts.of_version(kind, record["part"], record["definition_hash"])
    if part is None:
        raise NothingHere
    return Response(definition.decision_sources[part.resource], media_type="text/xml")


def read(record: Any) -> DecisionDefinition:
    """A row as clients read it."""
    return DecisionDefinition(
        decision_definition_id=record["part"],
        decision_definition_key=str(record["key"]),
        decision_requirements_id=record["requirements_id"] or record["part"],
        decision_requirements_key=str(record["requirements_key"] or 0),
        decision_requirements_name=record["requirements_title"] or record["title"],
        decision_requirements_version=record["requirements_version"] or record["version"],
        name=record["title"],
        version=record["version"],
    )


def read_requirements(record: Any) -> DecisionRequirements:
    """A row as clients read it."""
    return DecisionRequirements(
        decision_requirements_id=record["part"],
        decision_requirements_key=str(record["key"]),
        decision_requirements_name=record["title"],
        resource_name=record["resource"],
        version=record["version"],
    )


HANDLERS = [search, get_one, xml, requirements, get_requirements, requirements_xml]
