"""Restoring: what is stored, running again. Specs stay in the definition; values are shared, never copied deeply."""

from datetime import datetime

from engine.bpmn.activities.compensation import Completed
from engine.bpmn.activities.loops import GATHERED
from engine.bpmn.events.calendar import Cycle, Span
from engine.bpmn.gateways.joins import InclusiveGateway
from engine.bpmn.runtime.frame import Frame
from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.model import Model
from engine.bpmn.runtime.parking import Parking
from engine.bpmn.runtime.subscriptions import Subscription
from engine.bpmn.runtime.token import Token
from engine.bpmn.scopes import Scope
from engine.snapshot import (
    CompletedRecord,
    FrameRecord,
    Gathered,
    Member,
    ScopeRecord,
    State,
    SubscriptionRecord,
    TokenRecord,
)

# The number of the root scope, and of the frame of the process itself.
ROOT = 0


class Restoring:
    """Builds an instance from a state. Tokens and frames refer to each other by number, so each is made when first
    asked for."""

    def __init__(self, state: State, model: Model, now: datetime) -> None:
        self.scopes: dict[int, Scope] = {}
        self.records: dict[int, TokenRecord] = {}
        self.tokens: dict[int, Token] = {}
        # Bytes of the scopes met so far.
        self.held = 0
        roots = self._add_scopes(state.scopes)
        self.instance = Instance(model, state.process, now, self.scopes[ROOT])
        self.instance.number, self.instance.called, self.instance.completed = state.number, state.called, state.ended
        self.instance.held = self.held
        self._add(state, roots)
        if state.parked:
            self.instance.parking = Parking(state.parked, self.member)
            for group in state.parked:
                self.token(group.body).workflow.live += group.count
                self.instance.held += len(group.stored)

    def member(self, member: Member) -> Token:
        """A parked iteration comes back."""
        first = member.tokens[0]
        assert first.body is not None
        self.token(first.body).workflow.live -= 1
        self._add(member, self._add_scopes(member.scopes))
        return self.token(first.number)

    def _add_scopes(self, records: tuple[ScopeRecord, ...]) -> list[Scope]:
        """Returns those that are roots."""
        roots = []
        for record in records:
            outer = None if record.outer is None else self.scopes[record.outer]
            scope = self.scopes[record.number] = Scope(record.number, outer, None, record)
            self.held += len(record.encoded)
            if outer is None:
                roots.append(scope)
        return roots

    def _add(self, part: State | Member, roots: list[Scope]) -> None:
        for scope in roots:
            scope.offers = self.instance.scope.offers
        for record in part.tokens:
            self.records[record.number] = record
        for record in part.frames:
            if record.host or record.arrivals or record.completed or record.unstarted:
                self._fill_frame(record)
        for record in part.tokens:
            if record.number not in self.tokens:
                self.tokens[record.number] = self._made(record)
        for record in part.subscriptions:
            self.instance.event_manager.add(_subscription(record))

    def _fill_frame(self, record: FrameRecord) -> None:
        if record.host == ROOT:
            frame: Frame = self.instance
        else:
            frame = self.instance.open_frame(self.token(record.host), record.spec, self.scopes[record.scope])
        if record.undoing or record.unstarted:
            frame.undoing, frame.unstarted = record.undoing, list(record.unstarted)
        if record.completed:
            frame.completed_activities = [self._completed(each) for each in record.completed]
        if record.arrivals:
            self._fill_joins(frame, record)

    def _fill_joins(self, frame: Frame, record: FrameRecord) -> None:
        frame.arrivals = {name: dict(counts) for name, counts in record.arrivals.items()}
        for name in frame.arrivals:
            node = frame.spec.task_specs[name]
            if isinstance(node, InclusiveGateway):
                self.instance.joins[frame.key, name] = (frame, node)

    def _completed(self, record: CompletedRecord) -> Completed:
        inner = None if record.inner is None else self.scopes[record.inner]
        inside = [self._completed(each) for each in record.inside]
        return Completed(record.name, self.scopes[record.outer], inner, inside, record.frame)

    def token(self, number: int) -> Token:
        """The token of this number."""
        if number not in self.tokens:
            self.tokens[number] = self._made(self.records[number])
        return self.tokens[number]

    def _made(self, record: TokenRecord) -> Token:
        frame = self.instance.frame(record.frame)
        token = Token(frame, frame.spec.task_specs[record.node], self.scopes[record.scope], record.number)
        token._state, token.stage = record.state, record.stage
        frame.tasks[token.id] = token
        frame.live += not record.passive
        if not record.bare:
            self._furnish(token, record)
        return token

    def _furnish(self, token: Token, record: TokenRecord) -> None:
        """What few tokens have: a scope of their own, a place among others, something to go on with."""
        if record.passive:
            token.passive = True
        if record.local is not None:
            token.local = self.scopes[record.local]
        if record.passive or record.race or record.start or record.fired:
            token.fired, token.race, token.start = record.fired, record.race, record.start
        if record.progress:
            token.progress = dict(record.progress)
            self.instance.held += token.progress.get(GATHERED, 0)
            self._gathered(token)
        if record.results:
            token.gathered = Gathered(record.results)
        if record.result is not None:
            token.result = record.result
        if record.compensates is not None or record.pending or record.finished is not None:
            self._undoing(token, record)
        if record.host is not None:
            token.host = self.token(record.host)
            token.host.watchers = [*token.host.watchers, token]
        if record.body is not None:
            token.body = self.token(record.body)
            token.body.bear(token)

    @staticmethod
    def _gathered(token: Token) -> None:
        """Format 1 kept the results of a repetition among its counters."""
        results = token.progress.pop("results", None)
        if results is not None:
            token.gathered = Gathered.of(list(results))

    def _undoing(self, token: Token, record: TokenRecord) -> None:
        token.compensates = record.compensates
        if record.pending:
            token.pending = [self._completed(each) for each in record.pending]
        if record.finished is not None:
            token.finished = self._completed(record.finished)


def _subscription(record: SubscriptionRecord) -> Subscription:
    cycle = None
    if record.left is not None:
        cycle = Cycle(record.left, Span(*record.step), record.cron, record.since, record.turn)
    return Subscription(
        record.token, record.index, record.kind, record.name, record.key, record.due, cycle, record.held
    )
