"""Agendas: a resource's bookings as an iCalendar feed, at an address that cannot be guessed: whoever has it may follow.

It says when a room is taken, never by whom. The address is made from the town's secret key: a new key makes new ones.
"""

import hmac
from datetime import timedelta
from typing import Any

from litestar import Request, Response, Router, get
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from desk import bookings
from desk.calendars import calendar_feed
from desk.errors import UnknownResource
from desk.seasons import seasons_of
from desk.tokens import derived

BEFORE, AFTER = timedelta(days=31), timedelta(days=400)


def bearer(_: ASGIConnection[Any, Any, Any, Any], __: BaseRouteHandler) -> None:
    """Open to whoever has the address: its token is the proof, which the handler compares."""


def address_of(resource: str, secret: bytes) -> str:
    """The path of a resource's feed."""
    return f"/api/agendas/{resource}/{derived(secret, 'agenda', resource)}.ics"


@get("/api/agendas/{resource:str}/{name:str}", guards=[bearer])
async def agenda(request: Request[Any, Any, Any], resource: str, name: str) -> Response[Any]:
    """The feed; 404 for a wrong token as for a resource that does not exist."""
    house = request.app.state["house"]
    expected = address_of(resource, house.secret_key).rpartition("/")[2]
    if not hmac.compare_digest(name.encode(), expected.encode()):
        return _nothing()
    now = house.clock()
    try:
        room = await bookings.resource(resource)
    except UnknownResource:
        return _nothing()
    found = await bookings.of_resource(resource, now - BEFORE, now + AFTER)
    repeated = await seasons_of({each.season_id for each in found if each.season_id})
    content = calendar_feed(
        found,
        seasons=repeated,
        name=room.name.get("fr", resource),
        place=room.place,
        now=now,
        timezone=str(house.timezone),
    )
    return Response(
        content, media_type="text/calendar; charset=utf-8", headers={"cache-control": "private, max-age=300"}
    )


def _nothing() -> Response[Any]:
    body = {"type": "about:blank", "status": 404, "title": "There is nothing at this address."}
    return Response(body, status_code=404, media_type="application/problem+json")


ROUTES = [Router(path="/", route_handlers=[agenda], include_in_schema=False)]
