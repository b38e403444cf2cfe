"""Halls: the screens of rooms and resources: the time kept around bookings, closures, the line of those who wait, the
feed to follow."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from api.agendas import address_of
from desk import resources, waiting
from desk.errors import UnknownResource
from desk.resources import Resource
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of

LONGEST_BUFFER = 24 * 60


@get("/admin/salles", guards=[guards.administrator])
async def all_halls(request: AnyRequest) -> Response[Any]:
    """Every resource, with who waits for it."""
    visit = visit_of(request)
    found = await resources.resources(active_only=False)
    lines = {one.slug: await waiting.line_of(one.slug, visit.now) for one in found}
    return page(request, "admin/halls.html", halls=found, lines=lines)


@get("/admin/salles/{slug:str}", guards=[guards.administrator])
async def one_hall(request: AnyRequest, slug: str) -> Response[Any]:
    """One resource: its form, its closures, its feed."""
    return await _draw(request, await _known(slug))


@post("/admin/salles/{slug:str}", guards=[guards.administrator])
async def change(request: AnyRequest, slug: str) -> Response[Any]:
    """Keep what was typed, or say what is wrong."""
    known, form = await _known(slug), await request.form()
    before, after = _number(form.get("before"), LONGEST_BUFFER), _number(form.get("after"), LONGEST_BUFFER)
    capacity = _number(form.get("capacity") or "0", 100_000)
    typed = {name: str(form.get(name, ""))[:20] for name in ("before", "after", "capacity")}
    given = {"before": before, "after": after, "capacity": capacity}
    if wrong := {name: "number" for name, each in given.items() if each is None}:
        return await _draw(request, known, wrong=wrong, typed=typed)
    changed = msgspec.structs.replace(
        known,
        place=str(form.get("place", "")).strip()[:200],
        capacity=capacity or None,
        before_minutes=before or 0,
        after_minutes=after or 0,
        active=form.get("active") is not None,
    )
    await resources.change_resource(changed, visit_of(request).now)
    return see_other(f"/admin/salles/{slug}?fait=enregistre")


@post("/admin/salles/{slug:str}/fermer", guards=[guards.administrator])
async def close(request: AnyRequest, slug: str) -> Response[Any]:
    """Close it from one day to another, both included."""
    known, form, visit = await _known(slug), await request.form(), visit_of(request)
    first, last = _day(form.get("first_day")), _day(form.get("last_day"))
    if first is None or last is None or not first <= last <= first + timedelta(days=3_650):
        typed = {name: str(form.get(name, ""))[:20] for name in ("first_day", "last_day", "reason")}
        return await _draw(request, known, wrong={"last_day": "days"}, typed=typed)
    zone = visit.house.timezone
    begin, until = datetime.combine(first, time(), zone), datetime.combine(last + timedelta(days=1), time(), zone)
    await resources.close(slug, begin, until, str(form.get("reason", "")).strip()[:200], visit.now)
    return see_other(f"/admin/salles/{slug}?fait=fermee")


@post("/admin/salles/{slug:str}/rouvrir/{closure_id:uuid}", guards=[guards.administrator])
async def reopen(request: AnyRequest, slug: str, closure_id: UUID) -> Response[Any]:
    """Take a closure back; who waited for a slot of these days has it."""
    now = visit_of(request).now
    await resources.reopen(closure_id)
    await waiting.serve(slug, now)
    return see_other(f"/admin/salles/{slug}?fait=rouverte")


async def _known(slug: str) -> Resource:
    try:
        return await resources.resource(slug)
    except UnknownResource as error:
        raise NotFound from error


async def _draw(
    request: AnyRequest, hall: Resource, *, wrong: dict[str, str] | None = None, typed: dict[str, str] | None = None
) -> Response[Any]:
    visit = visit_of(request)
    kept = {"before": str(hall.before_minutes), "after": str(hall.after_minutes)}
    empty = {"first_day": "", "last_day": "", "reason": "", "capacity": str(hall.capacity or ""), **kept}
    return page(
        request,
        "admin/hall.html",
        status=422 if wrong else 200,
        hall=hall,
        closures=await resources.closures_of(hall.slug, visit.now),
        line=await waiting.line_of(hall.slug, visit.now),
        feed=address_of(hall.slug, visit.house.secret_key),
        wrong=wrong or {},
        typed={**empty, **(typed or {})},
        said=request.query_params.get("fait", ""),
    )


def _number(text: Any, most: int) -> int | None:
    written = str(text or "").strip()
    return (
        int(written) if written.isascii() and written.isdigit() and len(written) < 7 and int(written) <= most else None
    )


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        return None


HANDLERS = [all_halls, one_hall, change, close, reopen]
