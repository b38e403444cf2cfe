"""Drives an instance in a test as the verbs would: keeps the rows its effects ask for, moves the clock, routes
nothing outside.

With `restored=True` the state goes through its bytes after every step, which must change nothing.
"""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import msgspec

from engine import definition, instance
from engine.commands import (
    Cancel,
    ChildEnded,
    Command,
    CompleteJob,
    CompleteTask,
    Deliver,
    FailJob,
    FireTimer,
    Resolve,
    SetVariables,
    Start,
    ThrowError,
)
from engine.effects import (
    ChildStarted,
    Effect,
    ElementLeft,
    IncidentRaised,
    IncidentResolved,
    InstanceEnded,
    JobCancelled,
    JobQueued,
    SubscriptionClosed,
    SubscriptionOpened,
    TaskOpened,
    TaskWithdrawn,
    TimerCleared,
    TimerSet,
)
from engine.snapshot import State

TUESDAY = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def bundle(
    *diagrams: bytes,
    lanes: Mapping[str, str] | None = None,
    process: str = "p",
    files: Mapping[str, bytes] | None = None,
) -> Any:
    """What a definition is built from, without the rest of a real bundle."""
    manifest = SimpleNamespace(process=process, department="reception", lanes=dict(lanes or {}))
    contents = {f"{number}.bpmn": content for number, content in enumerate(diagrams)} | dict(files or {})
    digest = hashlib.sha256(repr((contents, manifest)).encode()).hexdigest()
    return SimpleNamespace(hash=digest, manifest=manifest, files=contents)


class Run:
    """One instance under test."""

    def __init__(
        self,
        *diagrams: bytes,
        restored: bool = False,
        lanes: Mapping[str, str] | None = None,
        files: Mapping[str, bytes] | None = None,
        **variables: Any,
    ) -> None:
        self.definition = definition.build(bundle(*diagrams, lanes=lanes, files=files))
        self.restored, self.now = restored, TUESDAY
        self.effects: list[Effect] = []
        self.marks: list[str] = []
        self.tasks: dict[int, TaskOpened] = {}
        self.jobs: dict[int, JobQueued] = {}
        self.timers: dict[tuple[int, int], TimerSet] = {}
        self.subscriptions: dict[tuple[int, int], SubscriptionOpened] = {}
        self.incidents: dict[int, IncidentRaised] = {}
        self.children: dict[int, ChildStarted] = {}
        self.ended: InstanceEnded | None = None
        self.state: State
        self._variables = variables

    def start(self, at: str | None = None, came: tuple[str, str] | None = None) -> "Run":
        begin = Start(variables=self._variables, start=at, came=came)
        self._keep(*instance.start(self.definition, begin, self.now))
        return self

    # --- what happens ------------------------------------------------------------------------------------------------

    def do(self, command: Command) -> "Run":
        self._keep(*instance.advance(self.definition, self.state, command, self.now))
        return self

    def answer(self, element: str, **answers: Any) -> "Run":
        token = self._token(self.tasks, element)
        del self.tasks[token]
        return self.do(CompleteTask(token=token, answers=answers))

    def finish(self, element: str, *, case: dict[str, Any] | None = None, **variables: Any) -> "Run":
        return self.do(CompleteJob(token=self._taken_job(element), variables=variables, case=case or {}))

    def _taken_job(self, element: str) -> int:
        token = self._token(self.jobs, element)
        del self.jobs[token]
        return token

    def throw_error(self, element: str, code: str, **variables: Any) -> "Run":
        return self.do(ThrowError(token=self._taken_job(element), code=code, variables=variables))

    def fail_job(self, element: str) -> "Run":
        return self.do(FailJob(token=self._taken_job(element), message="no answer"))

    def resolve(self, element: str) -> "Run":
        return self.do(Resolve(token=self._token(self.incidents, element)))

    def edit(self, **variables: Any) -> "Run":
        return self.do(SetVariables(variables=variables))

    def cancel(self) -> "Run":
        return self.do(Cancel(reason="asked"))

    def end_child(self, error: str | None = None, **variables: Any) -> "Run":
        return self.do(ChildEnded(token=next(iter(self.children)), variables=variables, error=error))

    def message(self, name: str, key: str | None = None, **variables: Any) -> "Run":
        """Reaches one subscriber."""
        for opened in self._waiting("message", name):
            if opened.key == key:
                return self.do(Deliver(token=opened.token, index=opened.index, name=name, variables=variables))
        raise AssertionError(f"nobody waits for {name} {key}")

    def signal(self, name: str, **variables: Any) -> "Run":
        """Reaches every subscriber there is when it is sent."""
        for opened in self._waiting("signal", name):
            if (opened.token, opened.index) in self.subscriptions:
                self.do(Deliver(token=opened.token, index=opened.index, name=name, kind="signal", variables=variables))
        return self

    def wait(self, **duration: float) -> "Run":
        """Moves the clock, firing what becomes due on the way, in order."""
        until = self.now + timedelta(**duration)
        while due := [timer for timer in self.timers.values() if timer.due <= until]:
            first = min(due, key=lambda timer: timer.due)
            self.now = max(self.now, first.due)
            self.do(FireTimer(token=first.token, index=first.index))
        self.now = until
        return self

    # --- what is seen ------------------------------------------------------------------------------------------------

    @property
    def variables(self) -> dict[str, Any]:
        return self.state.variables

    @property
    def open_tasks(self) -> list[str]:
        return [task.element for task in self.tasks.values()]

    def of(self, kind: type[Any]) -> list[Any]:
        """The effects of one kind, so far."""
        return [effect for effect in self.effects if isinstance(effect, kind)]

    def task(self, element: str) -> TaskOpened:
        return self.tasks[self._token(self.tasks, element)]

    def incident(self, element: str) -> IncidentRaised:
        return self.incidents[self._token(self.incidents, element)]

    def _waiting(self, kind: str, name: str) -> list[SubscriptionOpened]:
        return [each for each in self.subscriptions.values() if (each.kind, each.name) == (kind, name)]

    @staticmethod
    def _token(rows: Mapping[int, Any], element: str) -> int:
        return next(token for token, row in rows.items() if row.element == element)

    def _keep(self, state: State, effects: tuple[Effect, ...]) -> None:
        self.state = State.load(state.dump(), self.definition) if self.restored else state
        self.effects += effects
        for effect in effects:
            self._row(effect)
        whole = state.whole()
        waiting = {(each.token, each.index) for each in whole.subscriptions if each.kind in ("message", "signal")}
        assert waiting == set(self.subscriptions), "subscriptions of the state and of the rows differ"
        timers = {(each.token, each.index): each.due for each in whole.subscriptions if each.kind == "timer"}
        assert timers == {place: timer.due for place, timer in self.timers.items()}, (
            "timers of the state and of the rows differ"
        )
        if self.ended is not None:
            rows = [self.tasks, self.jobs, self.timers, self.subscriptions, self.incidents]
            assert not any(rows), f"an ended instance leaves rows behind: {rows}"
            assert not state.whole().tokens, f"an ended instance has live tokens: {state.tokens}"

    def _row(self, effect: Effect) -> None:
        match effect:
            case TaskOpened():
                self.tasks[effect.token] = effect
            case JobQueued():
                self.jobs[effect.token] = effect
            case TaskWithdrawn():
                del self.tasks[effect.token]
            case JobCancelled():
                del self.jobs[effect.token]
            case TimerSet():
                self.timers[effect.token, effect.index] = effect
            case TimerCleared():
                del self.timers[effect.token, effect.index]
            case SubscriptionOpened():
                self.subscriptions[effect.token, effect.index] = effect
            case SubscriptionClosed():
                del self.subscriptions[effect.token, effect.index]
            case IncidentRaised():
                self.incidents[effect.token] = effect
            case IncidentResolved():
                del self.incidents[effect.token]
            case ChildStarted():
                self.children[effect.token] = effect
            case InstanceEnded():
                self.ended = effect
            case ElementLeft(outcome="completed"):
                self._left(effect)

    def _left(self, effect: ElementLeft) -> None:
        if self.definition.elements[effect.element].kind == "task":
            self.marks.append(effect.element)


def settled(state: State) -> State:
    """The state without what it may differ in: format, name of the definition, order in which its parts are stored."""
    return msgspec.structs.replace(
        state,
        format=0,
        definition="",
        tokens=tuple(sorted(state.tokens, key=lambda token: token.number)),
        frames=tuple(sorted(state.frames, key=lambda frame: frame.host)),
        scopes=tuple(sorted(state.scopes, key=lambda scope: scope.number)),
        subscriptions=tuple(sorted(state.subscriptions, key=lambda each: (each.token, each.index))),
    )
