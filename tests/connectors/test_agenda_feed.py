"""The feed of a room, read by a calendar: when it is taken, never by whom; nothing for who has not the address."""

from datetime import timedelta

import httpx
import msgspec
from icalendar import Calendar
from litestar import Litestar

from api.agendas import ROUTES, address_of
from desk import bookings
from tests.desk.builders import a_case, a_room
from tests.desk.test_bookings import slot_of

SECRET = b"0" * 64


class House(msgspec.Struct):
    """The part of the house that the route reads."""

    secret_key: bytes
    clock: object


async def test_a_calendar_follows_a_room_and_learns_no_name(database, now):
    await a_room(now)
    slot, evening = await slot_of(now), await slot_of(now, "evening")
    await bookings.book(await a_case(now), slot, now)
    await bookings.book(await a_case(now), evening, now, confirmed=False)
    app = Litestar(route_handlers=list(ROUTES), openapi_config=None)
    app.state["house"] = House(SECRET, lambda: now)
    address = address_of("salle-des-fetes", SECRET)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://town.example") as client:
        answer = await client.get(address)
        wrong = [
            (await client.get(path)).status_code
            for path in (address.replace(".ics", "x.ics"), address_of("salle-des-fetes", b"1" * 64))
        ]

    events = Calendar.from_ical(answer.content).walk("VEVENT")
    assert answer.headers["content-type"].startswith("text/calendar")
    assert [(each["status"], each.decoded("dtstart")) for each in events] == [
        ("CONFIRMED", slot.begin),
        ("TENTATIVE", evening.begin),
    ]
    assert events[0].decoded("dtend") - events[0].decoded("dtstart") == timedelta(hours=4)
    assert "lodie" not in answer.text and wrong == [404, 404]
