"""History answers: which elements, when, by whom, with which values, on which version; any step is rebuilt; the whole
leaves as an event log.
"""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from engine import history, migrations, mining, operations, tasks, xes
from engine.effects import Effect, ElementEntered, ElementLeft, VariablesChanged
from engine.errors import InstanceUnknown
from engine.history import Line
from engine.xes import Names
from tests.engine.bpmn.random_diagrams import written
from tests.engine.bpmn.runs import Run
from tests.engine.bpmn.test_random_processes import BLOCKS
from tests.engine.bundles import ADMINISTRATOR, AGENT, CITIZEN, a_case, a_procedure
from tests.engine.test_migrations import RENAMED, to

XES = "{http://www.xes-standard.org/}"


async def a_moved_case(now: datetime) -> tuple[UUID, UUID]:
    """A case whose task was renamed by a migration, then completed an hour later: (case, instance)."""
    await a_procedure(now)
    filed = await a_case(now)
    [task] = await tasks.of_case(filed.case_id)
    [instance] = await operations.instances_of(filed.case_id)
    mover = await to(now, RENAMED, {"Review": "Examine"})
    await migrations.migrate(instance.id, mover, "Étude", ADMINISTRATOR, now + timedelta(minutes=30))
    await tasks.complete(task.id, {"note": "bien"}, AGENT, now + timedelta(hours=1))
    return filed.case_id, instance.id


@pytest.mark.usefixtures("database")
async def test_every_stay_has_its_times_its_authors_and_its_version(now: datetime) -> None:
    case_id, _ = await a_moved_case(now)

    stays = {visit.element: visit for visit in await history.visits(case_id)}

    review, examine = stays["Review"], stays["Examine"]
    assert (review.entered_by, review.outcome, review.version) == (CITIZEN.name, "migrated", 1)
    assert (examine.left_by, examine.outcome, examine.version) == (AGENT.name, "completed", 2)
    assert examine.left_at == now + timedelta(hours=1)
    assert stays["Tell"].left_at is None


@pytest.mark.usefixtures("database")
async def test_every_value_has_its_author_and_what_it_replaced(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_case(now)
    [instance] = await operations.instances_of(filed.case_id)
    await operations.set_variables(instance.id, {"amount": 10}, "Devis", AGENT, now)
    await operations.set_variables(instance.id, {"amount": 12}, "Erreur", ADMINISTRATOR, now)

    written = [change for change in await history.changes(filed.case_id) if change.name == "amount"]

    assert [(change.by, change.before, change.value) for change in written] == [
        (AGENT.name, None, 10),
        (ADMINISTRATOR.name, 10, 12),
    ]


@pytest.mark.usefixtures("database")
async def test_an_instance_is_seen_as_it_was_at_any_step(now: datetime) -> None:
    case_id, instance_id = await a_moved_case(now)
    steps = await history.steps(instance_id)

    filed, moved, completed = [await history.at_step(instance_id, step.id) for step in steps]

    assert [[one.element for one in each.elements] for each in (filed, moved, completed)] == [
        ["Review"],
        ["Examine"],
        ["Tell"],
    ]
    assert ("review" in filed.variables, completed.variables["review"]) == (False, {"note": "bien"})
    assert filed.definition_hash != moved.definition_hash == completed.definition_hash
    assert (await history.at_time(instance_id, now + timedelta(minutes=45))) == moved
    assert [step.by for step in steps] == [CITIZEN.name, ADMINISTRATOR.name, AGENT.name]
    assert (await history.visits(case_id))[-1].element == "Tell"


@pytest.mark.usefixtures("database")
async def test_the_lines_of_a_procedure_are_searched(now: datetime) -> None:
    await a_moved_case(now)

    by_agent = await history.search("petition", actor_name=AGENT.name)
    at_review = await history.search("petition", element="Review", until=now + timedelta(minutes=1))

    assert {line.element for line in by_agent} == {"Examine", "Tell"}
    assert [line.happened for line in at_review] == ["entered"]
    assert await history.search("other") == []


@pytest.mark.usefixtures("database")
async def test_an_unknown_instance_has_no_history(now: datetime) -> None:
    with pytest.raises(InstanceUnknown):
        await history.at_time(UUID(int=1), now)


@pytest.mark.usefixtures("database")
async def test_cases_leave_as_an_event_log_without_names_or_values(now: datetime) -> None:
    await a_moved_case(now)
    found = [trace async for trace in mining.traces("petition", None, None)]

    text = "".join(xes.log(found, "petition", Names(shown=False)))

    [trace] = etree.fromstring(text.encode()).findall(f"{XES}trace")
    events = [{one.get("key"): one.get("value") for one in event} for event in trace.findall(f"{XES}event")]
    told = [(event["parvis:element"], event["lifecycle:transition"]) for event in events]
    assert told[-2:] == [("Examine", "complete"), ("Tell", "start")]
    assert ("Review", "reassign") in told
    assert [event["time:timestamp"] for event in events] == sorted(event["time:timestamp"] for event in events)
    assert {event["org:resource"] for event in events} == {"person-1", "person-2", "person-3"}
    assert not any(word in text for word in (CITIZEN.name, AGENT.name, "bien", "aicha"))


@pytest.mark.usefixtures("database")
async def test_an_event_log_holds_the_cases_filed_in_its_time(now: datetime) -> None:
    await a_procedure(now)
    early = await a_case(now - timedelta(days=3), key="early")
    await a_case(now, key="late")

    found = [trace.reference async for trace in mining.traces("petition", None, now - timedelta(days=1))]

    assert found == [early.reference]


def test_names_are_shown_when_they_are_asked_for_and_odd_letters_do_no_harm() -> None:
    line = Line(
        id=1,
        case_id=UUID(int=1),
        instance_id=UUID(int=2),
        token=3,
        happened="entered",
        element="A",
        name='Dire "oui" & <non>\x00',
        kind="userTask",
        at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
        actor_name="Yann",
        details={},
    )
    trace = xes.Trace(
        reference="R1",
        version=None,
        filed_at=line.at,
        state="open",
        decision=None,
        department="voirie",
        lines=(line,),
    )

    read = etree.fromstring("".join(xes.log([trace], "p", Names(shown=True))).encode())

    values = [one.get("value") for one in read.iter(f"{XES}string")]
    assert 'Dire "oui" & <non>' in values
    assert "Yann" in values


def lines_of(effects: list[Effect]) -> list[Line]:
    """The lines `engine.apply` writes for these effects."""
    found: list[Line] = []
    for number, effect in enumerate(effects):
        match effect:
            case ElementEntered():
                told = ("entered", effect.token, effect.element, {})
            case ElementLeft():
                told = ("left", effect.token, effect.element, {"outcome": effect.outcome})
            case VariablesChanged():
                told = ("variables", None, None, {"scope": effect.scope, "values": effect.values})
            case _:
                continue
        happened, token, element, details = told
        found.append(
            Line(
                id=number,
                case_id=UUID(int=1),
                instance_id=UUID(int=2),
                token=token,
                happened=happened,
                element=element,
                name=None,
                kind=None,
                at=datetime(2026, 11, 24, 9, 0, tzinfo=UTC),
                actor_name="",
                details=details,
            )
        )
    return found


@given(BLOCKS, st.integers(0, 1000))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_state_of_a_random_process_is_rebuilt_from_its_history(block, seed):
    run = Run(written(block), n=0).start()

    for number in range(60):
        rebuilt = history.rebuilt(lines_of(run.effects), "")
        live = {
            (token.number, token.node) for token in run.state.whole().tokens if not token.passive and token.body is None
        }
        assert {(one.token, one.element) for one in rebuilt.elements} == live
        assert rebuilt.variables == run.variables
        waiting = [(run.answer, task.element) for task in run.tasks.values()]
        waiting += [(run.finish, queued.element) for queued in run.jobs.values()]
        if not waiting or run.ended is not None:
            break
        act, name = waiting[(seed + number) % len(waiting)]
        act(name)
