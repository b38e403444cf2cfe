"""The running instance: SpiffWorkflow's workflow class with the loop that moves tokens until every one of them waits.

Tokens that have just arrived enter before any ready token runs, so that every subscription stands before something is
thrown. What fails becomes an incident on its token; the other tokens go on. Pure: time comes with the command,
results leave as effects.
"""

from collections import deque
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from SpiffWorkflow.bpmn.workflow import BpmnWorkflow

from engine.bpmn.activities.compensation import go_on
from engine.bpmn.errors import ElementFailed, ErrorThrown
from engine.bpmn.events.calendar import next_of_cycle
from engine.bpmn.events.definitions import Condition, ErrorEventDefinition, MultipleEventDefinition, parts_of
from engine.bpmn.events.throwing import find_handler
from engine.bpmn.expressions import holds
from engine.bpmn.runtime.counting import bytes_held
from engine.bpmn.runtime.frame import Frame, SubFrame
from engine.bpmn.runtime.model import Model
from engine.bpmn.runtime.passing import passed
from engine.bpmn.runtime.subscriptions import Subscription, Subscriptions, planned
from engine.bpmn.runtime.token import ENTER, FAILED, READY, RUN, WAITING, Token
from engine.bpmn.scopes import Scope
from engine.effects import (
    DecisionTraced,
    Effect,
    IncidentRaised,
    MessagePublished,
    SignalBroadcast,
    VariablesChanged,
)
from engine.feel import limits
from engine.feel.builtins.decisions import Offered
from engine.feel.problems import Run
from engine.feel.sentences import Sentence

if TYPE_CHECKING:
    from engine.bpmn.runtime.parking import Parking

# Elements executed in one advance before an endless automatic loop is taken for one.
DEFAULT_FUSE = 10_000
# Levels of sub-processes and calls inside one another. A diagram nests less (the gate sees to it); calls may not end.
DEEPEST = 100
TOO_DEEP = "More than {0} levels run inside one another: does a process call itself?"
UNFORESEEN = "{0}: {1}"
UNHANDLED = "The error {0} has no handler: {1}"


class Instance(Frame, BpmnWorkflow):
    """One process instance in memory, between two stored states."""

    event_manager: Subscriptions
    acting: Token | None = None
    conditions_stale = False
    # Bytes of variables, or more: see `engine.bpmn.sizes`.
    held = 0
    parking: "Parking | None" = None
    called = False
    uncaught: str | None = None
    outcome: Literal["completed", "cancelled"] = "completed"
    # The library computes it; here it is said once.
    top_workflow: Any = None  # pyright: ignore[reportIncompatibleMethodOverride]

    def __init__(self, model: Model, process: str, now: datetime, scope: Scope | None = None) -> None:
        # The library's constructor would make a task tree, events and locks that nothing uses, for each command.
        self.top_workflow, self.spec, self.subprocess_specs = self, model.specs[process], model.specs
        self.model, self.now, self.number = model, now, 0
        self.event_manager = Subscriptions(self)
        self.subprocesses: dict[int, SubFrame] = {}
        # The activities with iterations that run.
        self.repeated: dict[int, Token] = {}
        self.prepare(Scope(0, None) if scope is None else scope)
        self.scope.offers = self._offered
        self.entering: deque[Token] = deque()
        self.ready: deque[Token] = deque()
        self.opening: list[Token] = []
        self.joins: dict[tuple[int, str], tuple[Frame, Any]] = {}
        self.touched: set[str] = set()
        self.effects: list[Effect] = []
        self.fuse = DEFAULT_FUSE

    # --- numbers, frames, effects ------------------------------------------------------------------------------------

    def next_number(self) -> int:
        """A number no token or scope of this instance has had."""
        self.number += 1
        return self.number

    def emit(self, effect: Effect) -> None:
        """Remembers a fact for the outside world."""
        self.effects.append(effect)

    def count(self) -> None:
        """Adds up anew what the variables of the instance take."""
        self.held = bytes_held(self)

    def frame(self, key: int) -> Frame:
        """The frame of this host token; the instance itself for 0."""
        return self.subprocesses[key] if key else self

    def frames(self) -> list[Frame]:
        """The instance and every frame inside it, outer ones first."""
        return [self, *self.subprocesses.values()]

    def token(self, number: int) -> Token | None:
        """The live token of this number."""
        found = self._near(number)
        if found is None and self.parking is not None:
            self.parking.recall(number)
            found = self._near(number)
        return found

    def _near(self, number: int) -> Token | None:
        found = self.tasks.get(number)
        if found is None and self.subprocesses:
            found = next((each.tasks[number] for each in self.subprocesses.values() if number in each.tasks), None)
        return found

    def recall_all(self) -> None:
        """From here on every token of the instance is at hand."""
        if self.parking is not None:
            self.parking.recall_all()

    def recall_of(self, body: Token) -> None:
        """From here on every iteration of this activity is at hand."""
        if self.parking is not None:
            self.parking.recall_of(body.id)

    def open_frame(self, host: Token, spec: str, scope: Scope) -> SubFrame:
        """The frame inside a container's token. Raises `ElementFailed` where processes call one another without
        end."""
        if host.workflow.depth >= DEEPEST:
            raise ElementFailed("fuse", Sentence(TOO_DEEP, (DEEPEST,)))
        frame = self.subprocesses[host.id] = SubFrame(self.model.specs[spec], host, self, scope)
        return frame

    def write(self, scope: Scope, values: dict[str, Any], growth: int | None = None) -> None:
        """Writes variables of one scope; `growth` is what the scope says of them, where it was asked already."""
        if values:
            growth = scope.growth(values) if growth is None else growth
            scope.put(values, growth)
            self.held += growth
            self.touched.update(values)
            self.emit(VariablesChanged(scope=scope.label, values=values))

    def compensated(self, number: int) -> None:
        """One activity has been undone for the token of this number: it goes on with the next."""
        token = self.token(number)
        if token is not None:
            go_on(token)

    def _offered(self) -> Mapping[str, Any]:
        return Offered(self._asked)

    def _asked(self, run: Run, decision: str, inputs: Mapping[str, Any] | None) -> Any:
        """What `decide` answers in an expression: the trace is kept with the element that acts."""
        run.spend(limits.STEPS_PER_DECISION)
        acting = self.acting
        token, element = (0, self.spec.name) if acting is None else (acting.id, acting.task_spec.name)
        visible = self.scope if acting is None else acting.data
        value, trace = self.model.decide(decision, visible if inputs is None else inputs, self.now, run)
        self.emit(DecisionTraced(token=token, element=element, decision=decision, trace=trace))
        return value

    # --- the loop ----------------------------------------------------------------------------------------------------

    def run_until_waiting(self) -> None:
        """Moves tokens until every one waits."""
        entering, ready, conditions = self.entering, self.ready, self.event_manager.conditions
        while True:
            if entering:
                token = entering.popleft()
                alone = token.task_spec.plain and not (entering or ready or conditions)
                if not (alone and passed(self, token)):
                    self._step(token)
            elif conditions and self._conditions_fired():
                continue
            elif ready:
                token = ready.popleft()
                if token._state == READY:
                    self._step(token)
            elif not self.joins or not self._joins_settled():
                return

    @property
    def script_engine(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride]
        return self.model

    def do_engine_steps(self, will_complete_task: Any = None, did_complete_task: Any = None) -> None:
        """The library's name for the same."""
        self.run_until_waiting()

    def _step(self, token: Token) -> None:
        if token.id not in token.workflow.tasks:
            return
        self.acting, stage = token, token.stage
        try:
            if stage == ENTER:
                # Iterations of a multi-instance activity are bounded by their number, so they burn no fuse.
                self.fuse -= token.body is None
                if self.fuse < 0:
                    raise ElementFailed("fuse", "Too many elements ran without a pause: is this loop endless?")
                token.task_spec._update(token)
            elif stage == RUN:
                token.run()
            else:
                token.complete()
        except ErrorThrown as thrown:
            self.raise_error(token, thrown)
        except ElementFailed as failed:
            if not token.is_live:
                raise  # A token that has left cannot carry an incident, and nothing may be lost in silence.
            self.fail(token, failed.kind, failed.sentence, failed.names)
        except Exception as unexpected:
            # Whatever an element does must not take the other branches of the case down with it.
            if not token.is_live:
                raise
            self.fail(token, "error", Sentence(UNFORESEEN, (type(unexpected).__name__, str(unexpected))))

    def fail(self, token: Token, kind: Any, said: Sentence | str, names: tuple[str, ...] = ()) -> None:
        """An incident: the token stays where it is until somebody resolves it. A text comes from outside."""
        if not token.is_live:
            return
        token._state = FAILED
        self.emit(
            IncidentRaised(
                token=token.id,
                element=token.task_spec.name,
                kind=kind,
                message=str(said),
                variables=names,
                sentence=said.kept() if isinstance(said, Sentence) else None,
            )
        )

    def raise_error(self, token: Token, thrown: ErrorThrown) -> None:
        """An error looks for its handler; without one it is an incident, or the end of a called instance."""
        handler = find_handler(token, ErrorEventDefinition, thrown.code)
        if handler is not None:
            frame = token.workflow
            self.fire(*handler, thrown.variables)
            token.cancel()
            frame.check_end()
        elif self.called:
            self.uncaught = thrown.code or ""
            self.cancel_tokens()
            self.check_end()
        else:
            token.stage = min(token.stage, RUN)
            self.fail(token, "error", Sentence(UNHANDLED, (thrown.code or "", thrown.sentence)))

    def _joins_settled(self) -> bool:
        for place, (frame, gateway) in list(self.joins.items()):
            if frame is not self and self.subprocesses.get(frame.key) is not frame:
                del self.joins[place]
                continue
            settled = gateway.settle(frame)
            if settled is None:
                del self.joins[place]
                frame.check_end()
                if self.ready:
                    return True
            elif settled:
                return True
        return False

    # --- conditions --------------------------------------------------------------------------------------------------

    def touch_condition(self, token: Token) -> None:
        """A condition may have begun to be watched."""
        self.conditions_stale = self.conditions_stale or bool(self.event_manager.conditions)

    def _conditions_fired(self) -> bool:
        if not (self.touched or self.conditions_stale):
            return False
        touched, self.touched = self.touched, set()
        stale, self.conditions_stale = self.conditions_stale, False
        fired = False
        for subscription in list(self.event_manager.conditions.values()):
            token = self.token(subscription.token)
            if token is None or self.event_manager.find(subscription.token, subscription.index) is None:
                continue
            part = parts_of(token.workflow.definition_of(token))[subscription.index]
            assert isinstance(part, Condition)
            if stale or not part.condition.free_names or touched & part.condition.free_names:
                fired = self._condition_rose(token, subscription, part) or fired
        return fired

    def _condition_rose(self, token: Token, subscription: Subscription, part: Condition) -> bool:
        scope = token.data if token.host is None else token.host.data
        self.acting = token
        try:
            held, subscription.held = subscription.held, holds(part.condition, scope, self.now)
        except ElementFailed:
            return False
        if subscription.held and not held:
            self.fire(token, subscription.index, {})
            return True
        return False

    # --- events ------------------------------------------------------------------------------------------------------

    def open_watchers(self) -> None:
        """Event sub-processes subscribe; one that cannot is an incident on itself."""
        watchers, self.opening = self.opening, []
        for watcher in watchers:
            frame = watcher.workflow
            try:
                frame._open(watcher, planned(watcher, frame.definition_of(watcher), frame.scope))
            except ElementFailed as failed:
                self.fail(watcher, failed.kind, failed.sentence, failed.names)

    def fire(self, token: Token, index: int, variables: dict[str, Any]) -> None:
        """What the token waits for, or watches, has happened; `variables` came with it."""
        frame = token.workflow
        definition = frame.definition_of(token)
        if isinstance(definition, MultipleEventDefinition) and definition.parallel:
            seen = [*token.progress.get("seen", ()), index]
            if index in seen[:-1]:
                return
            variables = {**token.progress.get("variables", {}), **variables}
            if len(seen) < len(parts_of(definition)):
                token.progress = {**token.progress, "seen": seen, "variables": variables}
                return
            token.progress = {}
        if not token.passive:
            self._caught(token, variables)
        elif self._interrupts(token):
            frame.activate(token, variables)
        else:
            frame.branch(token, variables)

    def _caught(self, token: Token, variables: dict[str, Any]) -> None:
        self.event_manager.close_all(token)
        for number in token.race:
            rival = token.workflow.tasks.get(number)
            if rival is not None and rival is not token:
                rival.cancel()
        token.fired, token.result = True, variables
        token._ready()

    def _interrupts(self, token: Token) -> bool:
        if token.start is None:
            return token.task_spec.cancel_activity
        return self.model.specs[token.task_spec.spec].task_specs[token.start].interrupting

    def fire_timer(self, token: Token, subscription: Subscription) -> None:
        """A due timer fires; a repetition is set again, counted from when it was due."""
        assert subscription.due is not None
        if subscription.cycle is not None and token.passive and not self._interrupts(token):
            subscription.due, subscription.cycle = next_of_cycle(subscription.cycle, subscription.due)
            self.event_manager.reset_timer(subscription, token.start or token.task_spec.name)
        else:
            self.event_manager.close(subscription)
        self.fire(token, subscription.index, {})

    def deliver(self, subscription: Subscription, variables: dict[str, Any]) -> None:
        """A message or signal reaches its subscriber."""
        token = self.token(subscription.token)
        if token is not None and token._state == WAITING:
            self.fire(token, subscription.index, variables)

    def publish(self, name: str, key: str | None, variables: dict[str, Any]) -> None:
        """A message thrown here: the first subscriber in this instance takes it, else it goes out."""
        for subscription in self.event_manager.waiting_for("message", name):
            if subscription.key == key:
                self.deliver(subscription, variables)
                return
        self.emit(MessagePublished(name=name, key=key, variables=variables))

    def broadcast(self, name: str, variables: dict[str, Any]) -> None:
        """A signal thrown here reaches every subscriber of this instance at once, and goes out for the others."""
        self.emit(SignalBroadcast(name=name, variables=variables))
        for subscription in self.event_manager.waiting_for("signal", name):
            if self.event_manager.find(subscription.token, subscription.index) is subscription:
                self.deliver(subscription, variables)
