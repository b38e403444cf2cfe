"""Cancelling a case gives back what it held; passing it on keeps its deadline; in both the applicant is told."""

import pytest

from accounts import departments
from accounts.departments import Department
from accounts.errors import DepartmentUnknown
from desk import bookings, cancellations, filing, notifications, transfers
from engine import cases
from engine.actor import Actor
from tests.desk.builders import MARIE, a_room
from tests.desk.test_bookings import slot_of
from tests.desk.test_exchanges import Outgoing
from tests.desk.test_filing import ADMINISTRATOR, CITIZEN, a_ready_draft


async def a_filed_case(now):
    await a_room(now)
    return await filing.file((await a_ready_draft(now)).id, MARIE, by=CITIZEN, now=now)


async def test_cancelling_frees_the_slot_and_writes_to_the_applicant(database, now):
    filed, out = await a_filed_case(now), Outgoing()

    await cancellations.cancel(filed.case_id, "Demande en double", by=ADMINISTRATOR, now=now)
    await notifications.deliver_waiting(out, now)

    assert await bookings.is_free(await slot_of(now), now)
    assert (await cases.get(filed.case_id)).state == "cancelled"
    assert [(each.kind, each.values.get("reason")) for each in out.sent if each.kind != "receipt"] == [
        ("cancelled", "Demande en double")
    ]


async def test_who_withdraws_their_own_request_is_not_written_to(database, now):
    filed, out = await a_filed_case(now), Outgoing()

    await cancellations.cancel(filed.case_id, "Fête annulée", by=CITIZEN, now=now)
    await notifications.deliver_waiting(out, now)

    assert [each.kind for each in out.sent] == ["receipt"]


async def test_a_case_passed_on_keeps_its_deadline_counts_and_tells_the_applicant(database, now):
    await departments.upsert(Department(slug="securite", name_fr="Sécurité", name_en="Safety"))
    filed, out = await a_filed_case(now), Outgoing()
    before = await cases.get(filed.case_id)

    await transfers.pass_case(filed.case_id, "securite", "Événement sur la voie publique", by=ADMINISTRATOR, now=now)
    await notifications.deliver_waiting(out, now)

    after = await cases.get(filed.case_id)
    assert (after.department, after.due_at, after.transfers) == ("securite", before.due_at, before.transfers + 1)
    assert [each.values["department"] for each in out.sent if each.kind == "passed_on"] == ["Sécurité"]


async def test_a_case_is_never_passed_to_a_department_that_does_not_exist(database, now):
    filed = await a_filed_case(now)

    with pytest.raises(DepartmentUnknown):
        await transfers.pass_case(filed.case_id, "nulle-part", "?", by=Actor(kind="agent", name="Luc"), now=now)

    assert (await cases.get(filed.case_id)).department != "nulle-part"
