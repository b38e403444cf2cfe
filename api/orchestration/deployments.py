"""Deployments: diagrams, decisions and forms sent as one multipart request; and what has been deployed."""

from collections.abc import Mapping
from typing import Any

from litestar import MediaType, Request, Response, get, post
from litestar.datastructures import UploadFile

from api import parts
from api.deploying import deploy
from api.errors import InvalidArgument
from api.filters import Field
from api.guards import actor_of, client_of, scoped
from api.house import now_of
from api.keys import key_of
from api.orchestration import lookups
from api.orchestration.lookups import TENANT_FIELD
from api.parts import Part
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from engine import deployments

LARGEST = 25 * 1024 * 1024

RESOURCES = Resource(
    columns="p.key, p.part, p.kind, p.resource, p.version, p.definition_hash, p.deployment_id",
    source="api_part p",
    always="p.kind <> 'decision'",
    procedure="p.slug",
    key="resourceKey",
    fields={
        "resourceKey": Field("p.key", "key"),
        "resourceId": Field("p.part"),
        "resourceName": Field("p.resource"),
        "version": Field("p.version", "number"),
        "versionTag": Field("NULL::text"),
        "deploymentKey": Field("p.deployment_id", "id"),
        "tenantId": TENANT_FIELD,
    },
)


class DeployedProcess(Shape, frozen=True, kw_only=True):
    """A process that was deployed."""

    process_definition_id: str
    process_definition_version: int
    resource_name: str
    tenant_id: str = TENANT
    process_definition_key: str


class DeployedDecision(Shape, frozen=True, kw_only=True):
    """A decision that was deployed."""

    decision_definition_id: str
    version: int
    name: str
    tenant_id: str = TENANT
    decision_requirements_id: str
    decision_definition_key: str
    decision_requirements_key: str


class DeployedRequirements(Shape, frozen=True, kw_only=True):
    """A DMN file that was deployed."""

    decision_requirements_id: str
    decision_requirements_name: str
    version: int
    resource_name: str
    tenant_id: str = TENANT
    decision_requirements_key: str


class DeployedForm(Shape, frozen=True, kw_only=True):
    """A form that was deployed."""

    form_id: str
    version: int
    resource_name: str
    tenant_id: str = TENANT
    form_key: str


class Deployed(Shape, frozen=True, kw_only=True):
    """One part of what was deployed: one of these is given."""

    process_definition: DeployedProcess | None = None
    decision_definition: DeployedDecision | None = None
    decision_requirements: DeployedRequirements | None = None
    form: DeployedForm | None = None
    resource: None = None


class DeploymentResult(Shape, frozen=True, kw_only=True):
    """The versions that are in service now. The same content again is the same version."""

    deployment_key: str
    tenant_id: str = TENANT
    deployments: list[Deployed]


class FoundResource(Shape, frozen=True, kw_only=True):
    """A file of a deployed version."""

    resource_name: str
    version: int
    version_tag: str | None = None
    resource_id: str
    tenant_id: str = TENANT
    resource_key: str


class FoundResources(Shape, frozen=True, kw_only=True):
    """A page of files."""

    items: list[FoundResource]
    page: PageInfo


@post(
    "/v2/deployments",
    guards=[scoped("deploy")],
    status_code=200,
    request_max_body_size=LARGEST,
    tags=["deployments"],
)
async def create(request: Request[Any, Any, Any]) -> DeploymentResult:
    """Put files in service (multipart, parts named `resources`): .bpmn, .dmn, .form, or a .zip bundle of Parvis.

    All of them or none; what the deploy gate refuses is told with every reason.
    """
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        raise InvalidArgument("Expected a multipart/form-data request with parts named “resources”.")
    client = client_of(request)
    made = await deploy(await _files(request), client, actor_of(request), now_of(request))
    listed = [part for each in made for part in await parts.of_deployment(each)]
    by_key = {part.key: part for part in listed}
    return DeploymentResult(deployment_key=key_of(made[0].id), deployments=[_told(part, by_key) for part in listed])


@post("/v2/resources/search", guards=[scoped("read")], status_code=200, tags=["deployments"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> FoundResources:
    """Files of deployed versions: diagrams, decisions and forms."""
    await parts.refresh()
    found = await lookups.search(RESOURCES, data or Query(), client_of(request))
    return FoundResources(items=[read(record) for record in found.found], page=found.page)


@get("/v2/resources/{resource_key:str}", guards=[scoped("read")], tags=["deployments"])
async def get_one(request: Request[Any, Any, Any], resource_key: str) -> FoundResource:
    """One file, without its content."""
    await parts.refresh()
    return read(await lookups.get(RESOURCES, resource_key, client_of(request)))


@get(
    "/v2/resources/{resource_key:str}/content", guards=[scoped("read")], media_type=MediaType.TEXT, tags=["deployments"]
)
async def content(request: Request[Any, Any, Any], resource_key: str) -> Response[bytes]:
    """The content of one file."""
    await parts.refresh()
    record = await lookups.get(RESOURCES, resource_key, client_of(request))
    bundle = await deployments.bundle_of(record["definition_hash"])
    kind = "application/json" if record["resource"].endswith(".json") else "text/xml"
    return Response(bundle.files[record["resource"]], media_type=kind)


async def _files(request: Request[Any, Any, Any]) -> dict[str, bytes]:
    form = await request.form()
    found: dict[str, bytes] = {}
    for _, part in form.multi_items():
        if isinstance(part, UploadFile):
            if part.filename in found:
                raise InvalidArgument(f"Two files are named “{part.filename[:80]}”.")
            found[part.filename] = await part.read()
    return found


def _told(part: Part, by_key: Mapping[int, Part]) -> Deployed:
    match part.kind:
        case "process":
            process = DeployedProcess(
                process_definition_id=part.part,
                process_definition_version=part.version,
                resource_name=part.resource,
                process_definition_key=str(part.key),
            )
            return Deployed(process_definition=process)
        case "decision":
            above = by_key.get(part.parent or 0, part)
            decision = DeployedDecision(
                decision_definition_id=part.part,
                version=part.version,
                name=part.title,
                decision_requirements_id=above.part,
                decision_definition_key=str(part.key),
                decision_requirements_key=str(above.key),
            )
            return Deployed(decision_definition=decision)
        case "requirements":
            requirements = DeployedRequirements(
                decision_requirements_id=part.part,
                decision_requirements_name=part.title,
                version=part.version,
                resource_name=part.resource,
                decision_requirements_key=str(part.key),
            )
            return Deployed(decision_requirements=requirements)
        case _:
            form = DeployedForm(
                form_id=part.part, version=part.version, resource_name=part.resource, form_key=str(part.key)
            )
            return Deployed(form=form)


def read(record: Any) -> FoundResource:
    """A row as clients read it."""
    return FoundResource(
        resource_name=record["resource"],
        version=record["version"],
        resource_id=record["part"],
        resource_key=str(record["key"]),
    )


HANDLERS = [create, search, get_one, content]
