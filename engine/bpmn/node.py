"""What every BPMN element has in common at run time, put in front of SpiffWorkflow's own class of the element.

A token goes through four stages: it enters (inputs, boundary events), runs, hands over its results, and leaves by its
flows. Each stage evaluates everything it needs before it changes anything, so that retrying a failed stage repeats
only that stage.
"""

from functools import cached_property
from typing import TYPE_CHECKING, Any

from engine.bpmn.activities.mapping import mapped_inputs, write_outputs
from engine.bpmn.expressions import Value
from engine.bpmn.flows import Flow, every_true_flow
from engine.bpmn.parser.zeebe import Extensions
from engine.bpmn.scopes import Scope

if TYPE_CHECKING:
    from engine.bpmn.activities.loops import Loop
    from engine.bpmn.runtime.frame import Frame
    from engine.bpmn.runtime.token import Token


class Node:
    """An element of a diagram. Built once, shared by all instances, never changed by a run."""

    is_activity = True
    # Its results are made here, by the element itself, and not by a person or a connector.
    works_alone = False
    # It does no work: a token passes at once.
    passes = False
    kind = "element"
    name: str
    bpmn_name: str | None
    boundary_of: "Node | None" = None
    loop: "Loop | None" = None
    handler: "Node | None" = None
    default: str | None = None
    start_quantity = 1
    completion_quantity = 1
    for_compensation = False
    extensions: Extensions = Extensions()
    departments: tuple[Value, ...] = ()
    public_step: str | None = None
    decision: Any = None

    def __init__(self, *positional: Any, **details: Any) -> None:
        super().__init__(*positional, **details)
        self.outflows: list[Flow] = []
        self.inflows: list[Flow] = []
        self.boundary: list[Any] = []

    # --- SpiffWorkflow's task tree and its predictions are not used: tokens are flat --------------------------------

    def test(self) -> None:
        """Nothing: the library refuses an element without incoming flow, which BPMN allows."""

    def _predict(self, my_task: Any, *positional: Any, **details: Any) -> None:
        """Nothing: possible futures are not part of the state."""

    @cached_property
    def only_way(self) -> tuple[Flow, ...]:
        """The flow by which every token leaves; empty where there are several, or none, or a condition."""
        sole = len(self.outflows) == 1 and self.outflows[0].condition is None
        return tuple(self.outflows) if sole else ()

    # --- the short way ------------------------------------------------------------------------------------------------

    @cached_property
    def plain(self) -> bool:
        """A token that comes here can only go on: nothing is mapped, watched, repeated, undone or done."""
        mapped = self.extensions.inputs or self.extensions.outputs
        followed = self.boundary or self.loop or self.handler
        return self.passes and self.completion_quantity == 1 and not (mapped or followed)

    @cached_property
    def straight(self) -> bool:
        """Plain, and every token that arrives enters alone."""
        return self.plain and self.start_quantity == 1 and (type(self).arrive is Node.arrive or len(self.inflows) < 2)

    # --- the stages of a token ----------------------------------------------------------------------------------------

    def arrive(self, frame: "Frame", flow: Flow | None, scope: Scope) -> None:
        """A token reaches the element by `flow`."""
        if self.start_quantity > 1:
            counts = frame.arrivals.setdefault(self.name, {})
            counts[""] = counts.get("", 0) + 1
            if counts[""] < self.start_quantity:
                return
            counts[""] -= self.start_quantity
        frame.spawn(self, scope)

    def _update(self, my_task: "Token") -> None:
        if self._update_hook(my_task):
            my_task._ready()

    def _update_hook(self, my_task: "Token") -> Any:
        """The token enters: local variables, boundary events, then what is particular to the element (`enter`)."""
        repeated = self.loop is not None and my_task.body is None
        my_task.local = None if repeated else mapped_inputs(self, my_task)
        if self.boundary and my_task.body is None and not my_task.workflow.arm_boundary(my_task):
            return False
        return True if repeated else self.enter(my_task)

    def enter(self, token: "Token") -> bool:
        """Whether the token may run now. False: it waits (and something will make it ready)."""
        return True

    def _run(self, my_task: "Token") -> Any:
        if self.loop is not None and my_task.body is None:
            return self.loop.begin(my_task)
        return super()._run(my_task)  # type: ignore[misc]

    def _run_hook(self, my_task: "Token") -> Any:
        """The element does its work: True when done, None when it goes on by itself."""
        return True

    def hand_over(self, token: "Token") -> None:
        """The results are written to the scopes; everything is evaluated before anything is written."""
        if self.loop is not None and token.body is None:
            self.loop.hand_over(token)
        else:
            write_outputs(self, token)

    def mapping_view(self, token: "Token") -> dict[str, Any]:
        """The results as an output mapping sees them."""
        return token.result or {}

    def plain_results(self, token: "Token") -> dict[str, Any]:
        """The variables that are written when there is no output mapping."""
        return token.result or {}

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        """The flows by which the token leaves. Raises `ElementFailed` when none can be taken."""
        return self.only_way or every_true_flow(self, token)

    def plan_leaving(self, token: "Token") -> None:
        """Decides how the token leaves, before its state changes."""
        if token.body is not None:
            token.chosen = ()
            assert self.loop is not None
            self.loop.plan(token)
        else:
            token.chosen = () if token.compensates is not None else self.choose(token)
            # Evaluated with the flows, so that a condition that fails is an incident of the activity.
            frame = token.workflow
            token.over = (
                frame.host_node is not None
                and self.is_activity
                and token.compensates is None
                and frame.ad_hoc_is_over()
            )

    def _on_complete(self, my_task: "Token") -> None:
        if my_task.body is not None:
            assert self.loop is not None
            self.loop.iteration_ended(my_task)
            return
        frame = my_task.workflow
        frame.leave(my_task)
        if my_task.over:
            frame.end_ad_hoc()
            return
        for flow in my_task.chosen:
            for _ in range(self.completion_quantity):
                flow.target.arrive(frame, flow, my_task.outer)
        if my_task.compensates is not None:
            frame.top_workflow.compensated(my_task.compensates)
        frame.check_end()

    def _on_cancel(self, my_task: "Token") -> None:
        """What must be taken back when the token is interrupted."""
