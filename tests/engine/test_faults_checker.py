"""The checker of `python -m benchmarks faults` finds each kind of violation in a history that was doctored."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from benchmarks import _faults_models as models
from benchmarks._faults_check import Case, History, Instance, Job, Passage, Task, TimerChange, Waiting, check
from benchmarks._faults_ledger import Line
from engine.definition import build
from server.bundles import judge
from server.town.place import DEPARTMENTS

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
CASE, ENDED, RUNNING, JOB, TASK, INCIDENT = (UUID(int=number) for number in range(1, 7))
CHIMED = UUID(int=9)


def passages(instance: UUID, *elements: tuple[int, str, dict[str, Any]]) -> list[Passage]:
    """Tokens that entered and left, with what they wrote in between."""
    found: list[Passage] = []
    for token, element, values in elements:
        known = {"instance_id": instance, "at": NOW}
        found.append(Passage(token=token, happened="entered", element=element, **known))
        if values:
            found.append(Passage(token=None, happened="variables", element=None, details={"values": values}, **known))
        outcome = {"outcome": "completed"}
        found.append(Passage(token=token, happened="left", element=element, details=outcome, **known))
    return found


def a_history(**changes: Any) -> History:
    """One torture case that ran to its end, one case of the town that waits for a timer, one start by the clock."""
    told = [
        Line("file", "key", "asked"),
        Line("file", "key", "acknowledged"),
        Line("send", "draft", "acknowledged"),
        Line("answer", f"{TASK} 1", "acknowledged"),
        Line("publish", "m1", "acknowledged", {"reached": 1}),
        Line("resolve", str(INCIDENT), "acknowledged"),
        Line("effect", str(JOB), "effect", {"attempt": 1, "type": "torture:work"}),
        Line("complete", f"{JOB} 1", "acknowledged"),
    ]
    whole = History(
        now=NOW + timedelta(hours=1),
        lines=told,
        cases=[
            Case(id=CASE, key="key", procedure=models.TORTURE, state="closed", filed_at=NOW),
            Case(id=CHIMED, key=None, procedure=models.CLOCKWORK, state="closed", filed_at=NOW),
        ],
        instances=[
            Instance(id=ENDED, case_id=CASE, procedure=models.TORTURE, status="completed"),
            Instance(
                id=RUNNING,
                case_id=CASE,
                procedure="room_booking",
                status="running",
                all_tokens=frozenset({7}),
                tokens={7: "Wait"},
                timers={(7, 0): NOW + timedelta(days=1)},
            ),
        ],
        tasks=[Task(id=TASK, instance_id=ENDED, token=3, state="completed", key=f"{TASK} 1")],
        jobs=[Job(id=JOB, instance_id=ENDED, token=2, state="done", attempt=1, due_at=NOW)],
        waiting=[Waiting(kind="timer", instance_id=RUNNING, token=7, due_at=NOW + timedelta(days=1))],
        passages=passages(
            ENDED,
            (1, "Zero", {"count": 0}),
            (2, "Work", {}),
            (3, "Ask", {"answer": "m1"}),
            (4, "CountA", {"count": 1}),
            (5, "Pause", {}),
        ),
        timer_changes=[
            TimerChange(set=True, instance_id=ENDED, element="Pause", due_at=NOW),
            TimerChange(set=False, instance_id=ENDED, element="Pause", due_at=NOW),
            TimerChange(set=True, instance_id=RUNNING, element="Wait", due_at=NOW + timedelta(days=1)),
            TimerChange(set=True, instance_id=None, element="Tick", due_at=NOW),
            TimerChange(set=False, instance_id=None, element="Tick", due_at=NOW),
            TimerChange(set=True, instance_id=None, element="Tick", due_at=NOW + timedelta(hours=6)),
        ],
        messages=frozenset({"m1"}),
        sent=frozenset({"draft"}),
        resolved=frozenset({INCIDENT}),
    )
    return msgspec.structs.replace(whole, **changes)


def found_in(history: History) -> set[str]:
    return {kind for kind, words in check(history).items() if words}


def test_a_whole_history_is_without_fault() -> None:
    assert found_in(a_history()) == set()


WHOLE = a_history()
WORKED = WHOLE.jobs[0]
WAITS = WHOLE.instances[1]
ROW = WHOLE.waiting[0]
change = msgspec.structs.replace


@pytest.mark.parametrize(
    "changes",
    [
        {"cases": WHOLE.cases[1:]},
        {"sent": frozenset()},
        {"tasks": [change(WHOLE.tasks[0], key="somebody else's")]},
        {"tasks": [change(WHOLE.tasks[0], state="open")]},
        {"messages": frozenset()},
        {"passages": [each for each in WHOLE.passages if "answer" not in each.details.get("values", {})]},
        {"resolved": frozenset()},
        {"jobs": [change(WORKED, state="leased", due_at=NOW + timedelta(days=1))]},
        {"lines": [*WHOLE.lines, Line("cancel", str(CASE), "acknowledged")]},
    ],
)
def test_what_was_acknowledged_and_is_not_there_is_a_lost_command(changes: dict[str, Any]) -> None:
    assert "commands_lost" in found_in(a_history(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"passages": [*WHOLE.passages, *passages(ENDED, (2, "Work", {}))]},
        {"passages": [*WHOLE.passages, *passages(ENDED, (8, "CountB", {"count": 1}))]},
        {"passages": [*WHOLE.passages, *passages(ENDED, (8, "CountB", {}))]},
        {"passages": [*WHOLE.passages, *passages(RUNNING, (8, "Answer", {"answer": "m1"}))]},
        {"passages": [*WHOLE.passages, *passages(ENDED, (8, "Pause", {}))]},
        {"lines": [*WHOLE.lines, Line("throw_error", f"{JOB} 2", "acknowledged")]},
        {"cases": [*WHOLE.cases, change(WHOLE.cases[0], id=UUID(int=20))]},
        {"cases": [*WHOLE.cases, change(WHOLE.cases[1], id=UUID(int=20))]},
    ],
)
def test_one_cause_with_two_results_is_applied_twice(changes: dict[str, Any]) -> None:
    assert "applied_twice" in found_in(a_history(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"waiting": []},
        {"waiting": [change(ROW, due_at=NOW + timedelta(days=2))]},
        {"now": NOW + timedelta(days=3)},
        {"cases": WHOLE.cases[:1]},
        {"timer_changes": WHOLE.timer_changes[:-1]},
    ],
)
def test_a_timer_without_its_row_or_overdue_is_lost(changes: dict[str, Any]) -> None:
    assert "timers_lost" in found_in(a_history(**changes))


@pytest.mark.parametrize("number", [0, 3])
def test_a_firing_before_its_due_date_is_early(number: int) -> None:
    timers = list(WHOLE.timer_changes)
    for place in (number, number + 1):
        timers[place] = change(timers[place], due_at=NOW + timedelta(seconds=1))

    assert found_in(a_history(timer_changes=timers)) == {"timers_early"}


@pytest.mark.parametrize(
    "changes",
    [
        {"jobs": [change(WORKED, state="queued")], "lines": []},
        {"lines": [line for line in WHOLE.lines if line.verb != "effect"]},
        {
            "jobs": [WORKED, change(WORKED, id=UUID(int=21), instance_id=RUNNING, token=7, state="cancelled")],
            "waiting": [],
        },
    ],
)
def test_a_job_overdue_done_by_nobody_or_over_while_its_token_waits_is_lost(changes: dict[str, Any]) -> None:
    assert "jobs_lost" in found_in(a_history(**changes))


@pytest.mark.parametrize(
    "changes",
    [
        {"lines": [*WHOLE.lines, Line("effect", str(UUID(int=30)), "effect", {"attempt": 1})]},
        {"lines": [*WHOLE.lines, Line("effect", str(JOB), "effect", {"attempt": 2})]},
        {"waiting": [ROW, Waiting(kind="task", instance_id=RUNNING, token=99)]},
        {"waiting": [ROW, Waiting(kind="job", instance_id=ENDED, token=2)]},
    ],
)
def test_a_call_or_a_row_that_nothing_explains_is_an_effect_without_cause(changes: dict[str, Any]) -> None:
    assert found_in(a_history(**changes)) == {"effects_without_cause"}


@pytest.mark.parametrize(
    "instance",
    [
        change(WAITS, tokens={7: "Wait", 8: "Forgotten"}),
        change(WAITS, tokens={}),
        change(WAITS, unreadable=True),
        change(WAITS, procedure=models.TORTURE),
    ],
)
def test_an_instance_that_waits_for_nothing_or_does_not_end_is_stuck(instance: Instance) -> None:
    assert found_in(a_history(instances=[WHOLE.instances[0], instance])) == {"instances_stuck"}


def test_the_torture_procedures_pass_the_deploy_gate() -> None:
    slugs = frozenset(department.slug for department in DEPARTMENTS)

    for bundle in models.bundles():
        assert [found for found in judge(bundle, slugs).findings if found.severity == "error"] == [], bundle.slug
        build(bundle)
