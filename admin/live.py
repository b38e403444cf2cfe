"""Live: the diagram of a version with what waits at each element, and the cases behind every number."""

from typing import Any
from uuid import UUID

from litestar import Response, get

from admin.editing import EDITOR_POLICY
from admin.store.waiting import late_by_element, waiting_cases
from engine import deployments, figures
from engine.deployments import Deployment
from web.pages import guards
from web.pages.assets import built
from web.pages.layout import AnyRequest, page
from web.pages.visit import visit_of


@get("/admin/versions/{deployment_id:uuid}/schema", guards=[guards.administrator])
async def diagram(request: AnyRequest, deployment_id: UUID) -> Response[Any]:
    """The diagram; a table beside it says the same to who cannot see it."""
    deployment = await deployments.get(deployment_id)
    definition = await deployments.definition_of(deployment.hash)
    counts = await counts_of(request, deployment)
    names = {element.id: element.name or element.id for element in definition.elements.values()}
    editor = {
        "language": visit_of(request).language,
        "file": f"/admin/versions/{deployment_id}/schema.bpmn",
        "figures": f"/admin/versions/{deployment_id}/chiffres",
        "cases": f"/admin/versions/{deployment_id}/dossiers",
        "counts": counts,
    }
    drawn = page(
        request, "admin/live.html", deployment=deployment, counts=counts, names=names, built=built, editor=editor
    )
    drawn.headers["content-security-policy"] = EDITOR_POLICY
    return drawn


@get("/admin/versions/{deployment_id:uuid}/schema.bpmn", guards=[guards.administrator])
async def source(deployment_id: UUID) -> Response[bytes]:
    """The diagram's file."""
    deployment = await deployments.get(deployment_id)
    definition = await deployments.definition_of(deployment.hash)
    xml = definition.source_xml(definition.main_process)
    return Response(xml, media_type="application/xml", headers={"content-disposition": "attachment"})


@get("/admin/versions/{deployment_id:uuid}/chiffres", guards=[guards.administrator])
async def counts(request: AnyRequest, deployment_id: UUID) -> dict[str, dict[str, int]]:
    """The counts, asked again by the page every ten seconds."""
    return await counts_of(request, await deployments.get(deployment_id))


@get("/admin/versions/{deployment_id:uuid}/dossiers", guards=[guards.administrator])
async def behind(request: AnyRequest, deployment_id: UUID, element: str = "") -> Response[Any]:
    """The cases that wait at an element."""
    deployment = await deployments.get(deployment_id)
    definition = await deployments.definition_of(deployment.hash)
    found = await waiting_cases(deployment.hash, element)
    known = definition.elements.get(element)
    return page(request, "admin/waiting.html", deployment=deployment, element=known, found=found)


async def counts_of(request: AnyRequest, deployment: Deployment) -> dict[str, dict[str, int]]:
    """What waits at each element: open, of which late, and blocked."""
    late = await late_by_element(deployment.hash, visit_of(request).now)
    return {
        one.element: {
            "open": max(one.tasks, one.jobs, one.timers, one.messages),
            "late": late.get(one.element, 0),
            "incidents": one.incidents,
        }
        for one in await figures.waiting_by_element(deployment.hash)
    }


HANDLERS = [diagram, source, counts, behind]
