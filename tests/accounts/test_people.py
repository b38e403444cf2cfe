"""People and departments, on a real database."""

from uuid import uuid4

import pytest

from accounts import departments, people
from accounts.departments import Department
from accounts.errors import DepartmentUnknown, EmailInvalid, EmailTaken, PersonUnknown


async def test_an_agent_is_found_by_name_without_accents_and_with_a_typing_error(database, now):
    await people.add(name="Hélène Lefèvre", email="h.lefevre@ville.example", now=now)

    exact, mistyped = await people.find("helene lefevre"), await people.find("Hélenne Lefevre")

    assert [person.name for person in exact] == ["Hélène Lefèvre"]
    assert [person.name for person in mistyped] == ["Hélène Lefèvre"]


async def test_an_address_belongs_to_one_person_whatever_its_capitals(database, now):
    await people.add(name="Ana", email="Ana@Ville.example", now=now)

    with pytest.raises(EmailTaken):
        await people.add(name="Autre", email="ana@ville.example ", now=now)


@pytest.mark.parametrize(
    "email", ["", "ana", "ana@ville", "a b@ville.example", "ana@ville.example\r\nBcc: x@y.example"]
)
async def test_what_is_not_an_address_is_refused(database, now, email):
    with pytest.raises(EmailInvalid):
        await people.add(name="Ana", email=email, now=now)


async def test_a_supervisor_works_in_the_department_they_answer_for(database, now):
    await departments.upsert(Department(slug="voirie", name_fr="Voirie", name_en="Roads"))
    person_id = await people.add(name="Paul", email="paul@ville.example", supervises=["voirie"], now=now)

    viewer = (await people.get(person_id)).viewer()

    assert viewer.departments == {"voirie"}
    assert viewer.supervised == {"voirie"}


async def test_nobody_joins_a_department_that_does_not_exist_and_nothing_is_kept(database, now):
    with pytest.raises(DepartmentUnknown):
        await people.add(name="Paul", email="paul@ville.example", departments=["absent"], now=now)

    assert await people.of_email("paul@ville.example") is None


async def test_changes_are_kept_and_other_fields_stay(database, now):
    person_id = await people.add(name="Paul", email="paul@ville.example", phone="0241000000", now=now)

    await people.change(person_id, name="Paul Durand", reception=True)

    person = await people.get(person_id)
    assert (person.name, person.phone, person.reception) == ("Paul Durand", "0241000000", True)


async def test_somebody_who_is_not_there_is_unknown(database):
    with pytest.raises(PersonUnknown):
        await people.get(uuid4())


async def test_a_department_told_again_replaces_what_was_known(database):
    await departments.upsert(Department(slug="voirie", name_fr="Voirie", name_en="Roads"))

    await departments.upsert(
        Department(slug="voirie", name_fr="Voirie et propreté", name_en="Roads", phone="0241000001")
    )

    known = await departments.all_active()
    assert [(one.slug, one.name_fr, one.phone) for one in known] == [("voirie", "Voirie et propreté", "0241000001")]
