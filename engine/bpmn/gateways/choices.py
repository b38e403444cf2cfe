"""Exclusive and event-based gateways: one way out of several."""

from typing import TYPE_CHECKING, Any

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.flows import Flow, first_true_flow
from engine.bpmn.node import Node

if TYPE_CHECKING:
    from engine.bpmn.runtime.token import Token


class Gateway(Node):
    """Routes tokens and does no work."""

    is_activity = False

    def _run_hook(self, my_task: "Token") -> Any:
        return True


class ExclusiveGateway(Gateway, defaults.ExclusiveGateway):
    """Takes the first flow whose condition holds, in the order of the diagram, else the default flow."""

    kind = "exclusiveGateway"
    passes = True

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        return first_true_flow(self, token)


class EventBasedGateway(Gateway, defaults.EventBasedGateway):
    """Arms the events behind it as a race: the first to happen withdraws the others. A parallel one, which begins a
    process, waits for all of them."""

    kind = "eventBasedGateway"
    instantiates = parallel = False

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        return ()

    def _on_complete(self, my_task: "Token") -> None:
        frame = my_task.workflow
        racers = [frame.spawn(flow.target, my_task.outer) for flow in self.outflows]
        numbers = () if self.parallel else tuple(racer.id for racer in racers)
        for racer in racers:
            racer.race = numbers
        super()._on_complete(my_task)
