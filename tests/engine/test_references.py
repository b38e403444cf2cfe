"""References: each number once, whoever files and however fast; drawn in blocks only while cases come fast."""

import asyncio
from datetime import datetime, timedelta

import pytest

from engine.references import MOST
from engine.store.statements import transaction, value
from tests.engine.bundles import a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")


async def number_of(now: datetime, key: str) -> int:
    return int((await a_case(now, key=key)).reference.partition("-")[2])


async def drawn(now: datetime) -> int:
    return await value(f"SELECT last_value FROM engine_reference_{now.year}")


async def test_cases_filed_now_and_then_have_numbers_without_gaps(now: datetime) -> None:
    await a_procedure(now)

    numbers = [await number_of(now + timedelta(hours=hour), f"k{hour}") for hour in range(5)]

    assert numbers == [1, 2, 3, 4, 5]
    assert await drawn(now) == 5


async def test_a_flood_of_cases_has_each_number_once(now: datetime) -> None:
    await a_procedure(now)

    numbers = await asyncio.gather(*(number_of(now, f"k{number}") for number in range(60)))

    assert len(set(numbers)) == 60


async def test_the_form_posted_again_draws_no_number(now: datetime) -> None:
    await a_procedure(now)
    first = await a_case(now, key="k1")

    again = await a_case(now + timedelta(minutes=5), key="k1")

    assert again == first
    assert await number_of(now + timedelta(minutes=10), "k2") == 2


async def test_the_form_posted_again_in_a_flood_is_the_same_case(now: datetime) -> None:
    await a_procedure(now)
    for number in range(6):
        await number_of(now, f"k{number}")

    posted = await asyncio.gather(*(a_case(now, key="twice") for _ in range(3)))

    assert len({each.case_id for each in posted}) == 1
    assert await value("SELECT count(*) FROM engine_case") == 7


async def test_a_flood_inside_larger_transactions_leaves_no_gaps_that_grow(now: datetime) -> None:
    await a_procedure(now)

    async def filed_inside(key: str) -> int:
        async with transaction():
            return await number_of(now, key)

    numbers = [await filed_inside(f"k{number}") for number in range(30)]

    assert len(set(numbers)) == 30
    assert await drawn(now) < 2 * 30 + MOST


async def test_numbers_left_over_from_a_flood_are_given_up_a_minute_later(now: datetime) -> None:
    await a_procedure(now)
    flood = [await number_of(now, f"k{number}") for number in range(4)]
    assert await drawn(now) > max(flood)

    later = await number_of(now + timedelta(minutes=2), "later")

    assert later > await drawn(now) - 1
    assert await number_of(now + timedelta(minutes=4), "last") == later + 1


async def test_a_new_year_begins_anew(now: datetime) -> None:
    await a_procedure(now)
    for number in range(4):
        await number_of(now, f"k{number}")

    assert await number_of(now + timedelta(days=365), "next year") == 1
