"""Between the running instance and its stored state, both ways. Specs stay in the definition; values are shared,
never copied deeply."""

from datetime import datetime
from typing import Any

from engine.bpmn.activities.compensation import Completed
from engine.bpmn.activities.loops import GATHERED
from engine.bpmn.events.calendar import Cycle, Span
from engine.bpmn.gateways.joins import InclusiveGateway
from engine.bpmn.runtime.frame import Frame
from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.model import Model
from engine.bpmn.runtime.subscriptions import Subscription
from engine.bpmn.runtime.token import Token
from engine.bpmn.scopes import Scope
from engine.snapshot import (
    FORMAT,
    CompletedRecord,
    FrameRecord,
    ScopeRecord,
    State,
    SubscriptionRecord,
    TokenRecord,
)

# Frames and tokens whose place is their default cost no byte.
_ROOT = 0
# What a token has of its own that is neither watched, repeated, fired nor undone.
_PLAIN = {"id", "workflow", "task_spec", "outer", "_state", "stage", "local"}


def state_of(instance: Instance, definition: str) -> State:
    """The state of an instance in which every token waits."""
    scopes = _Scopes()
    # Lists: a generator costs more than the few frames and tokens of most instances.
    inside = instance.frames()
    frames = tuple([_frame_record(frame, scopes) for frame in inside])
    tokens = tuple([_token_record(token, scopes) for frame in inside for token in frame.tasks.values()])
    return State(
        format=FORMAT,
        definition=definition,
        process=instance.spec.name,
        number=instance.number,
        tokens=tokens,
        frames=frames,
        scopes=scopes.records(),
        subscriptions=tuple([_subscription_record(each) for each in instance.event_manager]),
        called=instance.called,
        ended=instance.completed,
    )


def instance_of(state: State, model: Model, now: datetime) -> Instance:
    """The instance of a stored state, ready for a command."""
    return _Restoring(state, model, now).instance


class _Scopes:
    """The scopes a state mentions, outer ones first."""

    def __init__(self) -> None:
        self.found: dict[int, ScopeRecord] = {}

    def __call__(self, scope: Scope) -> int:
        if scope.id not in self.found:
            outer = None if scope.outer is None else self(scope.outer)
            self.found[scope.id] = scope.record(outer)
        return scope.id

    def records(self) -> tuple[ScopeRecord, ...]:
        return tuple(self.found.values())


def _frame_record(frame: Frame, scopes: _Scopes) -> FrameRecord:
    return FrameRecord(
        host=frame.key,
        spec=frame.spec.name,
        scope=scopes(frame.scope),
        arrivals=_arrivals(frame) if frame.arrivals else {},
        completed=tuple([_completed_record(each, scopes) for each in frame.completed_activities])
        if frame.completed_activities
        else (),
        unstarted=tuple(frame.unstarted),
        undoing=frame.undoing,
    )


def _arrivals(frame: Frame) -> dict[str, dict[str, int]]:
    counts = {name: {mark: number for mark, number in each.items() if number} for name, each in frame.arrivals.items()}
    return {name: each for name, each in counts.items() if each}


def _completed_record(completed: Completed, scopes: _Scopes) -> CompletedRecord:
    return CompletedRecord(
        name=completed.name,
        outer=scopes(completed.outer),
        inner=None if completed.inner is None else scopes(completed.inner),
        inside=tuple(_completed_record(each, scopes) for each in completed.inside),
        frame=completed.frame,
    )


def _token_record(token: Token, scopes: _Scopes) -> TokenRecord:
    if token.__dict__.keys() <= _PLAIN and token.local is None:
        return TokenRecord(
            number=token.id,
            node=token.task_spec.name,
            frame=token.workflow.key,
            state=token._state,
            stage=token.stage,
            scope=scopes(token.outer),
        )
    return TokenRecord(
        number=token.id,
        node=token.task_spec.name,
        frame=token.workflow.key,
        state=token._state,
        stage=token.stage,
        scope=scopes(token.outer),
        local=None if token.local is None else scopes(token.local),
        passive=token.passive,
        fired=token.fired,
        host=None if token.host is None else token.host.id,
        body=None if token.body is None else token.body.id,
        race=token.race,
        start=token.start,
        progress=token.progress or {},
        result=token.result,
        compensates=token.compensates,
        pending=tuple([_completed_record(each, scopes) for each in token.pending]) if token.pending else (),
        finished=None if token.finished is None else _completed_record(token.finished, scopes),
    )


def _subscription_record(each: Subscription) -> SubscriptionRecord:
    cycle = each.cycle
    return SubscriptionRecord(
        token=each.token,
        index=each.index,
        kind=each.kind,
        name=each.name,
        key=each.key,
        due=each.due,
        left=None if cycle is None else cycle.left,
        step=(0, 0, 0) if cycle is None else (cycle.step.months, cycle.step.days, cycle.step.seconds),
        cron="" if cycle is None else cycle.cron,
        since=None if cycle is None else cycle.since,
        turn=0 if cycle is None else cycle.turn,
        held=each.held,
    )


class _Restoring:
    """Builds an instance from a state. Tokens and frames refer to each other by number, so each is made when first
    asked for."""

    def __init__(self, state: State, model: Model, now: datetime) -> None:
        self.scopes: dict[int, Scope] = {}
        for record in state.scopes:
            outer = None if record.outer is None else self.scopes[record.outer]
            self.scopes[record.number] = Scope(record.number, outer, stored=record)
        self.records = {record.number: record for record in state.tokens}
        self.tokens: dict[int, Token] = {}
        self.instance = Instance(model, state.process, now, self.scopes[_ROOT])
        for scope in self.scopes.values():
            scope.offers = self.instance.scope.offers
        self.instance.number, self.instance.called, self.instance.completed = state.number, state.called, state.ended
        for record in state.frames:
            self._fill_frame(record)
        for record in state.tokens:
            self._token(record.number)
        self.instance.held += sum([len(record.encoded) for record in state.scopes])
        for record in state.subscriptions:
            self.instance.event_manager.add(_subscription(record))

    def _fill_frame(self, record: FrameRecord) -> None:
        if record.host == _ROOT:
            frame: Frame = self.instance
        else:
            frame = self.instance.open_frame(self._token(record.host), record.spec, self.scopes[record.scope])
        frame.undoing, frame.unstarted = record.undoing, list(record.unstarted)
        frame.arrivals = {name: dict(counts) for name, counts in record.arrivals.items()}
        frame.completed_activities = [self._completed(each) for each in record.completed]
        for name in frame.arrivals:
            node = frame.spec.task_specs[name]
            if isinstance(node, InclusiveGateway):
                self.instance.joins[frame.key, name] = (frame, node)

    def _completed(self, record: CompletedRecord) -> Completed:
        inner = None if record.inner is None else self.scopes[record.inner]
        inside = [self._completed(each) for each in record.inside]
        return Completed(record.name, self.scopes[record.outer], inner, inside, record.frame)

    def _token(self, number: int) -> Token:
        if number not in self.tokens:
            self.tokens[number] = self._made(self.records[number])
        return self.tokens[number]

    def _made(self, record: TokenRecord) -> Token:
        frame = self.instance.frame(record.frame)
        token = Token(
            frame, frame.spec.task_specs[record.node], self.scopes[record.scope], record.number, passive=record.passive
        )
        token._state, token.stage = record.state, record.stage
        if record.local is not None:
            token.local = self.scopes[record.local]
        if record.passive or record.race or record.start or record.fired:
            token.fired, token.race, token.start = record.fired, record.race, record.start
        if record.progress:
            token.progress = _own(record.progress)
            self.instance.held += token.progress.get(GATHERED, 0)
        if record.result is not None:
            token.result = record.result
        self._undoing(token, record)
        frame.tasks[token.id] = token
        frame.live += not token.passive
        if record.host is not None:
            token.host = self._token(record.host)
            token.host.watchers = [*token.host.watchers, token]
        if record.body is not None:
            token.body = self._token(record.body)
            token.body.bear(token)
        return token

    def _undoing(self, token: Token, record: TokenRecord) -> None:
        if record.compensates is not None:
            token.compensates = record.compensates
        if record.pending:
            token.pending = [self._completed(each) for each in record.pending]
        if record.finished is not None:
            token.finished = self._completed(record.finished)


def _own(progress: dict[str, Any]) -> dict[str, Any]:
    """The counters of a loop are changed in place, so an instance needs its own."""
    return {name: list(value) if isinstance(value, list) else value for name, value in progress.items()}


def _subscription(record: SubscriptionRecord) -> Subscription:
    cycle = None
    if record.left is not None:
        cycle = Cycle(record.left, Span(*record.step), record.cron, record.since, record.turn)
    return Subscription(
        record.token, record.index, record.kind, record.name, record.key, record.due, cycle, record.held
    )
