"""Duplicates: near, recent, same kind; nobody's words shown; links that never chain."""

from datetime import timedelta
from uuid import uuid4

import pytest

from desk import duplicates, notifications
from desk.duplicates import Position
from desk.errors import LinkRefused, ReportNotFound
from engine.store.statements import run
from tests.desk.builders import a_case
from tests.desk.test_exchanges import Outgoing

SQUARE = Position(47.3500, -0.4500)


def metres_north(metres: float) -> Position:
    return Position(SQUARE.latitude + metres / duplicates.METRES_PER_DEGREE, SQUARE.longitude)


async def a_report(now, position: Position = SQUARE, category: str = "lighting", **told):
    case = await a_case(now, procedure="incident_report", **told)
    await duplicates.register(
        case, position, procedure="incident_report", category=category, place="Place du Port", now=now
    )
    return case


async def test_reports_nearby_come_nearest_first_with_their_distance(database, now):
    far, near = await a_report(now, metres_north(80)), await a_report(now, metres_north(20))
    await a_report(now, metres_north(150))
    await a_report(now, category="graffiti")

    found = await duplicates.nearby(SQUARE, "lighting", now)

    assert [(each.case_id, each.metres) for each in found] == [(near, 20), (far, 80)]
    assert "Élodie" not in repr(found)


async def test_old_and_cancelled_reports_are_left_out(database, now):
    await a_report(now - timedelta(days=31))
    await a_report(now, state="cancelled")

    assert await duplicates.nearby(SQUARE, "lighting", now) == ()


async def test_the_agent_sees_the_others_near_a_case_but_not_itself(database, now):
    mine, other = await a_report(now), await a_report(now, metres_north(10))

    assert [each.case_id for each in await duplicates.near_case(mine, now)] == [other]


async def test_me_too_counts_each_person_once_and_tells_them_at_the_end(database, now):
    case, out = await a_report(now), Outgoing()
    for key, email in (("a", None), ("a", "a@x.example"), ("b", "b@x.example")):
        followers = await duplicates.follow(case, key=key, email=email, language="fr", now=now)

    before = await duplicates.tell_followers(now)
    await run("UPDATE engine_case SET closed_at = $2, state = 'closed' WHERE id = $1", case, now)
    told = [await duplicates.tell_followers(now), await duplicates.tell_followers(now)]
    await notifications.deliver_waiting(out, now)

    assert (followers, before, told) == (2, 0, [2, 0])
    assert sorted(each.to for each in out.sent) == ["a@x.example", "b@x.example"]


async def test_links_do_not_chain(database, now):
    first, second, third = [await a_report(now) for _ in range(3)]

    await duplicates.link(third, second, now=now)
    await duplicates.link(second, first, now=now)

    assert await duplicates.original_of(third) == first
    assert set(await duplicates.repeats_of(first)) == {second, third}
    assert [each.case_id for each in await duplicates.nearby(SQUARE, "lighting", now)] == [first]


async def test_a_report_repeats_neither_itself_nor_its_own_repeat(database, now):
    first, second = await a_report(now), await a_report(now)
    await duplicates.link(second, first, now=now)

    for original in (first, second):
        with pytest.raises(LinkRefused):
            await duplicates.link(first, original, now=now)
    with pytest.raises(ReportNotFound):
        await duplicates.link(first, uuid4(), now=now)
