"""Absences: kept once for each day, with somebody else in their place, forgotten after a year."""

from datetime import date, timedelta

import pytest

from accounts import absences, departments
from accounts.departments import Department
from accounts.errors import AbsenceRefused, AbsenceTwice

DAY = date(2026, 12, 1)


@pytest.fixture
async def town(database) -> None:
    for slug in ("voirie", "accueil"):
        await departments.upsert(Department(slug=slug, name_fr=slug.title(), name_en=slug))


async def add(now, who: str = "voirie", first: date = DAY, last: date = DAY, substitute: str | None = "accueil"):
    return await absences.add("department", who, first, last, substitute=substitute, by_name="Claire", now=now)


async def test_an_absence_runs_from_its_first_day_to_its_last(town, now):
    await add(now, last=DAY + timedelta(days=2))

    away = [bool(await absences.on(DAY + timedelta(days=day))) for day in range(-1, 4)]

    assert away == [False, True, True, True, False]


async def test_nobody_is_away_twice_on_a_day(town, now):
    await add(now, last=DAY + timedelta(days=2))

    with pytest.raises(AbsenceTwice):
        await add(now, first=DAY + timedelta(days=2), last=DAY + timedelta(days=9))
    await add(now, first=DAY + timedelta(days=3), last=DAY + timedelta(days=9))

    assert len(await absences.current_and_coming(DAY)) == 2


@pytest.mark.parametrize(
    "told",
    [{"who": "lune"}, {"substitute": "lune"}, {"substitute": "voirie"}, {"last": DAY - timedelta(days=1)}],
)
async def test_what_makes_no_sense_is_refused(town, now, told):
    with pytest.raises(AbsenceRefused):
        await add(now, **told)


async def test_a_person_is_named_by_an_id(town, now):
    with pytest.raises(AbsenceRefused):
        await absences.add("person", "Yann", DAY, DAY, substitute=None, by_name="Claire", now=now)


async def test_old_absences_are_forgotten_after_a_year(town, now):
    absence = await add(now)

    forgotten = [await absences.forget_old(DAY + timedelta(days=day)) for day in (365, 366)]
    await absences.remove(absence)

    assert forgotten == [0, 1]
