"""Offers and figures: what can be booked and when, what people thought, and the numbers of a period."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from litestar import Request, get

from api.errors import InvalidArgument, NotPermitted
from api.guards import client_of, scoped
from api.house import now_of
from api.shapes import Shape, camel
from api.town.procedures import Words
from api.town.refusals import told
from desk import bookings, surveys
from engine import figures
from engine.figures import Numbers

LONGEST_PERIOD = timedelta(days=3 * 366)
FURTHEST_DAY = timedelta(days=2 * 366)


class Bookable(Shape, frozen=True, kw_only=True):
    """Something that can be booked."""

    slug: str
    name: Words
    description: Words
    place: str
    capacity: int | None
    equipment: list[str]


class FreeSlot(Shape, frozen=True, kw_only=True):
    """A slot of a day. `value` is what a form's field takes."""

    value: str
    begin: datetime
    until: datetime
    label: str
    is_free: bool


class Score(Shape, frozen=True, kw_only=True):
    """What people thought of a procedure, in a period."""

    procedure: str
    figures: dict[str, Any]


class Figures(Shape, frozen=True, kw_only=True):
    """The numbers of the cases filed in a period. Delays in seconds, without the time spent waiting for the citizen."""

    since: datetime
    until: datetime
    total: dict[str, Any] | None
    procedures: dict[str, dict[str, Any]]


@get("/api/resources", guards=[scoped("read")], tags=["town: bookings"])
async def resources() -> list[Bookable]:
    """What can be booked."""
    return [
        Bookable(
            slug=one.slug,
            name=_words(one.name),
            description=_words(one.description),
            place=one.place,
            capacity=one.capacity,
            equipment=list(one.equipment),
        )
        for one in await bookings.resources()
    ]


@get("/api/resources/{slug:str}/slots", guards=[scoped("read")], tags=["town: bookings"])
async def slots(request: Request[Any, Any, Any], slug: str, day: date) -> list[FreeSlot]:
    """The slots of a day, free or taken. To book one, file a request whose form has a field for it."""
    now = now_of(request)
    if abs(day - now.date()) > FURTHEST_DAY:
        raise InvalidArgument("Expected a day at most two years away.")
    with told():
        found = await bookings.slots_of_day(slug, day, now)
    return [
        FreeSlot(
            value=one.slot.key,
            begin=one.slot.begin,
            until=one.slot.until,
            label=one.slot.label,
            is_free=one.state != "taken",
        )
        for one in found
    ]


@get("/api/surveys", guards=[scoped("figures")], tags=["town: figures"])
async def survey_scores(
    request: Request[Any, Any, Any], since: datetime | None = None, until: datetime | None = None
) -> list[Score]:
    """The scores of each procedure."""
    client = client_of(request)
    begin, end = _period(request, since, until)
    found = await surveys.figures(since=begin, until=end)
    return [Score(procedure=one.procedure, figures=_plain(one)) for one in found if client.sees(one.procedure)]


@get("/api/figures", guards=[scoped("figures")], tags=["town: figures"])
async def numbers(
    request: Request[Any, Any, Any], since: datetime | None = None, until: datetime | None = None
) -> Figures:
    """The numbers of a period (the last 30 days, if none is given), in all and by procedure."""
    client, now = client_of(request), now_of(request)
    begin, end = _period(request, since, until)
    by_procedure = await figures.by_procedure(begin, end, now)
    total = None if client.procedures else _plain(await figures.total(begin, end, now))
    return Figures(
        since=begin,
        until=end,
        total=total,
        procedures={one.name: _plain(one.numbers) for one in by_procedure if client.sees(one.name)},
    )


@get("/api/figures/departments", guards=[scoped("figures")], tags=["town: figures"])
async def department_numbers(
    request: Request[Any, Any, Any], since: datetime | None = None, until: datetime | None = None
) -> dict[str, dict[str, Any]]:
    """The numbers of each department. Not for clients that are kept to some procedures."""
    if client_of(request).procedures:
        raise NotPermitted("These numbers tell of procedures that the API client is kept from.")
    begin, end = _period(request, since, until)
    return {one.name: _plain(one.numbers) for one in await figures.by_department(begin, end, now_of(request))}


def _period(
    request: Request[Any, Any, Any], since: datetime | None, until: datetime | None
) -> tuple[datetime, datetime]:
    now = now_of(request)
    end = _aware(until) if until else now
    if not 2000 < end.year < 2200:
        raise InvalidArgument("Expected a period of ours.")
    begin = _aware(since) if since else end - timedelta(days=30)
    if not timedelta(0) <= end - begin <= LONGEST_PERIOD:
        raise InvalidArgument("Expected “since” before “until”, three years apart at most.")
    return begin, end


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _plain(found: Numbers | Any) -> dict[str, Any]:
    """The fields of a struct by their names in camel case."""
    first = {camel(name): name for name in found.__struct_fields__}
    return {told: getattr(found, name) for told, name in first.items()}


def _words(said: dict[str, str]) -> Words:
    return Words(fr=said.get("fr", ""), en=said.get("en", ""))


HANDLERS = [resources, slots, survey_scores, numbers, department_numbers]
