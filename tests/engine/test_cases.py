"""Cases: filing, sealing, moving to the end, cancelling and passing on."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from engine import cases, deployments, journal, operations, tasks
from engine.errors import CaseAlreadyClosed, FormUnknown, ReasonMissing
from engine.store.statements import value
from tests.engine.bundles import AGENT, CITIZEN, MISSING_PAPER, a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")


async def test_a_filed_case_has_a_reference_a_code_and_a_due_date(now: datetime) -> None:
    await a_procedure(now)

    filed = await a_case(now)

    case = await cases.get(filed.case_id)
    assert filed.reference == "2026-000001"
    assert len(filed.tracking_code) == 8
    assert case.due_at == datetime(2026, 12, 1, 22, 59, 59, tzinfo=UTC)
    assert (case.state, case.department, case.title) == ("open", "voirie", "Pétition de Aïcha Le Gall")
    assert case.context["followUrl"] == f"https://mairie.example/suivi/{filed.tracking_code}"
    assert case.public_step == "Votre demande est examinée"


async def test_the_answers_are_sealed(now: datetime) -> None:
    await a_procedure(now)

    filed = await a_case(now, answers={"name": "Éloïse", "amount": 12.5})

    submission = await cases.submission_of(filed.case_id)
    assert submission is not None
    assert submission.answers["name"] == "Éloïse"
    assert cases.is_sealed(submission)


async def test_the_same_form_posted_twice_at_once_is_one_case(now: datetime) -> None:
    await a_procedure(now)

    first, second = await asyncio.gather(a_case(now, key="same"), a_case(now, key="same"))

    assert first == second
    assert await value("SELECT count(*) FROM engine_case") == 1


async def test_an_unknown_form_is_refused_and_leaves_nothing(now: datetime) -> None:
    await a_procedure(now)
    definition = await deployments.active_definition("petition")

    with pytest.raises(FormUnknown):
        await cases.start(
            definition,
            {},
            form="other",
            origin="online",
            language="fr",
            channel="email",
            applicant=None,
            by=CITIZEN,
            now=now,
            key="k",
        )

    assert await value("SELECT count(*) FROM engine_case") == 0


async def test_a_cancelled_case_leaves_nothing_to_do(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)

    await cases.cancel(filed.case_id, "Demande retirée", AGENT, now)

    case = await cases.get(filed.case_id)
    assert (case.state, case.reason, case.closed_at) == ("cancelled", "Demande retirée", now)
    assert [task.state for task in await tasks.of_case(filed.case_id)] == ["withdrawn"]
    with pytest.raises(CaseAlreadyClosed):
        await cases.cancel(filed.case_id, "encore", AGENT, now)


async def test_a_case_passed_on_keeps_its_due_date_and_takes_its_tasks_along(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.claim(task.id, AGENT, now)

    await cases.transfer(filed.case_id, "espaces-verts", "Il s’agit d’un arbre", AGENT, now)

    case = await cases.get(filed.case_id)
    [moved] = await tasks.of_case(filed.case_id)
    [instance] = await operations.instances_of(filed.case_id)
    assert (case.department, case.transfers, case.due_at) == ("espaces-verts", 1, filed.due_at)
    assert (await operations.variables_of(instance.id))["case"]["department"] == "espaces-verts"
    assert case.context["department"] == "espaces-verts"
    assert (moved.department, moved.state, moved.due_at) == ("espaces-verts", "open", task.due_at)
    assert set(case.departments) == {"voirie", "espaces-verts"}
    with pytest.raises(ReasonMissing):
        await cases.transfer(filed.case_id, "voirie", "  ", AGENT, now)


async def test_the_term_stops_while_the_town_waits_for_the_citizen(now: datetime) -> None:
    await a_procedure(now, MISSING_PAPER)
    filed = await a_case(now)
    waiting = await cases.get(filed.case_id)
    [asked] = await tasks.open_for_applicant(filed.case_id)

    await tasks.complete(asked.id, {"file": "x"}, CITIZEN, now + timedelta(days=7))

    case = await cases.get(filed.case_id)
    assert (waiting.state, waiting.waiting_since) == ("waiting", now)
    assert (case.state, case.waiting_since) == ("open", None)
    [instance] = await operations.instances_of(filed.case_id)
    told = (await operations.variables_of(instance.id))["case"]["dueAt"]
    assert told == case.due_at
    assert waiting.due_at is not None
    assert case.due_at == waiting.due_at + timedelta(days=7)
    assert await value("SELECT waited_seconds FROM engine_case") == 7 * 86_400


async def test_the_journal_tells_who_did_what(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)

    await tasks.claim(task.id, AGENT, now)
    await tasks.complete(task.id, {}, AGENT, now)

    facts = await journal.of_case(filed.case_id)
    assert [(fact.fact, fact.actor_name) for fact in facts] == [
        ("The request was filed.", "Aïcha Le Gall"),
        ("“{task}” was claimed.", "Yann Kerbrat"),
        ("“{task}” was completed.", "Yann Kerbrat"),
    ]
    assert facts[1].parameters == {"task": "Examiner la demande"}
    assert [fact.fact for fact in await journal.of_case(filed.case_id, public_only=True)] == ["The request was filed."]


async def test_the_timeline_tells_public_steps(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)

    await tasks.complete(task.id, {}, AGENT, now + timedelta(hours=1))

    [step] = await journal.steps(filed.case_id)
    assert (step.label, step.entered_at, step.left_at) == (
        "Votre demande est examinée",
        now,
        now + timedelta(hours=1),
    )
