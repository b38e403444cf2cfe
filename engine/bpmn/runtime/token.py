"""Tokens: SpiffWorkflow's tasks without the tree. A token is where the instance stands; its data is the scope it runs
in."""

from collections.abc import Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine.bpmn.scopes import Scope
from engine.effects import ElementLeft, IncidentResolved, JobCancelled, TaskWithdrawn

if TYPE_CHECKING:
    from engine.bpmn.activities.compensation import Completed
    from engine.bpmn.flows import Flow
    from engine.bpmn.runtime.frame import Frame
    from engine.bpmn.runtime.parking import Group
    from engine.snapshot import Gathered

# The stages of a token, in order; an incident remembers the stage that failed.
ENTER, RUN, HAND_OVER, LEAVE = 0, 1, 2, 3

ARRIVED, WAITING, READY, STARTED = TaskState.FUTURE, TaskState.WAITING, TaskState.READY, TaskState.STARTED
COMPLETED, FAILED, CANCELLED = TaskState.COMPLETED, TaskState.ERROR, TaskState.CANCELLED

_NONE: Any = MappingProxyType({})


class Token(Task):
    """One token. `passive` ones only watch: boundary events and the subscriptions of event sub-processes."""

    # What most tokens never change is said once here: a state may hold thousands of tokens.
    _parent = None
    _children: Any = ()
    internal_data: Any = _NONE
    # Whoever writes one of these four gives the token its own first.
    kids: "dict[int, Token]" = _NONE
    watchers: "Sequence[Token]" = ()
    progress: dict[str, Any] = _NONE
    pending: "Sequence[Completed]" = ()
    triggered = False
    thread_id = 0
    last_state_change = 0.0
    stage: int = ENTER
    local: Scope | None = None
    passive: bool = False
    host: "Token | None" = None
    body: "Token | None" = None
    race: tuple[int, ...] = ()
    start: str | None = None
    result: dict[str, Any] | None = None
    fired: bool = False
    compensates: int | None = None
    finished: "Completed | None" = None
    gathered: "Gathered | None" = None
    parked_at: "tuple[Group, int] | None" = None
    chosen: "tuple[Flow, ...]" = ()
    planned: Any = None
    over: bool = False

    def __init__(self, frame: "Frame", node: Any, outer: Scope, number: int, *, passive: bool = False) -> None:
        # The library's constructor would copy data and grow the tree, so its attributes are set here and above instead.
        self.id, self.workflow, self.task_spec, self.outer, self._state = number, frame, node, outer, ARRIVED
        if passive:
            self.passive = True

    @property
    def data(self) -> Scope:
        """The innermost scope visible to the element."""
        return self.outer if self.local is None else self.local

    @data.setter
    def data(self, value: Any) -> None:
        raise AttributeError("variables are written to scopes, never to tokens")

    @property
    def now(self) -> datetime:
        """The instance's time."""
        return self.workflow.top_workflow.now

    @property
    def is_live(self) -> bool:
        """Whether the token is still part of the instance."""
        return self.id in self.workflow.tasks

    def note(self, name: str, value: Any) -> None:
        """Remembers something of the token's progress."""
        self.progress = {**self.progress, name: value}

    def bear(self, kid: "Token") -> None:
        """An iteration of this activity."""
        if not self.kids:
            self.kids = {}
            self.workflow.top_workflow.repeated[self.id] = self
        self.kids[kid.id] = kid

    def all_kids(self) -> "list[Token]":
        """Every iteration of this activity, the oldest first, those that were parked too."""
        self.workflow.top_workflow.recall_of(self)
        return [self.kids[number] for number in sorted(self.kids)]

    @property
    def is_particular(self) -> bool:
        """Whether something must happen where this token passes, whatever the element."""
        host = self.workflow.host_node
        own = self.body is not None or self.compensates is not None or self.result is not None or self.progress
        return bool(own) or (host is not None and host.kind == "adHocSubProcess")

    def _inherit_data(self) -> None:
        """Nothing: data is not copied from token to token."""

    def _set_state(self, value: int) -> None:
        self._state = value

    def _ready(self) -> None:
        self._state, self.stage = READY, RUN
        self.workflow.top_workflow.ready.append(self)

    def resume(self) -> None:
        """What the token waited for has happened: it hands over its results and leaves."""
        self._state, self.stage = READY, HAND_OVER
        self.workflow.top_workflow.ready.append(self)

    def run(self) -> bool | None:
        """The element does its work, then the token leaves or waits."""
        result = self.task_spec._run(self)
        if not self.is_live or self.stage != RUN:
            return result
        if result is None:
            self._state = STARTED
        else:
            self.complete()
        return result

    def error(self) -> None:
        """Nothing: what is raised becomes an incident or a BPMN error in the instance's loop."""

    def complete(self) -> None:
        """Hands over the results and leaves; what fails is repeated alone when the incident is resolved."""
        node = self.task_spec
        if self.stage != LEAVE:
            self.stage = HAND_OVER
            node.hand_over(self)
            self.stage = LEAVE
        node.plan_leaving(self)
        self._state = COMPLETED
        node._on_complete(self)

    def leave_undone(self) -> None:
        """The sub-process this token stands for has been undone: it leaves, and no flow is taken."""
        self.stage, self.chosen, self._state = LEAVE, (), COMPLETED
        self.task_spec._on_complete(self)

    def cancel(self) -> None:
        """Ends the token at once; nothing of it, or inside it, executes another step."""
        if not self.is_live:
            return
        before, kids = self._state, self.all_kids()
        self._state = CANCELLED
        self._withdraw(before)
        self.workflow.leave(self)
        for kid in kids:
            kid.cancel()
        self.task_spec._on_cancel(self)

    def _withdraw(self, state: int) -> None:
        emit = self.workflow.top_workflow.emit
        if state == FAILED:
            emit(IncidentResolved(token=self.id))
        elif state == STARTED and not self.kids:
            if self.task_spec.kind == "userTask":
                emit(TaskWithdrawn(token=self.id))
            elif self.task_spec.extensions.job_type is not None:
                emit(JobCancelled(token=self.id))
        # An iteration is told only where somebody outside must learn of its end: the child instance of a call.
        if not self.passive and (self.body is None or self.task_spec.kind == "callActivity"):
            emit(ElementLeft(token=self.id, element=self.task_spec.name, outcome="terminated"))
