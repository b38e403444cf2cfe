"""Filing: everything that must happen at that instant, or nothing; and what the applicant then reads."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts import departments
from accounts.departments import Department
from desk import attachments, bookings, drafts, duplicates, filing, follow_up, notifications
from desk.drafts import Draft
from desk.errors import DraftOutdated, SlotTaken
from desk.files import FileStore
from engine import cases, deployments
from engine.actor import Actor
from engine.bundle import read_folder
from engine.store.statements import value
from tests.desk.builders import MARIE, PAUL, a_draft, a_room
from tests.desk.test_bookings import slot_of
from tests.desk.test_exchanges import Outgoing
from tests.desk.test_files import an_upload

PROCESSES = Path(__file__).parents[2] / "processes"
CITIZEN = Actor(kind="citizen", name="Marc Dubois")
ADMINISTRATOR = Actor(kind="administrator", name="Solène Roux")
FOLLOW = "https://mairie.example/suivi/{tracking_code}"
ANSWERS: dict[str, Any] = {
    "applicant_kind": "individual",
    "resident": True,
    "given_name": "Marc",
    "family_name": "Dubois",
    "email": "marc.dubois@example.org",
    "phone": "+33612345678",
    "address": "4 quai des Tanneurs, 41000 Saint-Martin-sur-Loire",
    "purpose": "Anniversaire",
    "attendance": 40,
    "room": "salle-des-fetes",
    "rules_accepted": True,
}


async def published(now, slug: str = "room_booking") -> str:
    return (await deployments.publish(read_folder(PROCESSES / slug), ADMINISTRATOR, now)).hash


async def a_ready_draft(now, owner=MARIE, **answers: Any) -> Draft:
    """A draft whose morning slot is held."""
    slot = await slot_of(now)
    draft = await a_draft(now, owner, definition_hash=await published(now))
    await bookings.hold(draft.id, slot, now)
    return await drafts.save_page(draft.id, owner, answers=ANSWERS | {"slot": slot.key} | answers, page=None, now=now)


async def test_filing_makes_the_case_the_option_the_attachments_and_the_receipt(database, now, tmp_path):
    await a_room(now)
    files, draft, out = FileStore(tmp_path), await a_ready_draft(now), Outgoing()
    kept = await attachments.store(an_upload(), files=files, draft_id=draft.id, now=now)
    paper = {"id": str(kept.id), "name": kept.name}
    await drafts.save_page(draft.id, MARIE, answers=draft.answers | {"insurance": [paper]}, page=None, now=now)

    filed = await filing.file(draft.id, MARIE, by=CITIZEN, now=now, follow_url=FOLLOW)
    await notifications.deliver_waiting(out, now)

    assert [each.state for each in await bookings.of_case(filed.case_id)] == ["option"]
    assert [each.id for each in await attachments.of_case(filed.case_id)] == [kept.id]
    assert [(each.kind, each.to) for each in out.sent] == [("receipt", "marc.dubois@example.org")]
    assert out.sent[0].values["follow_url"] == f"https://mairie.example/suivi/{filed.tracking_code}"


async def test_the_receipt_names_department_contact_term_and_silence(database, now):
    await departments.upsert(
        Department(
            slug="vie-associative",
            name_fr="Vie associative",
            name_en="Clubs",
            phone="02 41 00 00 07",
            hours_fr="le matin",
        )
    )
    await a_room(now)
    out = Outgoing()

    await filing.file((await a_ready_draft(now)).id, MARIE, by=CITIZEN, now=now)
    await notifications.deliver_waiting(out, now)

    told = out.sent[0].values
    assert (told["department"], told["phone"], told["hours"]) == ("Vie associative", "02 41 00 00 07", "le matin")
    assert told["due_at"] and told["silence"]


async def test_a_form_posted_twice_is_one_case_and_the_same_receipt(database, now):
    await a_room(now)
    draft, out = await a_ready_draft(now), Outgoing()

    first = await filing.file(draft.id, MARIE, by=CITIZEN, now=now)
    again = await filing.file(draft.id, MARIE, by=CITIZEN, now=now + timedelta(seconds=9))
    await notifications.deliver_waiting(out, now)

    assert first == again
    assert await value("SELECT count(*) FROM engine_case") == len(out.sent) == 1


async def test_a_form_posted_twice_at_the_same_instant_is_one_case(database, now):
    await a_room(now)
    draft = await a_ready_draft(now)

    first, again = await asyncio.gather(*(filing.file(draft.id, MARIE, by=CITIZEN, now=now) for _ in range(2)))

    assert first == again


async def test_who_lost_the_slot_is_told_and_nothing_is_filed(database, now):
    await a_room(now)
    mine = await a_ready_draft(now)
    later = now + timedelta(minutes=30)
    await bookings.hold((await a_draft(now, PAUL)).id, await slot_of(now), later)

    with pytest.raises(SlotTaken):
        await filing.file(mine.id, MARIE, by=CITIZEN, now=later)

    assert await value("SELECT count(*) FROM engine_case") == 0
    assert (await drafts.resume(mine.id, MARIE, later)).answers["purpose"] == "Anniversaire"


async def test_a_lapsed_hold_is_taken_again_when_the_slot_is_still_free(database, now):
    await a_room(now)
    draft = await a_ready_draft(now)

    filed = await filing.file(draft.id, MARIE, by=CITIZEN, now=now + timedelta(hours=3))

    assert [each.state for each in await bookings.of_case(filed.case_id)] == ["option"]


async def test_a_draft_of_a_version_no_longer_in_service_is_not_filed(database, now):
    await a_room(now)
    draft = await a_ready_draft(now)
    await deployments.retire("room_booking", ADMINISTRATOR, now)

    with pytest.raises(DraftOutdated):
        await filing.file(draft.id, MARIE, by=CITIZEN, now=now)

    assert await value("SELECT count(*) FROM engine_case") == 0


async def test_filing_without_a_draft_is_idempotent_on_its_key(database, now):
    await a_room(now)
    await published(now)
    answers = ANSWERS | {"slot": (await slot_of(now)).key}

    first, again = [
        await filing.file_answers("room_booking", answers, form="booking", key="k", by=CITIZEN, now=now)
        for _ in range(2)
    ]

    assert first == again
    assert len(await bookings.of_case(first.case_id)) == 1


async def test_a_report_is_found_by_its_position_for_duplicates(database, now):
    await published(now, "incident_report")
    place = {"address": "Place du Port", "latitude": 47.35, "longitude": -0.45}
    answers = {"category": "lighting", "place": place, "description": "Éteint", "danger": False}

    filed = await filing.file_answers("incident_report", answers, form="report", key="r", by=CITIZEN, now=now)

    case = await cases.get(filed.case_id)
    assert (case.latitude, case.longitude) == (47.35, -0.45)
    near = await duplicates.nearby(duplicates.Position(47.35, -0.45), "lighting", now)
    assert [each.case_id for each in near] == [filed.case_id]


async def test_the_follow_up_says_who_has_it_by_when_and_what_to_do(database, now):
    await departments.upsert(Department(slug="vie-associative", name_fr="Vie associative", name_en="Clubs"))
    await a_room(now)
    filed = await filing.file((await a_ready_draft(now)).id, MARIE, by=CITIZEN, now=now)

    seen = await follow_up.of_case(filed.case_id, now)
    late = await follow_up.of_case(filed.case_id, now + timedelta(days=90))

    assert seen.department_name == "Vie associative"
    assert [each.id for each in seen.sentences] == [
        "Your request is with this department: {department}.",
        "Answer by {date} at the latest.",
        "You have nothing to do.",
    ]
    assert late.sentences[1].id.startswith("We had promised")
    assert seen.steps and seen.steps[-1].state == "current"


async def test_a_cancelled_case_says_so_with_its_reason(database, now):
    await a_room(now)
    filed = await filing.file((await a_ready_draft(now)).id, MARIE, by=CITIZEN, now=now)
    await cases.cancel(filed.case_id, "Demande retirée par téléphone", ADMINISTRATOR, now)

    seen = await follow_up.of_case(filed.case_id, now)

    assert [each.id for each in seen.sentences] == ["Your request was cancelled on {date}.", "Reason: {reason}"]
