"""Finding a case again, as somebody at the desk would ask for it."""

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from engine import cases
from engine.cases import Applicant, CaseFilters
from engine.pages import Page
from engine.store.statements import run
from tests.engine.bundles import a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")

PEOPLE = [
    ("Jean-Pierre Dupont", "jp.dupont@example.org", "06 12 34 56 78"),
    ("Maëlle Lefèbvre", "maelle@example.org", "+33 2 41 00 00 01"),
    ("Aïcha Le Gall", "aicha@example.org", None),
]


async def a_town(now: datetime) -> dict[str, cases.CaseFiled]:
    await a_procedure(now)
    return {
        name: await a_case(
            now + timedelta(minutes=n),
            key=name,
            applicant=Applicant(name=name, email=email, phone=phone),
            answers={"name": name},
        )
        for n, (name, email, phone) in enumerate(PEOPLE)
    }


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("dupont", "Jean-Pierre Dupont"),
        ("DUPOND", "Jean-Pierre Dupont"),
        ("dupont jean", "Jean-Pierre Dupont"),
        ("lefevre", "Maëlle Lefèbvre"),
        ("maelle", "Maëlle Lefèbvre"),
        ("aicha legall", "Aïcha Le Gall"),
        ("0612345678", "Jean-Pierre Dupont"),
        ("06.12.34", "Jean-Pierre Dupont"),
        ("+33 612345678", "Jean-Pierre Dupont"),
        ("02 41 00 00 01", "Maëlle Lefèbvre"),
        ("maelle@example.org", "Maëlle Lefèbvre"),
        ("2026-000003", "Aïcha Le Gall"),
        ("2026-3", "Aïcha Le Gall"),
    ],
)
async def test_what_is_typed_finds_the_person_first(now: datetime, typed: str, found: str) -> None:
    await a_town(now)

    [first, *_] = await cases.search(typed, departments=None)

    assert first.applicant_name == found


async def test_search_stays_within_the_departments(now: datetime) -> None:
    await a_town(now)

    assert await cases.search("dupont", departments=("etat-civil",)) == []
    assert len(await cases.search("dupont", departments=("voirie",))) == 1


@pytest.mark.parametrize("typed", ["", "   ", "%", "_____", "'; DROP TABLE engine_case; --", "\\", "zzzzzz"])
async def test_what_means_nothing_finds_nothing(now: datetime, typed: str) -> None:
    await a_town(now)

    assert await cases.search(typed, departments=None) == []


async def test_the_other_cases_of_a_person_are_found_by_address_or_number(now: datetime) -> None:
    await a_town(now)

    by_email = await cases.of_person(email="JP.Dupont@example.org")
    by_phone = await cases.of_person(phone="+33612345678")
    nobody = await cases.of_person()

    assert [case.applicant_name for case in by_email] == ["Jean-Pierre Dupont"]
    assert [case.applicant_name for case in by_phone] == ["Jean-Pierre Dupont"]
    assert nobody == []


async def test_a_tracking_code_is_found_however_it_is_typed(now: datetime) -> None:
    filed = (await a_town(now))["Aïcha Le Gall"]
    code = filed.tracking_code.lower()

    found = await cases.of_tracking_code(f" {code[:4]}-{code[4:]} ")

    assert found is not None
    assert found.id == filed.case_id
    assert await cases.of_reference(filed.reference) == found


async def test_lists_of_cases_come_in_pages_newest_first(now: datetime) -> None:
    await a_town(now)

    first = await cases.recent(("voirie",), CaseFilters(), Page(size=2))
    second = await cases.recent(("voirie",), CaseFilters(), Page(after=first.next, size=2))
    late = await cases.recent(None, CaseFilters(late=True), Page(), now + timedelta(days=30))

    names = [case.applicant_name for page in (first, second) for case in page.cases]
    assert names == [name for name, _, _ in reversed(PEOPLE)]
    assert second.next is None
    assert len(late.cases) == 3


async def test_an_account_finds_its_own_cases(now: datetime) -> None:
    await a_procedure(now)
    await a_case(now, applicant=Applicant(name="X", id=UUID(int=42)))

    assert len(await cases.of_person(applicant_id=UUID(int=42))) == 1


async def test_a_case_is_found_by_its_new_title_and_no_longer_by_the_old(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    await run("UPDATE engine_case SET title = 'Élagage', applicant_name = 'Zoé Ygrec' WHERE id = $1", filed.case_id)

    found = [each.id for each in await cases.search("elagage ygrec", departments=None)]

    assert found == [filed.case_id]
    assert await cases.search("Le Gall", departments=None) == []
