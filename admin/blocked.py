"""Blocked: the cases that cannot go on without a person, why, since when, and trying them again once the cause is
mended.
"""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from engine import deployments, incidents
from engine.incidents import Incident
from web.agent.listing import procedure_titles
from web.pages import guards
from web.pages.identifiers import identifier_of
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents that share a reason: mended once, retried together. `steps` names the blocked step of each."""

    message: str
    incidents: list[Incident]
    steps: dict[UUID, str]


@get("/admin/blocages", guards=[guards.administrator])
async def blocked(request: AnyRequest) -> Response[Any]:
    """Open incidents by cause, the most frequent first."""
    return page(
        request,
        "admin/blocked.html",
        causes=await causes_of(await incidents.open_of()),
        titles=await procedure_titles(),
        tried=request.query_params.get("tries", ""),
        left=request.query_params.get("restent", ""),
    )


@post("/admin/blocages/reessayer", guards=[guards.administrator])
async def retry(request: AnyRequest) -> Response[Any]:
    """The chosen incidents are tried again; those whose cause remains stay open."""
    visit, form = visit_of(request), await request.form()
    chosen = [found for value in form.getall("incident", []) if (found := identifier_of(value)) is not None]
    tried = await incidents.resolve_many(chosen, visit.actor(), visit.now)
    left = len(await incidents.open_of())
    return see_other(f"/admin/blocages?tries={tried}&restent={left}")


async def causes_of(found: list[Incident]) -> list[Cause]:
    """Incidents grouped by what must be mended, the most frequent cause first."""
    causes: dict[str, list[Incident]] = {}
    for incident in found:
        causes.setdefault(incident.message, []).append(incident)
    made = [
        Cause(message=message, incidents=same, steps={one.id: await _step(one) for one in same})
        for message, same in causes.items()
    ]
    return sorted(made, key=lambda cause: -len(cause.incidents))


async def _step(incident: Incident) -> str:
    definition = await deployments.definition_of(incident.definition_hash)
    element = definition.elements.get(incident.element)
    return (element.name if element else "") or incident.element


HANDLERS = [blocked, retry]
