"""People: found by what they say at the desk, only where one may look."""

from desk import people
from tests.desk.builders import a_case


async def test_a_name_is_found_without_its_accents_and_with_a_typing_error(database, now):
    case = await a_case(now, name="Élodie Lefèbvre")

    for said in ("elodie lefebvre", "Lefebvr", "LEFÈBVRE"):
        assert [each.case_id for each in await people.look_up(said, departments=None)] == [case]


async def test_a_telephone_and_a_reference_are_found_as_people_say_them(database, now):
    case = await a_case(now, reference="2026-000042", phone="06 12 34 56 78")

    assert [each.case_id for each in await people.look_up("06.12.34.56.78", departments=None)] == [case]
    assert [each.case_id for each in await people.look_up("2026-000042", departments=None)] == [case]


async def test_other_departments_cases_are_not_shown(database, now):
    await a_case(now, department="etat-civil")

    assert await people.look_up("lefebvre", departments=("vie-associative",)) == ()
    assert len(await people.look_up("lefebvre", departments=("etat-civil",))) == 1


async def test_the_same_person_s_other_requests_are_listed(database, now):
    case, other = await a_case(now), await a_case(now, name="E. Lefebvre")
    await a_case(now, name="Paul Durand", email="paul@example.org", phone=None)

    assert [each.case_id for each in await people.other_requests(case, departments=None)] == [other]
    assert await people.other_requests(case, departments=("voirie",)) == ()


async def test_one_letter_finds_nothing(database, now):
    await a_case(now)

    assert await people.look_up("e", departments=None) == ()
