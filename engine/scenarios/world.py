"""World: one instance living in memory, with a clock that is moved and connectors that answer what they are told.

Stands in for the database and the workers, through the same pure core the town runs. Never reads the real clock.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from uuid import UUID

from engine import instance
from engine.actor import SYSTEM
from engine.bpmn.events.calendar import read_span
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
from engine.definition import Definition
from engine.effects import (
    CaseChanged,
    ChildStarted,
    Effect,
    ElementEntered,
    IncidentRaised,
    IncidentResolved,
    InstanceEnded,
    JobCancelled,
    JobQueued,
    MessagePublished,
    SignalBroadcast,
    SubscriptionClosed,
    SubscriptionOpened,
    TaskOpened,
    TaskWithdrawn,
    TimerCleared,
    TimerSet,
)
from engine.filing import Applicant, Filing, case_variable
from engine.scenarios.story import Answer, Given, Step, Story
from engine.snapshot import State

MOST_MOVES = 5_000
T = TypeVar("T", TaskOpened, JobQueued)


class StepFailed(Exception):
    """A step of a scenario could not be done, or what it expects is not so."""

    def __init__(self, expected: str, seen: str) -> None:
        super().__init__(f"Expected {expected} but {seen}.")
        self.expected, self.seen = expected, seen


class World:
    """The case of one scenario, as it stands after each step."""

    state: State

    def __init__(self, definition: Definition, story: Story) -> None:
        self.definition, self.stubs = definition, story.stubs
        self.now = story.given.now.astimezone(UTC)
        self.tasks: dict[int, TaskOpened] = {}
        self.jobs: dict[int, JobQueued] = {}
        self.timers: dict[tuple[int, int], TimerSet] = {}
        self.subscriptions: dict[tuple[int, int], SubscriptionOpened] = {}
        self.children: dict[int, ChildStarted] = {}
        self.incidents: dict[int, IncidentRaised] = {}
        self.reached: list[str] = []
        self.sent: list[JobQueued] = []
        self.public_step: str | None = None
        self.decision: str | None = None
        self.ended: InstanceEnded | None = None
        self.foreseen: set[int] = set()
        self._outgoing: list[MessagePublished | SignalBroadcast] = []
        self._begin(story.given)

    # --- what a step does --------------------------------------------------------------------------------------------

    def do(self, step: Step) -> None:
        """One step other than `expect`. Raises `StepFailed`."""
        actions: dict[str, Callable[[Step], None]] = {
            "complete": self._complete,
            "job": self._report,
            "advance": lambda step: self._move_clock(read_span(step.advance or "").after(self.now)),
            "until": lambda step: self._move_clock((step.until or self.now).astimezone(UTC)),
            "message": self._send_message,
            "signal": self._send_signal,
            "child": self._end_child,
            "resolve": self._resolve,
            "set": lambda step: self._move(SetVariables(variables=step.set or {})),
            "cancel": lambda step: self._move(Cancel(reason=step.cancel or "")),
        }
        actions[step.action](step)

    @property
    def variables(self) -> dict[str, Any]:
        """The root variables."""
        return self.state.variables

    def unforeseen(self) -> list[IncidentRaised]:
        """Incidents no step has announced."""
        return [incident for token, incident in self.incidents.items() if token not in self.foreseen]

    def _complete(self, step: Step) -> None:
        task = _first(self.tasks, lambda task: task.element == step.complete, f"an open task “{step.complete}”")
        del self.tasks[task.token]
        self._move(CompleteTask(token=task.token, answers=step.answers))

    def _report(self, step: Step) -> None:
        job = _first(self.jobs, lambda job: step.job in (job.element, job.type), f"a waiting job “{step.job}”")
        self._answer(job, step.answer())

    def _move_clock(self, until: datetime) -> None:
        if until < self.now:
            raise StepFailed("a later time", f"it is already {self.now.isoformat()}")
        for _ in range(MOST_MOVES):
            due = min(self.timers.items(), key=lambda item: item[1].due, default=None)
            if due is None or due[1].due > until:
                self.now = until
                return
            slot, timer = due
            del self.timers[slot]
            self.now = max(self.now, timer.due)
            self._move(FireTimer(token=slot[0], index=slot[1]))
        raise StepFailed("the clock to reach its time", f"{MOST_MOVES} timers have fired on the way")

    def _send_message(self, step: Step) -> None:
        reached = self._deliver("message", str(step.message), step.key, step.variables, any_key=step.key is None)
        if not reached:
            raise StepFailed(f"somebody to wait for the message “{step.message}”", f"{self._awaited()}")
        self._settle()

    def _send_signal(self, step: Step) -> None:
        self._deliver("signal", str(step.signal), None, step.variables, any_key=True)
        self._settle()

    def _end_child(self, step: Step) -> None:
        found = next((child for child in self.children.values() if child.process == step.child), None)
        if found is None:
            raise StepFailed(f"a called instance of “{step.child}”", "none runs")
        del self.children[found.token]
        self._move(ChildEnded(token=found.token, variables=step.returns, error=step.error))

    def _resolve(self, step: Step) -> None:
        token = next((token for token, raised in self.incidents.items() if raised.element == step.resolve), None)
        if token is None:
            raise StepFailed(f"an open incident on “{step.resolve}”", "none is open there")
        self._move(Resolve(token=token))

    # --- moving ------------------------------------------------------------------------------------------------------

    def _begin(self, given: Given) -> None:
        manifest = self.definition.manifest
        form = given.form or (manifest.start_forms[0].form if manifest.start_forms else "")
        chosen = manifest.start_form(form)
        if chosen is None and given.form is not None:
            raise StepFailed(f"a start form “{given.form}” in the manifest", "there is none")
        told = given.applicant
        filing = Filing(
            manifest=manifest,
            definition_hash=self.definition.hash,
            answers=given.answers,
            form=form,
            origin=given.origin,
            language=given.language,
            channel=given.channel,
            applicant=Applicant(name=told.name, email=told.email, phone=told.phone) if told else None,
            by=SYSTEM,
            now=self.now,
            follow_url="https://mairie.example/suivi/{tracking_code}",
        )
        case = case_variable(filing, UUID(int=1), f"{self.now.year}-000001", "ACDEFGHJ")
        variables = {"answers": given.answers, "case": case, **given.variables}
        start = given.start or (chosen.start if chosen else None)
        self.state, effects = instance.start(self.definition, Start(variables=variables, start=start), self.now)
        self._note(effects)
        self._settle()

    def _move(self, command: Command) -> None:
        self._advance(command)
        self._settle()

    def _advance(self, command: Command) -> None:
        self.state, effects = instance.advance(self.definition, self.state, command, self.now)
        self._note(effects)

    def _settle(self) -> None:
        """Deliver what the process itself sends, and let stubbed connectors answer, until all is quiet."""
        for _ in range(MOST_MOVES):
            if self._outgoing:
                sending = self._outgoing.pop(0)
                kind = "message" if isinstance(sending, MessagePublished) else "signal"
                key = sending.key if isinstance(sending, MessagePublished) else None
                self._deliver(kind, sending.name, key, sending.variables, any_key=kind == "signal")
                continue
            stubbed = next((job for job in self.jobs.values() if self._stub(job) is not None), None)
            if stubbed is None:
                return
            self._answer(stubbed, self._stub(stubbed) or Answer(), settle=False)
        raise StepFailed("the case to come to rest", f"it has moved {MOST_MOVES} times")

    def _stub(self, job: JobQueued) -> Answer | None:
        return self.stubs.get(job.element) or self.stubs.get(job.type)

    def _answer(self, job: JobQueued, answer: Answer, settle: bool = True) -> None:
        self.jobs.pop(job.token, None)
        if answer.fails is not None:
            command: Command = FailJob(token=job.token, message=answer.fails)
            self.foreseen.add(job.token)
        elif answer.error is not None:
            command = ThrowError(token=job.token, code=answer.error, message=answer.message, variables=answer.variables)
        else:
            command = CompleteJob(token=job.token, variables=answer.returns, case=answer.case)
        self._advance(command)
        if settle:
            self._settle()

    def _deliver(self, kind: str, name: str, key: str | None, variables: dict[str, Any], any_key: bool) -> bool:
        waiting = [
            slot
            for slot, opened in self.subscriptions.items()
            if opened.kind == kind and opened.name == name and (any_key or opened.key == key)
        ]
        for token, index in waiting[:1] if kind == "message" else waiting:
            if (token, index) in self.subscriptions:
                self._advance(Deliver(token=token, index=index, name=name, kind=kind, variables=variables))
        return bool(waiting)

    def _awaited(self) -> str:
        names = sorted({f"“{opened.name}” ({opened.key})" for opened in self.subscriptions.values()})
        return f"only {', '.join(names)} is awaited" if names else "nothing is awaited"

    # --- remembering -------------------------------------------------------------------------------------------------

    def _note(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            self._note_waiting(effect)
            self._note_fact(effect)

    def _note_waiting(self, effect: Effect) -> None:
        match effect:
            case TaskOpened():
                self.tasks[effect.token] = effect
            case TaskWithdrawn(token=token):
                self.tasks.pop(token, None)
            case JobQueued():
                self.jobs[effect.token] = effect
                self.sent.append(effect)
            case JobCancelled(token=token):
                self.jobs.pop(token, None)
            case TimerSet():
                self.timers[effect.token, effect.index] = effect
            case TimerCleared():
                self.timers.pop((effect.token, effect.index), None)
            case SubscriptionOpened():
                self.subscriptions[effect.token, effect.index] = effect
            case SubscriptionClosed():
                self.subscriptions.pop((effect.token, effect.index), None)
            case IncidentRaised():
                self.incidents[effect.token] = effect
            case IncidentResolved(token=token):
                self.incidents.pop(token, None)
                self.foreseen.discard(token)
            case _:
                pass

    def _note_fact(self, effect: Effect) -> None:
        match effect:
            case ElementEntered():
                self.reached.append(effect.element)
                self.public_step = effect.public_step or self.public_step
                self.decision = self.decision or effect.decision
            case ChildStarted():
                self.children[effect.token] = effect
            case MessagePublished() | SignalBroadcast():
                self._outgoing.append(effect)
            case InstanceEnded():
                self.ended = effect
            case CaseChanged() | _:
                pass


def _first(waiting: dict[int, T], is_wanted: Callable[[T], bool], wanted: str) -> T:
    found = next((each for each in waiting.values() if is_wanted(each)), None)
    if found is None:
        others = ", ".join(dict.fromkeys(each.element for each in waiting.values())) or "none"
        raise StepFailed(wanted, f"what waits is: {others}")
    return found
