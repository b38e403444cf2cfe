"""Frames: a running process, and each running sub-process inside it. A frame holds tokens, counts at joins, and what
it could undo.

`Frame` is put in front of SpiffWorkflow's workflow classes; their task tree stays empty.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.util.subworkflow import BpmnSubWorkflow

from engine.bpmn.activities.compensation import Completed, compensation_start
from engine.bpmn.events.definitions import Compensation, EventDefinition, NoneEventDefinition
from engine.bpmn.expressions import holds
from engine.bpmn.node import Node
from engine.bpmn.runtime.subscriptions import place_of, planned
from engine.bpmn.runtime.token import COMPLETED, READY, RUN, STARTED, WAITING, Token
from engine.bpmn.scopes import Scope
from engine.effects import ElementEntered, ElementLeft

if TYPE_CHECKING:
    from engine.bpmn.runtime.instance import Instance


class Frame:
    """One level of execution. `host` is the token it runs for; absent for the process of the instance."""

    depth = 0
    host: Token | None = None
    host_node: Any = None
    undoing = False
    spec: Any
    tasks: dict[int, Token]
    if TYPE_CHECKING:

        @property
        def top_workflow(self) -> Any: ...

    completed: bool

    def prepare(self, scope: Scope) -> None:
        """An empty frame over `scope`."""
        self.scope, self.tasks, self.completed = scope, {}, False
        self.live = 0
        self.arrivals: dict[str, dict[str, int]] = {}
        self.completed_activities: list[Completed] = []
        self.unstarted: list[str] = []

    @property
    def key(self) -> int:
        """The number of the host token; 0 for the process itself."""
        return 0 if self.host is None else self.host.id

    # --- what the library asks of a workflow -------------------------------------------------------------------------

    def is_completed(self) -> bool:
        """Whether no live token is left: recorded when the last one leaves, never inferred."""
        return self.completed

    def update_waiting_tasks(self) -> None:
        """Nothing: waiting tokens are woken by commands."""

    def collect_log_extras(self, dct: dict[str, Any] | None = None) -> dict[str, Any]:
        """Nothing: the library's own log would repeat the journal, with data in it."""
        return dct or {}

    def get_tasks_iterator(self, first_task: Any = None, **filters: Any) -> Any:
        """The live tokens."""
        return iter(list(self.tasks.values()))

    # --- tokens come and go ------------------------------------------------------------------------------------------

    def begin(self, host: Token | None = None, start: str | None = None, came: tuple[str, str] | None = None) -> None:
        """The frame starts: event sub-processes subscribe, then its start events (or activities without incoming
        flow). `came`: what has come for a start that waits for several things."""
        self.watch_event_subprocesses()
        start = start or (host.start if host is not None else None)
        if start is not None:
            self._begin_at(self.spec.task_specs[start], host, came)
        elif self.host_node is not None and self.host_node.kind == "adHocSubProcess":
            self.unstarted = [node.name for node in self.spec.starts()]
            self._start_ad_hoc()
        else:
            for node in self.spec.starts():
                self.spawn(node, self.scope)
        self.check_end()

    def _begin_at(self, node: Any, host: Token | None, came: tuple[str, str] | None) -> None:
        first = self.spawn(node, self.scope)
        if host is not None:
            first.fired, first.result, host.result = True, host.result, None
            return
        seen = place_of(node.event_definition, came, self.scope, self.top_workflow.now)
        if seen is None:
            first.fired = True
        else:
            first.note("seen", [seen])
        # Behind a parallel event gateway that begins the process, the other events must come too (13.2).
        for gateway in (flow.source for flow in node.inflows):
            if gateway.kind == "eventBasedGateway" and gateway.parallel:
                for flow in gateway.outflows:
                    if flow.target is not node:
                        self.spawn(flow.target, self.scope)

    def spawn(
        self,
        node: Node,
        outer: Scope,
        *,
        body: Token | None = None,
        compensates: int | None = None,
        start: str | None = None,
    ) -> Token:
        """A new token at `node`; it enters when its turn comes."""
        top = self.top_workflow
        top.number += 1
        token = Token(self, node, outer, top.number)
        if compensates is not None or start is not None:
            token.compensates, token.start = compensates, start
        self.tasks[token.id] = token
        self.live += 1
        if body is not None:
            token.body = body
            body.bear(token)
        else:
            self.announce(token)
        top.entering.append(token)
        return token

    def spawn_undoing(self, node: Node, outer: Scope, compensates: int | None) -> Token:
        """A token that stands for a completed sub-process, or for a thrower, while something is being undone."""
        token = Token(self, node, outer, self.top_workflow.next_number())
        token.compensates, token.stage, token._state = compensates, RUN, STARTED
        self.tasks[token.id] = token
        self.live += 1
        self.announce(token)
        return token

    def announce(self, token: Token) -> None:
        """The history learns that an element was entered."""
        node = token.task_spec
        # Each by its name: unpacking a dictionary takes four times as long.
        self.top_workflow.effects.append(
            ElementEntered(
                token=token.id,
                element=node.name,
                name=node.bpmn_name or "",
                kind=node.kind,
                public_step=node.public_step,
                decision=node.decision,
            )
        )

    def leave(self, token: Token) -> None:
        """The token is no longer part of the instance."""
        if self.tasks.pop(token.id, None) is None:
            return
        top = self.top_workflow
        if top.event_manager.by_token:
            top.event_manager.close_all(token)
        for watcher in token.watchers:
            self.tasks.pop(watcher.id, None)
            top.event_manager.close_all(watcher)
        if token.body is not None:
            token.body.kids.pop(token.id, None)
        if token.passive:
            return
        self.live -= 1
        if token._state == COMPLETED and token.body is None:
            self._remember(token)
            top.emit(ElementLeft(token=token.id, element=token.task_spec.name))

    def _remember(self, token: Token) -> None:
        """A completed activity that has something to undo is kept, the last one last."""
        if token.compensates is not None:
            return
        node, inside = token.task_spec, token.finished
        if node.handler is not None or inside is not None:
            record = inside or Completed(node.name, token.outer)
            record.name, record.outer = node.name, token.outer
            self.completed_activities.append(record)

    def cancel_tokens(self, keep: Token | None = None) -> None:
        """Every token of the frame ends at once, but `keep`; the oldest first, however the frame was stored."""
        for number in sorted(self.tasks):
            token = self.tasks.get(number)
            if token is not None and token is not keep:
                token.cancel()
        self.arrivals.clear()
        self.unstarted.clear()

    def positions(self, but: str) -> Iterator[str]:
        """The elements where tokens are, joins with waiting tokens included, except the join `but`."""
        for token in self.tasks.values():
            if not token.passive:
                yield token.task_spec.name
        for name, counts in self.arrivals.items():
            if name != but and any(counts.values()):
                yield name

    def check_end(self) -> None:
        """Ends the frame when no token is left in it."""
        if self.live or self.completed or self.undoing or self._has_waiting_arrivals():
            return
        if self.unstarted:
            self._start_ad_hoc()
            if self.live:
                return
        for watcher in list(self.tasks.values()):
            watcher.cancel()
        self.completed = True
        self.ended()

    def ended(self) -> None:
        """What follows the end of the frame."""

    def _has_waiting_arrivals(self) -> bool:
        return bool(self.arrivals) and any(
            number for counts in self.arrivals.values() for mark, number in counts.items() if not mark.startswith(":")
        )

    # --- ad-hoc sub-processes ----------------------------------------------------------------------------------------

    def ad_hoc_is_over(self) -> bool:
        """Whether the completion condition of this ad-hoc sub-process holds."""
        node = self.host_node
        if node is None or node.kind != "adHocSubProcess" or node.condition is None:
            return False
        return holds(node.condition, self.scope, self.top_workflow.now)

    def end_ad_hoc(self) -> None:
        """The condition holds: no activity begins any more, and what still runs is cancelled or awaited."""
        self.unstarted.clear()
        if self.host_node.cancels_rest:
            self.cancel_tokens()
        self.check_end()

    def _start_ad_hoc(self) -> None:
        node = self.host_node
        while self.unstarted and not (node.sequential and self.live):
            self.spawn(self.spec.task_specs[self.unstarted.pop(0)], self.scope)

    # --- watching ----------------------------------------------------------------------------------------------------

    def definition_of(self, token: Token) -> EventDefinition:
        """What the token watches or waits for."""
        if token.start is not None:
            return self.top_workflow.model.specs[token.task_spec.spec].task_specs[token.start].event_definition
        return token.task_spec.event_definition

    def subscribe(self, token: Token, scope: Scope) -> None:
        """The token waits for what its event defines. Raises `ElementFailed` before anything is changed."""
        self._open(token, planned(token, self.definition_of(token), scope))

    def _open(self, token: Token, plans: list[Any]) -> None:
        token._state = WAITING
        element = token.start or token.task_spec.name
        for subscription in plans:
            self.top_workflow.event_manager.open(subscription, element)
        self.top_workflow.touch_condition(token)

    def watch(self, node: Node, outer: Scope, *, host: Token | None = None, start: str | None = None) -> Token:
        """A passive token that watches; not yet part of the frame."""
        token = Token(self, node, outer, self.top_workflow.next_number(), passive=True)
        token.host, token.start = host, start
        return token

    def arm_boundary(self, host: Token) -> bool:
        """The events attached to the activity begin to watch. False: one of them interrupted it at once.

        An activity that failed while it was entered, and is entered again, keeps those that watch it since.
        """
        watching = {watcher.task_spec.name for watcher in host.watchers}
        return self.arm(host, [event for event in host.task_spec.boundary if event.name not in watching])

    def arm(self, host: Token, events: Iterable[Any]) -> bool:
        """These events attached to the activity begin to watch. False: one of them interrupted it at once."""
        watched = []
        for node in events:
            if not isinstance(node.event_definition, Compensation):
                watcher = self.watch(node, host.outer, host=host)
                watched.append((watcher, planned(watcher, node.event_definition, host.data)))
        for watcher, plans in watched:
            self.tasks[watcher.id] = watcher
            host.watchers = [*host.watchers, watcher]
            self._open(watcher, plans)
        return host.is_live

    def event_subprocess_watchers(self) -> list[Token]:
        """The subscriptions of the event sub-processes of this frame."""
        return [token for token in self.tasks.values() if token.passive and token.host is None]

    def watch_event_subprocesses(self) -> None:
        """The event sub-processes of the frame begin to watch, those that do not yet."""
        watched = {(token.task_spec.name, token.start) for token in self.event_subprocess_watchers()}
        for node in self.spec.event_subprocesses:
            for start in self.top_workflow.model.specs[node.spec].starts_of_event_subprocess():
                by_itself = isinstance(start.event_definition, (NoneEventDefinition, Compensation))
                if not by_itself and (node.name, start.name) not in watched:
                    watcher = self.watch(node, self.scope, start=start.name)
                    self.tasks[watcher.id] = watcher
                    self.top_workflow.opening.append(watcher)
        self.top_workflow.open_watchers()

    def activate(self, watcher: Token, variables: dict[str, Any]) -> None:
        """An interrupting event has happened: what it watched ends, and its own token goes on."""
        if watcher.host is None:
            self.top_workflow.event_manager.close_all(watcher)
            self.cancel_tokens(keep=watcher)
        else:
            host = watcher.host
            host.watchers = [each for each in host.watchers if each is not watcher]
            self.top_workflow.event_manager.close_all(watcher)
            host.cancel()
            watcher.host = None
        watcher.passive = False
        self.live += 1
        self._go(watcher, variables)

    def branch(self, watcher: Token, variables: dict[str, Any]) -> None:
        """A non-interrupting event has happened: a new token goes on, the subscription stays."""
        token = Token(self, watcher.task_spec, watcher.outer, self.top_workflow.next_number())
        token.start = watcher.start
        self.tasks[token.id] = token
        self.live += 1
        self._go(token, variables)

    def _go(self, token: Token, variables: dict[str, Any]) -> None:
        self.announce(token)
        token.result = variables
        if token.start is None:
            token.resume()
        else:
            token._state, token.stage = READY, RUN
            self.top_workflow.ready.append(token)


class SubFrame(Frame, BpmnSubWorkflow):
    """The frame inside a sub-process or a called process."""

    def __init__(self, spec: Any, host: Token, top: "Instance", scope: Scope) -> None:
        self.host, self.owner, self.host_node = host, host, host.task_spec
        super().__init__(spec, host.id, top, deserializing=True)
        self.prepare(scope)

    def _calculate_depth(self) -> int:
        return self.owner.workflow.depth + 1

    @property
    def parent_workflow(self) -> Any:
        return self.owner.workflow

    def ended(self) -> None:
        top, host = self.top_workflow, self.owner
        top.subprocesses.pop(host.id, None)
        if not host.is_live:
            return
        if self.completed_activities or compensation_start(self.spec, top.model.specs) is not None:
            host.finished = Completed(host.task_spec.name, host.outer, self.scope, self.completed_activities)
        if host.task_spec.kind == "callActivity":
            host.result = {name: value for name, value in self.scope.values_here.items() if name != "case"}
        host.resume()
