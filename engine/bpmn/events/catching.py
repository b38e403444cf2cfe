"""Events that wait, and the receive task: start, intermediate catch and boundary events."""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.events.definitions import EventDefinition, Link, NoneEventDefinition
from engine.bpmn.node import Node

if TYPE_CHECKING:
    from engine.bpmn.runtime.token import Token


class CatchingEvent(Node):
    """Subscribes when a token enters, so that nothing thrown in the same advance is missed; runs when it has
    happened."""

    is_activity = False
    event_definition: EventDefinition

    def enter(self, token: "Token") -> bool:
        if token.fired or isinstance(self.event_definition, (NoneEventDefinition, Link)):
            return True
        token.workflow.subscribe(token, token.data)
        return False

    def _run_hook(self, my_task: "Token") -> Any:
        return True

    def _on_ready_hook(self, my_task: Any) -> None:
        """Nothing: subscriptions are withdrawn when the event fires or the token leaves."""


class StartEvent(CatchingEvent, defaults.StartEvent):
    """Where a process or a sub-process begins."""

    kind = "startEvent"
    passes = True
    interrupting = True

    def enter(self, token: "Token") -> bool:
        # What has come is noted on the token where a process begins with several things that must all come.
        if not token.fired and token.progress.get("seen"):
            return super().enter(token)
        return True


class IntermediateCatchEvent(CatchingEvent, defaults.IntermediateCatchEvent):
    """Waits in the middle of a flow."""

    kind = "intermediateCatchEvent"


class ReceiveTask(CatchingEvent, defaults.ReceiveTask):
    """Waits for a message."""

    kind = "receiveTask"
    is_activity = True
    instantiates = False


class BoundaryEvent(CatchingEvent, defaults.BoundaryEvent):
    """Watches the activity it is attached to."""

    kind = "boundaryEvent"
    cancel_activity: bool

    def enter(self, token: "Token") -> bool:
        return True
