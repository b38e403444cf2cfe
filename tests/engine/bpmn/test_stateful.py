"""The engine as a state machine against random processes: whatever is done in whatever order, a stored state has the
same future as the living one, the same commands give the same effects, no token is lost, and what is opened is closed
once."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from engine import instance
from engine.bpmn.errors import NotWaiting
from engine.bpmn.runtime import parking
from engine.bpmn.runtime.token import FAILED, STARTED, WAITING
from engine.commands import (
    Cancel,
    Command,
    CompleteJob,
    CompleteTask,
    Deliver,
    FailJob,
    FireTimer,
    Resolve,
    SetVariables,
    ThrowError,
)
from engine.snapshot import TokenRecord
from tests.engine.bpmn.random_diagrams import BLOCKS, tangled, tangles, written
from tests.engine.bpmn.runs import Run, settled

PICK = st.integers(0, 1000)
# An endless loop of a tangle is cut early: the fuse is tested elsewhere.
FUSE = 150


class Machine(RuleBasedStateMachine):
    """One process, lived twice: in memory, and stored after every step."""

    alive: Run
    stored: Run

    def __init__(self) -> None:
        super().__init__()
        self.told: list[tuple[Command, timedelta]] = []
        self.used: list[Command] = []

    def begin(self, source: bytes, n: int) -> None:
        self.source, self.n = source, n
        self.alive = Run(source, restored=False, n=n).start()
        self.stored = Run(source, restored=True, n=n).start()

    # --- what happens ------------------------------------------------------------------------------------------------

    def do(self, command: Command, later: timedelta = timedelta()) -> None:
        self.told.append((command, later))
        self.used.append(command)
        for run in (self.alive, self.stored):
            run.now += later
            for rows in (run.tasks, run.jobs):
                if isinstance(command, (CompleteTask, CompleteJob, FailJob, ThrowError)):
                    rows.pop(command.token, None)
            run.do(command)

    def chosen(self, rows: dict[Any, Any], pick: int) -> Any:
        return list(rows)[pick % len(rows)]

    @precondition(lambda self: self.alive.tasks)
    @rule(pick=PICK, n=st.integers(0, 3))
    def answer(self, pick: int, n: int) -> None:
        self.do(CompleteTask(token=self.chosen(self.alive.tasks, pick), answers={"n": n}))

    @precondition(lambda self: self.alive.jobs)
    @rule(pick=PICK, n=st.integers(0, 3))
    def finish(self, pick: int, n: int) -> None:
        self.do(CompleteJob(token=self.chosen(self.alive.jobs, pick), variables={"n": n}))

    @precondition(lambda self: self.alive.jobs)
    @rule(pick=PICK, code=st.sampled_from(["E1", "E2"]))
    def throw_error(self, pick: int, code: str) -> None:
        self.do(ThrowError(token=self.chosen(self.alive.jobs, pick), code=code))

    @precondition(lambda self: self.alive.jobs)
    @rule(pick=PICK)
    def fail(self, pick: int) -> None:
        self.do(FailJob(token=self.chosen(self.alive.jobs, pick), message="no answer"))

    @precondition(lambda self: self.alive.timers)
    @rule(pick=PICK, early=st.booleans())
    def fire(self, pick: int, early: bool) -> None:
        timer = self.alive.timers[self.chosen(self.alive.timers, pick)]
        later = timedelta() if early else max(timedelta(), timer.due - self.alive.now)
        self.do(FireTimer(token=timer.token, index=timer.index), later)

    @precondition(lambda self: self.alive.subscriptions)
    @rule(pick=PICK, n=st.integers(0, 3))
    def deliver(self, pick: int, n: int) -> None:
        opened = self.alive.subscriptions[self.chosen(self.alive.subscriptions, pick)]
        self.do(Deliver(token=opened.token, index=opened.index, name=opened.name, kind=opened.kind, variables={"n": n}))

    @precondition(lambda self: self.alive.incidents)
    @rule(pick=PICK)
    def resolve(self, pick: int) -> None:
        self.do(Resolve(token=self.chosen(self.alive.incidents, pick)))

    @precondition(lambda self: self.alive.ended is None)
    @rule(n=st.integers(0, 3))
    def edit(self, n: int) -> None:
        self.do(SetVariables(variables={"n": n}))

    @precondition(lambda self: self.alive.ended is None and len(self.told) > 6)
    @rule()
    def cancel(self) -> None:
        self.do(Cancel(reason="asked"))

    @precondition(lambda self: self.used)
    @rule(pick=PICK)
    def repeat(self, pick: int) -> None:
        """A command for a token that is gone is refused and changes nothing."""
        command = self.used[pick % len(self.used)]
        token = getattr(command, "token", None)
        if token is None or any(record.number == token for record in self.alive.state.whole().tokens):
            return
        before = self.alive.state
        with pytest.raises(NotWaiting):
            instance.advance(self.alive.definition, before, command, self.alive.now)
        assert self.alive.state is before

    @precondition(lambda self: self.alive.ended is not None)
    @rule(command=st.sampled_from([Cancel(), SetVariables(variables={"n": 1})]))
    def disturb(self, command: Command) -> None:
        """What has ended stays as it is."""
        with pytest.raises(NotWaiting):
            instance.advance(self.alive.definition, self.alive.state, command, self.alive.now)

    # --- what always holds -------------------------------------------------------------------------------------------

    @invariant()
    def the_stored_state_lives_the_same_life(self) -> None:
        assert self.alive.effects == self.stored.effects
        assert self.alive.state == self.stored.state

    @invariant()
    def no_live_token_means_the_end_and_the_end_means_no_token(self) -> None:
        state = self.alive.state
        held = any(record.arrivals for record in state.whole().frames)
        live = [record for record in state.whole().tokens if not record.passive]
        assert state.ended == (self.alive.ended is not None)
        assert state.ended == (not live and not held)
        assert not state.ended or not state.whole().tokens

    @invariant()
    def every_live_token_waits_for_something_that_can_come(self) -> None:
        tokens = self.alive.state.whole().tokens
        lost = [record for record in tokens if not record.passive and not self._is_awaited(record)]
        assert lost == []

    def _is_awaited(self, record: TokenRecord) -> bool:
        number, run = record.number, self.alive
        inside = [frame.host for frame in run.state.whole().frames]
        if record.state == FAILED:
            return number in run.incidents
        if record.state == WAITING:
            return any(each.token == number for each in run.state.whole().subscriptions)
        if record.state == STARTED:
            turns = any(each.body == number or each.compensates == number for each in run.state.whole().tokens)
            return number in {*run.tasks, *run.jobs, *run.children, *inside} or turns
        return False

    def teardown(self) -> None:
        """The same commands, told again, give the same effects, also where nothing is ever parked."""
        if not hasattr(self, "alive"):
            return
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parking, "LEAST", 1_000_000)
            self._tell_again()

    def _tell_again(self) -> None:
        again = Run(self.source, restored=False, n=self.n).start()
        for command, later in self.told:
            again.now += later
            for rows in (again.tasks, again.jobs):
                if isinstance(command, (CompleteTask, CompleteJob, FailJob, ThrowError)):
                    rows.pop(command.token, None)
            again.do(command)
        assert again.effects == self.alive.effects
        assert settled(again.state.whole()) == settled(self.alive.state.whole())


class Structured(Machine):
    """Block-structured processes."""

    @initialize(block=BLOCKS, n=st.integers(0, 3))
    def drawn(self, block: Any, n: int) -> None:
        self.begin(written(block), n)


class Unstructured(Machine):
    """Any graph of elements."""

    @initialize(tangle=tangles(), n=st.integers(0, 3))
    def drawn(self, tangle: Any, n: int) -> None:
        self.begin(tangled(tangle), n)


CHECKS = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def tried(machine: type[Machine], examples: int, steps: int) -> Any:
    case = machine.TestCase
    case.settings = settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, suppress_health_check=CHECKS
    )
    return case


@pytest.fixture(autouse=True)
def short_fuse(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.bpmn.runtime.instance.DEFAULT_FUSE", FUSE)


@pytest.fixture
def every_iteration_is_parked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parking, "LEAST", 0)
    monkeypatch.setattr(parking, "WORTH", 1)
    monkeypatch.setattr(parking, "BLOCK", 2)


@pytest.mark.usefixtures("every_iteration_is_parked")
def test_a_random_process_does_the_same_with_its_iterations_parked() -> None:
    tried(Structured, examples=25, steps=15)("runTest").runTest()


@pytest.mark.proof
@pytest.mark.usefixtures("every_iteration_is_parked")
@pytest.mark.parametrize("machine", [Structured, Unstructured])
def test_many_random_processes_do_the_same_with_their_iterations_parked(machine: type[Machine]) -> None:
    tried(machine, examples=400, steps=40)("runTest").runTest()


@pytest.mark.parametrize("machine", [Structured, Unstructured])
def test_a_random_process_keeps_every_promise(machine: type[Machine]) -> None:
    tried(machine, examples=25, steps=15)("runTest").runTest()


@pytest.mark.proof
@pytest.mark.parametrize("machine", [Structured, Unstructured])
def test_many_random_processes_keep_every_promise(machine: type[Machine]) -> None:
    tried(machine, examples=3000, steps=40)("runTest").runTest()
