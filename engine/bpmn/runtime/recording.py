"""Recording: what runs, as records to store. Values are shared, never copied deeply."""

from engine.bpmn.activities.compensation import Completed
from engine.bpmn.runtime.frame import Frame
from engine.bpmn.runtime.subscriptions import Subscription
from engine.bpmn.runtime.token import Token
from engine.bpmn.scopes import Scope
from engine.snapshot import CompletedRecord, FrameRecord, ScopeRecord, SubscriptionRecord, TokenRecord

# What a token has of its own that is neither watched, repeated, fired nor undone.
_PLAIN = {"id", "workflow", "task_spec", "outer", "_state", "stage", "local"}


class Scopes:
    """The scopes that records mention, outer ones first; those known beforehand are not among them."""

    def __init__(self, known: Scope | None = None) -> None:
        self.found: dict[int, ScopeRecord] = {}
        self._known: set[int] = set()
        while known is not None:
            self._known.add(known.id)
            known = known.outer

    def __call__(self, scope: Scope) -> int:
        if scope.id not in self.found and scope.id not in self._known:
            outer = None if scope.outer is None else self(scope.outer)
            self.found[scope.id] = scope.record(outer)
        return scope.id

    def records(self) -> tuple[ScopeRecord, ...]:
        return tuple(self.found.values())


def frame_record(frame: Frame, scopes: Scopes) -> FrameRecord:
    if not (frame.arrivals or frame.completed_activities or frame.unstarted or frame.undoing):
        return FrameRecord(host=frame.key, spec=frame.spec.name, scope=scopes(frame.scope))
    return FrameRecord(
        host=frame.key,
        spec=frame.spec.name,
        scope=scopes(frame.scope),
        arrivals=_arrivals(frame),
        completed=tuple([_completed_record(each, scopes) for each in frame.completed_activities]),
        unstarted=tuple(frame.unstarted),
        undoing=frame.undoing,
    )


def _arrivals(frame: Frame) -> dict[str, dict[str, int]]:
    counts = {name: {mark: number for mark, number in each.items() if number} for name, each in frame.arrivals.items()}
    return {name: each for name, each in counts.items() if each}


def _completed_record(completed: Completed, scopes: Scopes) -> CompletedRecord:
    return CompletedRecord(
        name=completed.name,
        outer=scopes(completed.outer),
        inner=None if completed.inner is None else scopes(completed.inner),
        inside=tuple(_completed_record(each, scopes) for each in completed.inside),
        frame=completed.frame,
    )


def token_record(token: Token, scopes: Scopes) -> TokenRecord:
    if token.__dict__.keys() <= _PLAIN and token.local is None:
        return TokenRecord(
            number=token.id,
            node=token.task_spec.name,
            frame=token.workflow.key,
            state=token._state,
            stage=token.stage,
            scope=scopes(token.outer),
            bare=True,
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
        results=() if token.gathered is None else token.gathered.stored(),
    )


def subscription_record(each: Subscription) -> SubscriptionRecord:
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
