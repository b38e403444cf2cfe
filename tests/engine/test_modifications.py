"""An administrator changes the course of a case, alone or of many at once; each time with a reason."""

import asyncio
from datetime import datetime
from uuid import UUID

import pytest

from engine import batches, cases, incidents, jobs, journal, modifications, operations, suspensions, tasks
from engine.commands import Activation
from engine.errors import (
    BatchUnknown,
    InstanceEnded,
    InstanceUnknown,
    ModificationRefused,
    ReasonMissing,
    VariableNameInvalid,
    VariableValueInvalid,
)
from tests.engine.bundles import ADMINISTRATOR, AGENT, a_case, a_procedure
from tests.engine.test_operations import BROKEN, CALLING, OPINION

pytestmark = pytest.mark.usefixtures("database")


async def filed(now: datetime, count: int = 1) -> list[tuple[UUID, UUID]]:
    """Cases of the same procedure: (case, root instance)."""
    made = [(await a_case(now, key=f"k{number}")).case_id for number in range(count)]
    return [(case_id, (await operations.instances_of(case_id))[0].id) for case_id in made]


async def move(instance_id: UUID, now: datetime, begin: list[str], end: list[str], reason: str = "Erreur") -> None:
    tokens = await operations.tokens_at(instance_id, end)
    activations = [Activation(element=element) for element in begin]
    await modifications.modify(instance_id, activations, tokens, reason=reason, by=ADMINISTRATOR, now=now)


async def test_a_case_is_moved_to_another_element(now: datetime) -> None:
    await a_procedure(now)
    [(case_id, instance_id)] = await filed(now)

    await move(instance_id, now, ["Call"], ["Review"])

    assert {task.element: task.state for task in await tasks.of_case(case_id)} == {
        "Review": "withdrawn",
        "Call": "open",
    }
    fact = (await journal.of_case(case_id))[-1]
    assert (fact.actor_name, fact.parameters["reason"]) == (ADMINISTRATOR.name, "Erreur")
    assert (fact.parameters["begun"], fact.parameters["ended"]) == ("“Appeler”", "“Examiner la demande”")


async def test_a_job_begun_by_hand_is_leased_like_any_other(now: datetime) -> None:
    await a_procedure(now)
    [(_, instance_id)] = await filed(now)

    await move(instance_id, now, ["Tell"], ["Review"])

    assert [leased.job.element_id for leased in await jobs.lease(10, "w", now)] == ["Tell"]


async def test_ending_a_call_ends_what_it_called(now: datetime) -> None:
    await a_procedure(now, OPINION, slug="opinion")
    await a_procedure(now, CALLING)
    [(case_id, instance_id)] = await filed(now)

    await move(instance_id, now, ["Review"], ["Ask"])

    assert [each.status for each in await operations.instances_of(case_id)] == ["running", "cancelled"]
    assert [task.element for task in await tasks.of_case(case_id) if task.is_open] == ["Review"]


async def test_what_a_suspended_case_is_moved_to_waits_for_the_resumption(now: datetime) -> None:
    await a_procedure(now)
    [(_, instance_id)] = await filed(now)
    await suspensions.suspend(instance_id, "Contrôle", ADMINISTRATOR, now)

    await move(instance_id, now, ["Tell"], ["Review"])

    assert await jobs.lease(10, "w", now) == []
    await suspensions.resume(instance_id, "Terminé", ADMINISTRATOR, now)
    assert len(await jobs.lease(10, "w", now)) == 1


async def test_where_an_instance_stands_is_told_in_words(now: datetime) -> None:
    await a_procedure(now)
    [(_, instance_id)] = await filed(now)

    [position] = await operations.positions_of(instance_id)

    assert (position.element, position.name, position.state) == ("Review", "Examiner la demande", "waiting")


async def test_bad_input_is_refused_and_nothing_has_changed(now: datetime) -> None:
    await a_procedure(now)
    [(case_id, instance_id)] = await filed(now)
    before = await journal.of_case(case_id)
    too_deep: list[object] = []
    for _ in range(5000):
        too_deep = [too_deep]

    with pytest.raises(ModificationRefused, match="Nowhere"):
        await move(instance_id, now, ["Nowhere"], [])
    with pytest.raises(ModificationRefused, match="cancel it instead"):
        await move(instance_id, now, [], ["Review"])
    with pytest.raises(ModificationRefused, match="Say what"):
        await move(instance_id, now, [], ["Tell"])
    with pytest.raises(ReasonMissing):
        await move(instance_id, now, ["Call"], [], " ")
    with pytest.raises(InstanceUnknown):
        await modifications.modify(UUID(int=1), [], [1], reason="Essai", by=ADMINISTRATOR, now=now)
    with pytest.raises(VariableValueInvalid):
        await operations.set_variables(instance_id, {"x": too_deep}, "Essai", ADMINISTRATOR, now)
    with pytest.raises(VariableNameInvalid):
        await operations.set_variables(instance_id, {" ": 1}, "Essai", ADMINISTRATOR, now)

    assert await journal.of_case(case_id) == before
    assert [task.state for task in await tasks.of_case(case_id)] == ["open"]


async def test_an_ended_instance_is_neither_modified_nor_edited(now: datetime) -> None:
    await a_procedure(now)
    [(case_id, instance_id)] = await filed(now)
    await cases.cancel(case_id, "Retirée", AGENT, now)

    with pytest.raises(InstanceEnded):
        await modifications.modify(instance_id, [], [1], reason="Essai", by=ADMINISTRATOR, now=now)
    with pytest.raises(InstanceEnded):
        await operations.set_variables(instance_id, {"x": 1}, "Essai", ADMINISTRATOR, now)


@pytest.mark.parametrize(
    ("kind", "parameters", "states"),
    [
        ("cancel", {}, {"cancelled"}),
        ("suspend", {}, {"open"}),
        ("edit", {"variables": {"urgent": True}}, {"open"}),
        ("modify", {"begin": ["Done"], "end": ["Review"]}, {"closed"}),
    ],
)
async def test_many_cases_are_done_in_one_batch(
    now: datetime, kind: str, parameters: dict[str, object], states: set[str]
) -> None:
    await a_procedure(now)
    made = await filed(now, 3)

    batch_id = await batches.begin(
        kind, [each for _, each in made], reason="Lot", by=ADMINISTRATOR, now=now, parameters=dict(parameters)
    )
    await batches.advance(10, now)

    batch = await batches.get(batch_id)
    assert (batch.state, batch.done, batch.actor_name) == ("finished", 3, ADMINISTRATOR.name)
    assert {(await cases.get(case_id)).state for case_id, _ in made} == states
    told = [(await journal.of_case(case_id))[-1].parameters["reason"] for case_id, _ in made]
    assert told == ["Lot"] * 3


async def test_many_blocked_cases_are_retried_in_one_batch(now: datetime) -> None:
    await a_procedure(now, BROKEN)
    made = await filed(now, 2)
    ids = [each for _, each in made]
    await batches.begin("edit", ids, reason="Payé", by=ADMINISTRATOR, now=now, parameters={"variables": {"paid": True}})
    await batches.begin("retry", ids, reason="Payé", by=ADMINISTRATOR, now=now)

    while await batches.advance(3, now):
        pass

    assert {(await cases.get(case_id)).state for case_id, _ in made} == {"closed"}
    assert [len(await incidents.of_instance(instance_id)) for _, instance_id in made] == [0, 0]


async def test_a_batch_names_what_it_could_not_do_and_does_the_rest(now: datetime) -> None:
    await a_procedure(now)
    [first, second] = await filed(now, 2)
    await cases.cancel(first[0], "Retirée", AGENT, now)

    batch_id = await batches.begin("suspend", [first[1], second[1]], reason="Lot", by=ADMINISTRATOR, now=now)
    await batches.advance(10, now)

    [refused] = await batches.refused(batch_id)
    assert (refused.case_id, "has ended" in refused.obstacles[0].sentence) == (first[0], True)
    assert (await batches.get(batch_id)).done == 1


async def test_a_batch_needs_a_reason_and_a_known_kind(now: datetime) -> None:
    with pytest.raises(ReasonMissing):
        await batches.begin("cancel", [], reason="", by=ADMINISTRATOR, now=now)
    with pytest.raises(ValueError, match="expected one of"):
        await batches.begin("explode", [], reason="Lot", by=ADMINISTRATOR, now=now)
    with pytest.raises(BatchUnknown):
        await batches.pause(UUID(int=1))


async def test_two_workers_and_one_cut_short_do_each_case_of_a_batch_once(now: datetime) -> None:
    await a_procedure(now)
    made = await filed(now, 6)
    await batches.begin(
        "edit", [each for _, each in made], reason="Lot", by=ADMINISTRATOR, now=now, parameters={"variables": {"x": 1}}
    )

    cut = asyncio.create_task(batches.advance(10, now))
    await asyncio.sleep(0.02)
    cut.cancel()
    await asyncio.gather(cut, return_exceptions=True)
    await asyncio.gather(batches.advance(10, now), batches.advance(10, now))
    while await batches.advance(10, now):
        pass

    [batch] = await batches.recent()
    assert (batch.state, batch.done, batch.refused) == ("finished", 6, 0)
    told = [[fact for fact in await journal.of_case(case_id) if "edited" in fact.fact] for case_id, _ in made]
    assert [len(facts) for facts in told] == [1] * 6
