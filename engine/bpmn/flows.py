"""Sequence flows and the rules by which a token leaves an element (BPMN 2.0.2, 8.4.13 and 13.3.1)."""

from typing import TYPE_CHECKING, Any

from engine.bpmn.errors import ElementFailed
from engine.bpmn.expressions import Value, holds
from engine.feel.sentences import Sentence, said_in_turn

if TYPE_CHECKING:
    from engine.bpmn.node import Node

NO_FLOW = "{0}: no outgoing condition is true and there is no default flow. {1}"


class Flow:
    """One sequence flow; `condition` is absent for an unconditional one."""

    __slots__ = ("condition", "id", "source", "target")

    def __init__(self, flow_id: str, source: "Node", target: "Node", condition: Value | None = None) -> None:
        self.id, self.source, self.target, self.condition = flow_id, source, target, condition


def every_true_flow(node: "Node", token: Any) -> tuple[Flow, ...]:
    """Unconditional flows and those whose condition holds; the default flow when no conditional one does."""
    flows = node.outflows
    taken, conditional = [], False
    for flow in flows:
        if flow.id != node.default and holds(flow.condition, token.data, token.now):
            taken.append(flow)
            conditional = conditional or flow.condition is not None
    if node.default and not conditional:
        taken += [flow for flow in flows if flow.id == node.default]
    if flows and not taken:
        raise no_flow(node, token)
    return tuple(taken)


def first_true_flow(node: "Node", token: Any) -> tuple[Flow, ...]:
    """The first flow, in the order of the diagram, whose condition holds; else the default flow."""
    for flow in node.outflows:
        if flow.id != node.default and holds(flow.condition, token.data, token.now):
            return (flow,)
    taken = tuple(flow for flow in node.outflows if flow.id == node.default)
    if node.outflows and not taken:
        raise no_flow(node, token)
    return taken


def no_flow(node: "Node", token: Any) -> ElementFailed:
    """The incident of an element that no flow leaves: which conditions were seen, and why each is not true."""
    conditions = [flow.condition for flow in node.outflows if flow.condition is not None]
    reasons = said_in_turn([condition.why(token.data, token.now) for condition in conditions])
    names = sorted({name for condition in conditions for name in condition.free_names})
    return ElementFailed("no_flow", Sentence(NO_FLOW, (node.bpmn_name or node.name, reasons)), tuple(names))
