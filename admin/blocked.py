"""Blocked: the cases that cannot go on without a person, why, since when, and trying them again once the cause is
mended: one, many, or all that share it. Shows the connections that fail, and how much waits behind them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from admin.connections import available
from connectors import admission, connections, whereabouts
from connectors.catalogue import Catalogue
from engine import deployments, incidents
from engine.incidents import Incident
from web.agent.listing import procedure_titles
from web.pages import guards
from web.pages.identifiers import identifier_of
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of


class Cause(msgspec.Struct, frozen=True, kw_only=True):
    """Incidents that share a reason: mended once, retried together. `steps` names the blocked step of each;
    `connection` is the one to mend, when they all use the same."""

    message: str
    incidents: list[Incident]
    steps: dict[UUID, str]
    connection: str | None = None


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """A connection that fails: since when, why, and how many jobs wait for it."""

    slug: str
    title: str
    since: datetime
    reason: str
    waiting: int
    is_kept: bool


MOST = 10_000


@get("/admin/blocages", guards=[guards.administrator])
async def blocked(request: AnyRequest) -> Response[Any]:
    """Open incidents by cause, the most frequent first, and the connections that fail."""
    catalogue = (await available(request)).catalogue
    return page(
        request,
        "admin/blocked.html",
        causes=await causes_of(await incidents.open_of(), catalogue),
        troubles=await troubles_of(catalogue),
        titles=await procedure_titles(),
        tried=request.query_params.get("tries", ""),
        left=request.query_params.get("restent", ""),
    )


@post("/admin/blocages/reessayer", guards=[guards.administrator])
async def retry(request: AnyRequest) -> Response[Any]:
    """The chosen incidents, or all of a cause, are tried again; those whose cause remains stay open."""
    visit, form = visit_of(request), await request.form()
    chosen = [found for value in form.getall("incident", []) if (found := identifier_of(value)) is not None]
    if cause := str(form.get("cause", "")):
        chosen = [one.id for one in await incidents.open_of(limit=MOST) if one.message == cause]
    # What was mended may be called at once: nothing rests any more.
    for slug in form.getall("connection", []):
        await admission.forgive(str(slug))
    reason = str(form.get("motif", "")).strip()[:1000]
    tried = await incidents.resolve_many(chosen, visit.actor(), visit.now, reason)
    left = len(await incidents.open_of())
    return see_other(f"/admin/blocages?tries={tried}&restent={left}")


async def troubles_of(catalogue: Catalogue) -> list[Trouble]:
    """The connections that fail now, the longest down first."""
    cards = {card.slug: card for card in await connections.all_cards()}
    found: list[Trouble] = []
    for slug, gauge in (await connections.gauges()).items():
        if gauge.down_since is not None:
            kind = cards[slug].kind if slug in cards else f"parvis.{slug}"
            types = [name for name, one in catalogue.templates.items() if one.kind == kind]
            title = cards[slug].title if slug in cards else slug
            waiting = await whereabouts.waiting(types)
            since, reason = gauge.down_since, gauge.reason
            found.append(
                Trouble(slug=slug, title=title, since=since, reason=reason, waiting=waiting, is_kept=slug in cards)
            )
    return sorted(found, key=lambda one: one.since)


async def causes_of(found: list[Incident], catalogue: Catalogue) -> list[Cause]:
    """Incidents grouped by what must be mended, the most frequent cause first."""
    causes: dict[str, list[Incident]] = {}
    for incident in found:
        causes.setdefault(incident.message, []).append(incident)
    made = [
        Cause(
            message=message,
            incidents=same,
            steps={one.id: await _step(one) for one in same},
            connection=await _connection(same, catalogue),
        )
        for message, same in causes.items()
    ]
    return sorted(made, key=lambda cause: -len(cause.incidents))


async def _connection(same: list[Incident], catalogue: Catalogue) -> str | None:
    places = {(one.definition_hash, one.element) for one in same}
    if len(places) > 20:
        return None
    found = {await whereabouts.connection_of(*place, catalogue) for place in places}
    return found.pop() if len(found) == 1 else None


async def _step(incident: Incident) -> str:
    definition = await deployments.definition_of(incident.definition_hash)
    element = definition.elements.get(incident.element)
    return (element.name if element else "") or incident.element


HANDLERS = [blocked, retry]
