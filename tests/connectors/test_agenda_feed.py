"""The feed of a room, read by a calendar: when it is taken, never by whom; nothing for who has not the address."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from uuid import uuid4
from zoneinfo import ZoneInfo

import httpx
import msgspec
import recurring_ical_events
from icalendar import Calendar
from litestar import Litestar

from api.agendas import ROUTES, address_of
from desk import bookings, seasons
from desk.calendars import season_file
from tests.connectors.benches.serving import served_routes
from tests.desk.builders import a_case, a_room
from tests.desk.test_bookings import slot_of
from tests.desk.test_seasons import a_wish

SECRET = b"0" * 64


class House(msgspec.Struct):
    """The part of the house that the route reads."""

    secret_key: bytes
    clock: object
    timezone: object = ZoneInfo("Europe/Paris")


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


def served(now) -> AbstractAsyncContextManager[str]:
    """The feeds, behind a real server; gives its address."""
    return served_routes(ROUTES, House(SECRET, lambda: now))


async def followed(now, slug: str = "salle-des-fetes") -> Calendar:
    """The feed as a calendar programme reads it."""
    async with served(now) as address, httpx.AsyncClient() as client:
        answer = await client.get(address + address_of(slug, SECRET))
    return Calendar.from_ical(answer.content)


def dates_in(calendar: Calendar, now) -> list[tuple[datetime, datetime, str]]:
    """Every date, the recurrences expanded by a library that is not ours."""
    found = recurring_ical_events.of(calendar).between(now - timedelta(days=1), now + timedelta(days=500))
    instants = [(each["dtstart"].dt, each["dtend"].dt, str(each["status"])) for each in found]
    return sorted((begin.astimezone(UTC), until.astimezone(UTC), state) for begin, until, state in instants)


async def live(now) -> list[tuple[datetime, datetime, str]]:
    kept = await bookings.of_resource("salle-des-fetes", now, now + timedelta(days=500))
    words = {"booked": "CONFIRMED", "option": "TENTATIVE"}
    return [(each.slot.begin.astimezone(UTC), each.slot.until.astimezone(UTC), words[each.state]) for each in kept]


async def test_a_calendar_sees_the_season_of_a_club_with_its_exceptions(database, now):
    await a_room(now)
    club, other = await a_case(now), await a_case(now)
    await bookings.book(other, await slot_of(now), now)
    made = await seasons.book_season(club, a_wish(), now, job_id=uuid4())
    await bookings.release_slot(club, made.bookings[0].slot, now)
    await bookings.release_slot(club, made.bookings[20].slot, now)

    calendar = await followed(now)

    assert len(calendar.walk("VEVENT")) == 2 and len(calendar.walk("VTIMEZONE")) == 1
    assert len(dates_in(calendar, now)) == 28
    assert dates_in(calendar, now) == await live(now)
    assert {begin.hour for begin, _, _ in dates_in(calendar, now)[1:]} == {16, 17}, "18:00 in summer and in winter"


async def test_a_season_given_back_leaves_the_calendar(database, now):
    await a_room(now)
    club = await a_case(now)
    await seasons.book_season(club, a_wish(), now, job_id=uuid4(), confirmed=False)
    before = dates_in(await followed(now), now)

    await bookings.release(club, now)

    assert (len(before), before[0][2]) == (29, "TENTATIVE")
    assert dates_in(await followed(now), now) == []


async def test_the_club_receives_its_season_as_one_file(database, now):
    await a_room(now)
    made = await seasons.book_season(await a_case(now), a_wish(), now, job_id=uuid4())

    content = season_file(made, name="Salle des fêtes", place="2 rue du Port", url="https://x.example", now=now)

    assert dates_in(Calendar.from_ical(content), now) == await live(now)
