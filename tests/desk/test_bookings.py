"""Bookings: one slot, one person, whatever happens at the same instant."""

import asyncio
from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from icalendar import Calendar

from desk import bookings
from desk.bookings import Slot
from desk.errors import SlotNotOffered, SlotTaken, UnknownResource
from desk.slots import keys_in
from tests.desk.builders import PAUL, a_case, a_draft, a_room

SATURDAY = date(2026, 12, 5)


async def slot_of(now: datetime, label: str = "morning", day: date = SATURDAY) -> Slot:
    offered = await bookings.slots_of_day("salle-des-fetes", day, now)
    return next(each.slot for each in offered if each.slot.label == label)


async def test_a_day_shows_its_slots_and_an_evening_ends_the_next_morning(database, now):
    await a_room(now)

    offered = await bookings.slots_of_day("salle-des-fetes", SATURDAY, now)

    assert [(each.slot.label, each.state) for each in offered] == [
        ("morning", "free"),
        ("afternoon", "free"),
        ("evening", "free"),
    ]
    assert offered[2].slot.until - offered[2].slot.begin == timedelta(hours=6)
    assert offered[0].slot.key == "salle-des-fetes/2026-12-05T09:00/2026-12-05T13:00"


async def test_a_held_slot_is_mine_for_me_and_taken_for_others(database, now):
    await a_room(now)
    mine, other = await a_draft(now), await a_draft(now, PAUL)

    await bookings.hold(mine.id, await slot_of(now), now)

    states = [
        (await bookings.slots_of_day("salle-des-fetes", SATURDAY, now, draft_id=draft.id))[0].state
        for draft in (mine, other)
    ]
    assert states == ["mine", "taken"]
    assert (await bookings.free_days("salle-des-fetes", SATURDAY, SATURDAY, now)) == {SATURDAY: 2}


async def test_the_second_to_want_a_slot_is_told_and_keeps_what_they_held_before(database, now):
    await a_room(now)
    first, second = await a_draft(now), await a_draft(now, PAUL)
    await bookings.hold(first.id, await slot_of(now), now)
    await bookings.hold(second.id, await slot_of(now, "afternoon"), now)

    with pytest.raises(SlotTaken):
        await bookings.hold(second.id, await slot_of(now), now)

    held = await bookings.held_by(second.id, now)
    assert held and held.slot.label == "afternoon"


async def test_twenty_drafts_at_the_same_instant_make_one_hold(database, now):
    await a_room(now)
    slot = await slot_of(now)
    drafts = [await a_draft(now, PAUL, origin="counter") for _ in range(20)]

    outcomes = await asyncio.gather(*(bookings.hold(draft.id, slot, now) for draft in drafts), return_exceptions=True)

    assert sum(not isinstance(each, BaseException) for each in outcomes) == 1
    assert all(isinstance(each, bookings.Booking | SlotTaken) for each in outcomes)


async def test_a_hold_lapses_after_twenty_minutes_and_the_slot_is_free_again(database, now):
    await a_room(now)
    first, second = await a_draft(now), await a_draft(now, PAUL)
    await bookings.hold(first.id, await slot_of(now), now)

    later = now + timedelta(minutes=21)
    taken = await bookings.hold(second.id, await slot_of(later), later)

    assert taken.draft_id == second.id
    assert await bookings.held_by(first.id, later) is None


async def test_holding_the_same_slot_again_prolongs_it(database, now):
    await a_room(now)
    draft = await a_draft(now)
    await bookings.hold(draft.id, await slot_of(now), now)

    again = await bookings.hold(draft.id, await slot_of(now), now + timedelta(minutes=15))

    assert again.held_until == now + timedelta(minutes=35)


async def test_a_lapsed_hold_still_becomes_the_option_when_nobody_took_the_slot(database, now):
    await a_room(now)
    draft, case = await a_draft(now), await a_case(now)
    await bookings.hold(draft.id, await slot_of(now), now)

    option = await bookings.turn_into_option(draft.id, case, now + timedelta(hours=2))

    assert option and (option.state, option.case_id) == ("option", case)


async def test_who_lost_the_hold_to_somebody_else_is_told_at_filing(database, now):
    await a_room(now)
    first, second, case = await a_draft(now), await a_draft(now, PAUL), await a_case(now)
    await bookings.hold(first.id, await slot_of(now), now)
    later = now + timedelta(minutes=30)
    await bookings.hold(second.id, await slot_of(now), later)

    with pytest.raises(SlotTaken):
        await bookings.turn_into_option(first.id, case, later)


async def test_what_is_not_offered_cannot_be_held(database, now):
    await a_room(now)
    draft = await a_draft(now)
    odd = bookings.slot_of_key("salle-des-fetes/2026-12-05T10:00/2026-12-05T11:00")
    past = bookings.slot_of_key("salle-des-fetes/2026-11-20T09:00/2026-11-20T13:00")

    for slot in (odd, past):
        with pytest.raises(SlotNotOffered):
            await bookings.hold(draft.id, slot, now)
    with pytest.raises(UnknownResource):
        await bookings.hold(draft.id, bookings.slot_of_key("lune/2026-12-05T09:00/2026-12-05T13:00"), now)


async def test_a_closed_room_offers_nothing(database, now):
    await a_room(now)
    slot = await slot_of(now)

    await bookings.close(
        "salle-des-fetes", slot.begin - timedelta(days=1), slot.until + timedelta(days=1), "travaux", now
    )

    assert await bookings.slots_of_day("salle-des-fetes", SATURDAY, now) == ()


async def test_the_same_job_books_once(database, now):
    await a_room(now)
    case, job, slot = await a_case(now), uuid4(), await slot_of(now)

    first = await bookings.book(case, slot, now, job_id=job)
    again = await bookings.book(case, slot, now, job_id=job)

    assert first == again
    assert len(await bookings.of_case(case)) == 1


async def test_an_option_is_confirmed_then_freed_once(database, now):
    await a_room(now)
    case, slot = await a_case(now), await slot_of(now)
    await bookings.book(case, slot, now, confirmed=False)

    confirmed = await bookings.confirm(case, now)
    freed = [await bookings.release(case, now), await bookings.release(case, now)]

    assert [each.state for each in confirmed] == ["booked"]
    assert freed == [1, 0]
    assert await bookings.is_free(slot, now)


async def test_the_calendar_file_is_read_by_a_calendar(database, now):
    await a_room(now)
    booking = await bookings.book(await a_case(now), await slot_of(now), now)

    content = bookings.calendar_file(
        booking, name="Salle des fêtes", place="2 rue du Port", url="https://x.example", now=now
    )

    event = Calendar.from_ical(content).walk("VEVENT")[0]
    assert event.decoded("dtstart") == booking.slot.begin
    assert str(event["location"]) == "2 rue du Port"


def test_slot_keys_are_found_anywhere_in_answers():
    answers = {"a": [{"slot": "salle/2026-12-05T09:00/2026-12-05T13:00"}], "path": "a/b/c", "n": 3}

    assert keys_in(answers) == ("salle/2026-12-05T09:00/2026-12-05T13:00",)
