"""Seasons, the time kept around bookings, and the line of those who wait: one slot, one case, whatever happens."""

import asyncio
import time as time_module
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import uuid4

import msgspec
import pytest
from dateutil.rrule import rrulestr
from hypothesis import given, settings
from hypothesis import strategies as st

from desk import bookings, seasons, waiting
from desk.background import periodic
from desk.errors import RuleRefused, SeasonRefused, SlotTaken
from desk.files import FileStore
from desk.recurrence import occurrences, written
from desk.seasons import Wish
from engine.store.statements import rows, transaction, value
from tests.desk.builders import MARIE, PAUL, a_case, a_draft, a_room
from tests.desk.test_bookings import SATURDAY, slot_of
from tests.desk.test_exchanges import Outgoing

WEDNESDAY = bookings.slot_of_key("salle-des-fetes/2026-12-02T18:00/2026-12-02T20:00")
CHRISTMAS = (date(2026, 12, 23), date(2026, 12, 30))


def a_wish(**told) -> Wish:
    return Wish(**{"first": WEDNESDAY, "rule": "FREQ=WEEKLY;UNTIL=20270630", "without": CHRISTMAS} | told)


async def cleaned(now: datetime, *, before: int = 0, after: int = 30) -> None:
    """The room of these tests, with time kept around its bookings."""
    room = msgspec.structs.replace(await a_room(now), before_minutes=before, after_minutes=after)
    await bookings.define_resource(room, (), now)


def at(begin: str, until: str) -> bookings.Slot:
    return bookings.slot_of_key(f"salle-des-fetes/2026-12-05T{begin}/2026-12-05T{until}")


def test_a_weekly_slot_keeps_its_hour_when_the_clocks_change():
    found = occurrences(WEDNESDAY, "FREQ=WEEKLY;UNTIL=20270630", without=CHRISTMAS)

    assert len(found) == 29
    assert {f"{each.begin:%H:%M}-{each.until:%H:%M}" for each in found} == {"18:00-20:00"}
    assert {each.begin.utcoffset() for each in found} == {timedelta(hours=1), timedelta(hours=2)}
    assert {each.begin.date() for each in found}.isdisjoint(CHRISTMAS)


def test_a_rule_is_written_as_calendars_read_it():
    assert written("rrule:freq=weekly;until=20270630;", WEDNESDAY) == "FREQ=WEEKLY;UNTIL=20270630T215959Z"


@pytest.mark.parametrize(
    "rule",
    [
        *("", "n’importe quoi", "FREQ=WEEKLY", "FREQ=WEEKLY;COUNT=201", "FREQ=SECONDLY;COUNT=3", "FREQ=YEARLY;COUNT=3"),
        *("FREQ=WEEKLY;COUNT=3;UNTIL=20270101", "FREQ=DAILY;COUNT=0", "FREQ=WEEKLY;UNTIL=20290101"),
        *("FREQ=WEEKLY;UNTIL=20200101", "FREQ=WEEKLY;UNTIL=tomorrow", "FREQ=WEEKLY;COUNT=2;COUNT=3"),
        *("FREQ=MONTHLY;COUNT=15", "FREQ=DAILY;INTERVAL=0;COUNT=2", "FREQ=WEEKLY;BYDAY=XX;COUNT=2"),
        *("FREQ=MONTHLY;BYMONTHDAY=32;COUNT=1", "FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=3", "FREQ=DAILY;WKST=X;COUNT=3"),
        *("FREQ=MONTHLY;BYMONTHDAY=30,31;BYSETPOS=9;COUNT=2", "FREQ=MONTHLY;BYDAY=0MO;COUNT=2"),
        *("FREQ=WEEKLY;BYDAY=1MO;COUNT=2", "FREQ=WEEKLY;BYMONTHDAY=3;COUNT=2", "FREQ=DAILY;BYSETPOS=1;COUNT=2"),
    ],
)
def test_a_rule_without_end_or_sense_is_refused(rule):
    with pytest.raises(RuleRefused):
        written(rule, WEDNESDAY)


RULES = st.builds(
    lambda freq, interval, days, nth, monthdays, position, count: ";".join(
        filter(
            None,
            (
                f"FREQ={freq};INTERVAL={interval}",
                days and "BYDAY=" + ",".join(f"{nth if freq == 'MONTHLY' else ''}{each}" for each in sorted(days)),
                monthdays and freq != "WEEKLY" and "BYMONTHDAY=" + ",".join(map(str, sorted(monthdays))),
                position and freq == "MONTHLY" and (days or monthdays) and f"BYSETPOS={position}",
                f"COUNT={count}",
            ),
        )
    ),
    st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
    st.integers(1, 3),
    st.sets(st.sampled_from(["MO", "WE", "SA", "SU"]), max_size=3),
    st.sampled_from(["", "", "1", "-1", "5"]),
    st.sets(st.sampled_from([1, 2, 15, 29, 31, -1, -7]), max_size=3),
    st.sampled_from([0, 0, 1, -1, 2]),
    st.integers(1, 12),
)


@given(rule=RULES)
@settings(max_examples=150, deadline=None)
def test_dates_are_those_that_calendars_compute(rule):
    """Where there are dates in reach, they are those of the library left to itself."""
    try:
        found = occurrences(WEDNESDAY, rule)
    except RuleRefused:
        return

    alone = rrulestr(rule, dtstart=WEDNESDAY.begin)
    assert [each.begin for each in found] == list(islice(alone, len(found)))
    assert written(rule, WEDNESDAY) == rule


def test_a_rule_without_dates_is_refused_at_once():
    """Left to the library, each of these is searched up to the year 9999: seconds, or minutes."""
    begun = time_module.process_time()
    for rule in ("FREQ=DAILY;INTERVAL=7;BYDAY=MO;COUNT=3", "FREQ=MONTHLY;BYMONTHDAY=31;BYSETPOS=9;COUNT=3") * 5:
        with pytest.raises(RuleRefused):
            occurrences(WEDNESDAY, rule)
    refused = time_module.process_time() - begun

    begun = time_module.process_time()
    for _ in range(10):
        occurrences(WEDNESDAY, "FREQ=DAILY;COUNT=200")
    accepted = time_module.process_time() - begun

    assert refused < 20 * accepted


async def test_a_club_has_its_hall_for_the_season_and_a_repeat_changes_nothing(database, now):
    await a_room(now)
    case, job = await a_case(now), uuid4()

    made = await seasons.book_season(case, a_wish(), now, job_id=job)
    again = await seasons.book_season(case, a_wish(), now, job_id=job)

    assert made == again and len(made.bookings) == 29 and made.refused == ()
    assert {each.state for each in made.bookings} == {"booked"}
    assert await value("SELECT count(*) FROM desk_booking") == 29


async def test_conflicts_are_told_date_by_date_and_nothing_is_booked(database, now):
    await a_room(now)
    taken, closed = date(2027, 1, 13), date(2027, 2, 10)
    await bookings.book(
        await a_case(now), bookings.slot_between("salle-des-fetes", f"{taken}T19:00", f"{taken}T21:00"), now
    )
    midnight = bookings.slot_between("salle-des-fetes", f"{closed}T00:00", f"{closed}T23:00")
    await bookings.close("salle-des-fetes", midnight.begin, midnight.until, "travaux", now)

    with pytest.raises(SeasonRefused) as refusal:
        await seasons.book_season(await a_case(now), a_wish(), now, job_id=uuid4())

    told = [(each.begin.date(), each.reason) for each in refusal.value.facts["conflicts"]]
    assert told == [(taken, "taken"), (closed, "closed")]
    assert [(each.begin.date(), each.reason) for each in await seasons.conflicts(a_wish(), now)] == told
    assert await value("SELECT count(*) FROM desk_booking") == 1


async def test_who_takes_what_is_free_has_the_other_dates(database, now):
    await a_room(now)
    await bookings.book(await a_case(now), WEDNESDAY, now)
    job = uuid4()

    made = await seasons.book_season(await a_case(now), a_wish(partial=True), now, job_id=job, confirmed=False)

    assert [each.begin for each in made.refused] == [WEDNESDAY.begin]
    assert (len(made.bookings), made.bookings[0].state) == (28, "option")
    assert await seasons.season(made.id) == made


async def test_one_date_of_a_season_is_given_back_alone(database, now):
    await a_room(now)
    case = await a_case(now)
    made = await seasons.book_season(case, a_wish(), now, job_id=uuid4())

    freed = [await bookings.release_slot(case, made.bookings[3].slot, now) for _ in range(2)]

    assert freed == [1, 0]
    assert len(await bookings.of_case(case)) == 28
    assert await bookings.is_free(made.bookings[3].slot, now)


async def test_twelve_clubs_at_the_same_instant_make_one_season(database, now):
    await a_room(now)
    cases = [await a_case(now) for _ in range(12)]

    outcomes = await asyncio.gather(
        *(seasons.book_season(case, a_wish(), now, job_id=uuid4()) for case in cases), return_exceptions=True
    )

    assert sum(isinstance(each, seasons.Season) for each in outcomes) == 1
    assert all(isinstance(each, seasons.Season | SeasonRefused) for each in outcomes)
    assert await value("SELECT count(DISTINCT case_id) FROM desk_booking") == 1


async def test_the_hall_is_cleaned_between_two_bookings(database, now):
    await cleaned(now, after=30)
    await bookings.book(await a_case(now), at("09:00", "12:00"), now)

    with pytest.raises(SlotTaken):
        await bookings.book(await a_case(now), at("12:15", "14:00"), now)
    with pytest.raises(SlotTaken):
        await bookings.book(await a_case(now), at("07:00", "08:45"), now)
    assert not await bookings.is_free(at("12:15", "14:00"), now)
    assert await bookings.is_free(at("12:30", "14:00"), now)
    assert await bookings.book(await a_case(now), at("12:30", "14:00"), now)


async def test_a_slot_too_near_to_another_is_shown_as_taken(database, now):
    room = await a_room(now)
    openings = tuple(
        bookings.Opening(
            weekday=6, begin=datetime(2026, 1, 1, begin).time(), until=datetime(2026, 1, 1, until).time(), label="x"
        )
        for begin, until in ((9, 12), (12, 15), (15, 18))
    )
    await bookings.define_resource(msgspec.structs.replace(room, before_minutes=15), openings, now)
    await bookings.book(await a_case(now), at("09:00", "12:00"), now)

    offered = await bookings.slots_of_day("salle-des-fetes", SATURDAY, now)

    assert [each.state for each in offered] == ["taken", "taken", "free"]


async def test_the_first_in_line_has_the_slot_when_it_is_freed(database, now):
    await a_room(now)
    slot, holder = await slot_of(now), await a_case(now)
    await bookings.book(holder, slot, now)
    first, second = await a_case(now), await a_case(now)
    places = [
        await waiting.join(case, slot, "option", now + timedelta(minutes=number), job_id=uuid4())
        for number, case in enumerate((first, second))
    ]

    await bookings.release(holder, now + timedelta(hours=1))

    assert [(each.state, each.number) for each in places] == [("waiting", 1), ("waiting", 2)]
    assert [each.state for each in await bookings.of_case(first)] == ["option"]
    assert await bookings.of_case(second) == ()
    assert await waiting.line_of(slot.resource, now) == 1


async def test_nobody_slips_in_before_who_waits_when_a_hold_lapses(database, now):
    await a_room(now)
    slot, draft, late = await slot_of(now), await a_draft(now), await a_draft(now, PAUL)
    await bookings.hold(draft.id, slot, now)
    case = await a_case(now)
    await waiting.join(case, slot, "booked", now, job_id=uuid4())

    with pytest.raises(SlotTaken):
        await bookings.hold(late.id, slot, now + timedelta(minutes=21))
    await waiting.sweep(now + timedelta(minutes=21))

    assert [each.state for each in await bookings.of_case(case)] == ["booked"]


@pytest.mark.parametrize("way", ["discarded", "lapsed", "reopened"])
async def test_a_slot_may_come_free_in_many_ways(database, now, way, tmp_path):
    from desk import drafts, resources

    await a_room(now)
    slot, draft, case = await slot_of(now), await a_draft(now), await a_case(now)
    if way == "reopened":
        closure = await bookings.close(slot.resource, slot.begin, slot.until, "travaux", now)
    else:
        await bookings.hold(draft.id, slot, now)
    await waiting.join(case, slot, "option", now, job_id=uuid4())

    if way == "discarded":
        await drafts.discard(draft.id, MARIE, now)
    if way == "reopened":
        await resources.reopen(closure)
    sweep = periodic(Outgoing(), FileStore(tmp_path), lambda: now + timedelta(minutes=25))["serve_waiting"][1]
    await sweep()

    assert [each.state for each in await bookings.of_case(case)] == ["option"]


async def test_a_free_slot_is_had_at_once_and_a_repeat_is_no_second_place(database, now):
    await a_room(now)
    slot, case, job = await slot_of(now), await a_case(now), uuid4()

    places = [await waiting.join(case, slot, "option", now, job_id=job) for _ in range(2)]

    assert [each.state for each in places] == ["served", "served"] and places[0] == places[1]
    assert len(await bookings.of_case(case)) == 1


async def test_who_leaves_the_line_is_not_served(database, now):
    await a_room(now)
    slot, holder, case = await slot_of(now), await a_case(now), await a_case(now)
    await bookings.book(holder, slot, now)
    await waiting.join(case, slot, "option", now, job_id=uuid4())

    await bookings.release(case, now)
    await bookings.release(holder, now)

    assert await bookings.of_case(case) == ()
    assert await bookings.is_free(slot, now)


async def test_a_release_that_is_undone_serves_nobody(database, now):
    await a_room(now)
    slot, holder, case = await slot_of(now), await a_case(now), await a_case(now)
    await bookings.book(holder, slot, now)
    await waiting.join(case, slot, "option", now, job_id=uuid4())

    with pytest.raises(ZeroDivisionError):
        async with transaction():
            await bookings.release(holder, now)
            raise ZeroDivisionError

    assert [each.state for each in await bookings.of_case(holder)] == ["booked"]
    assert [each["state"] for each in await rows("SELECT state FROM desk_waiting")] == ["waiting"]


async def test_a_crowd_in_line_is_served_one_by_one(database, now):
    await a_room(now)
    slot, holder = await slot_of(now), await a_case(now)
    await bookings.book(holder, slot, now)
    line = [await a_case(now) for _ in range(6)]
    for number, case in enumerate(line):
        await waiting.join(case, slot, "option", now + timedelta(seconds=number), job_id=uuid4())

    order = []
    for _ in line:
        current = await value("SELECT case_id FROM desk_booking WHERE state <> 'released'")
        await asyncio.gather(*(bookings.release(current, now) for _ in range(3)))
        order.append(await value("SELECT case_id FROM desk_booking WHERE state <> 'released'"))

    assert order == line
