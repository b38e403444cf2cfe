"""Sub-processes (BPMN 2.0.2, 10.3.5): embedded, event, transaction and ad-hoc. Each runs its own frame with a scope
of its own."""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.expressions import Value
from engine.bpmn.node import Node
from engine.bpmn.scopes import Scope

if TYPE_CHECKING:
    from engine.bpmn.runtime.token import Token


class Container(Node):
    """Runs a frame inside; its token goes on when no token is left there."""

    spec: str

    def _run_hook(self, my_task: "Token") -> Any:
        top = my_task.workflow.top_workflow
        scope = self.inner_scope(my_task)
        top.open_frame(my_task, self.spec, scope).begin(my_task)
        return None

    def inner_scope(self, token: "Token") -> Scope:
        """The scope of the frame inside."""
        return Scope(token.workflow.top_workflow.next_number(), token.data)

    def _on_cancel(self, my_task: "Token") -> None:
        running = my_task.workflow.top_workflow.subprocesses
        if my_task.id in running:
            # Known until the end: iterations that were parked come back to it to be cancelled.
            running[my_task.id].cancel_tokens()
            del running[my_task.id]


class SubProcess(Container, defaults.SubWorkflowTask):
    """An embedded sub-process."""

    kind = "subProcess"


class EventSubProcess(Container, defaults.EventSubprocess):
    """Begins by an event while its parent scope lives; see `runtime.frame` for its subscription."""

    kind = "eventSubProcess"


class Transaction(Container, defaults.TransactionSubprocess):
    """A sub-process that a cancel end event undoes."""

    kind = "transaction"


class AdHocSubProcess(Container, defaults.AdHocSubprocess):
    """Activities in no prescribed order, until none is left or the condition holds (BPMN 2.0.2, 13.3.5).

    The condition is looked at when an activity inside completes; `cancels_rest`: what still runs then is cancelled.
    """

    kind = "adHocSubProcess"
    sequential = False
    cancels_rest = True
    condition: Value | None = None
