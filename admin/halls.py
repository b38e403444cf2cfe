"""Halls: the screens of rooms and resources: a new one, its week, the time kept around bookings, closures, the line of
those who wait, the feed to follow."""

from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from admin import hall_forms
from admin.hall_forms import Filled, Wrong
from api.agendas import address_of
from desk import resources, strays, waiting
from desk.errors import ResourceTwice, UnknownResource
from desk.resources import Resource
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of

NEW = Resource(slug="", name={})
SHOWN_STRAYS = 50


@get("/admin/salles", guards=[guards.administrator])
async def all_halls(request: AnyRequest) -> Response[Any]:
    """Every resource, with who waits for it."""
    visit = visit_of(request)
    found = await resources.resources(active_only=False)
    lines = {one.slug: await waiting.line_of(one.slug, visit.now) for one in found}
    return page(request, "admin/halls.html", halls=found, lines=lines)


@get("/admin/salles/nouvelle", guards=[guards.administrator])
async def new_hall(request: AnyRequest) -> Response[Any]:
    """The empty form."""
    return _draw_new(request, hall_forms.typed_of(NEW, (), visit_of(request).language), {})


@post("/admin/salles", guards=[guards.administrator])
async def create(request: AnyRequest) -> Response[Any]:
    """Add what was typed, or say what is wrong; a short name that is taken comes back."""
    filled = hall_forms.read(await request.form(), NEW)
    if filled.wrong:
        return _draw_new(request, filled.typed, filled.wrong)
    slug = filled.resource.slug
    try:
        await resources.add_resource(filled.resource, filled.openings, visit_of(request).now)
    except ResourceTwice:
        return _draw_new(request, {**filled.typed, "slug": slug}, {"slug": Wrong(why="taken")})
    return see_other(f"/admin/salles/{slug}?fait=ajoutee")


@get("/admin/salles/{slug:str}", guards=[guards.administrator])
async def one_hall(request: AnyRequest, slug: str) -> Response[Any]:
    """One resource: its form and week, bookings outside of it, its closures, its feed."""
    return await _draw(request, await _known(slug))


@post("/admin/salles/{slug:str}", guards=[guards.administrator])
async def change(request: AnyRequest, slug: str) -> Response[Any]:
    """Keep what was typed, or say what is wrong."""
    known = await _known(slug)
    filled = hall_forms.read(await request.form(), known)
    if filled.wrong:
        return await _draw(request, known, filled=filled)
    await resources.change_resource(filled.resource, filled.openings, visit_of(request).now)
    return see_other(f"/admin/salles/{slug}?fait=enregistre")


@post("/admin/salles/{slug:str}/fermer", guards=[guards.administrator])
async def close(request: AnyRequest, slug: str) -> Response[Any]:
    """Close it from one day to another, both included."""
    known, form, visit = await _known(slug), await request.form(), visit_of(request)
    first, last = _day(form.get("first_day")), _day(form.get("last_day"))
    if first is None or last is None or not first <= last <= first + timedelta(days=3_650):
        typed = {name: str(form.get(name, ""))[:20] for name in ("first_day", "last_day", "reason")}
        return await _draw(request, known, closure=typed)
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


def _draw_new(request: AnyRequest, typed: dict[str, str], wrong: dict[str, Wrong]) -> Response[Any]:
    return page(request, "admin/hall_new.html", status=422 if wrong else 200, typed=typed, wrong=wrong)


async def _draw(
    request: AnyRequest,
    hall: Resource,
    *,
    filled: Filled | None = None,
    closure: dict[str, str] | None = None,
) -> Response[Any]:
    visit = visit_of(request)
    shown = hall_forms.typed_of(hall, await resources.week_of(hall.slug), visit.language)
    outside = await strays.outside_openings(hall.slug, visit.now, timezone=str(visit.house.timezone))
    return page(
        request,
        "admin/hall.html",
        status=422 if filled or closure else 200,
        hall=hall,
        typed=filled.typed if filled else shown,
        wrong=filled.wrong if filled else {},
        closures=await resources.closures_of(hall.slug, visit.now),
        closure=closure or {},
        outside=outside[:SHOWN_STRAYS],
        outside_count=len(outside),
        line=await waiting.line_of(hall.slug, visit.now),
        feed=address_of(hall.slug, visit.house.secret_key),
        said=request.query_params.get("fait", ""),
    )


def _day(text: Any) -> date | None:
    try:
        return date.fromisoformat(str(text or ""))
    except ValueError:
        return None


HANDLERS = [all_halls, new_hall, create, one_hall, change, close, reopen]
