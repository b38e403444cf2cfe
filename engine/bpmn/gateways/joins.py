"""Parallel, inclusive and complex gateways: how many tokens, and which, make one go on.

A parallel join counts tokens per incoming flow; an inclusive join waits for every token that can still reach it (BPMN
2.0.2, 13.4.3); a complex gateway waits for its condition, then swallows the rest of the round (13.4.5).
"""

from typing import TYPE_CHECKING

from SpiffWorkflow.bpmn.specs import defaults

from engine.bpmn.errors import ElementFailed
from engine.bpmn.expressions import Value, holds
from engine.bpmn.flows import Flow
from engine.bpmn.gateways.choices import Gateway
from engine.bpmn.scopes import Scope

if TYPE_CHECKING:
    from engine.bpmn.runtime.frame import Frame
    from engine.bpmn.runtime.token import Token

Counts = dict[str, int]

# Marks in the counts of a complex gateway: the round is over, and what each flow has brought to it.
RESET, SEEN = ":reset", ":"


class ParallelGateway(Gateway, defaults.ParallelGateway):
    """Goes on when every incoming flow has brought a token; takes every outgoing flow."""

    kind = "parallelGateway"
    passes = True

    def arrive(self, frame: "Frame", flow: Flow | None, scope: Scope) -> None:
        if len(self.inflows) < 2 or flow is None:
            frame.spawn(self, scope)
            return
        counts = frame.arrivals.setdefault(self.name, {})
        counts[flow.id] = counts.get(flow.id, 0) + 1
        if all(counts.get(each.id) for each in self.inflows):
            take_one_each(self.inflows, counts)
            frame.spawn(self, scope)

    def choose(self, token: "Token") -> tuple[Flow, ...]:
        return tuple(self.outflows)


class InclusiveGateway(Gateway, defaults.InclusiveGateway):
    """Goes on when no token can reach it any more by an empty incoming flow; looked at when nothing else can run."""

    kind = "inclusiveGateway"
    reach: dict[str, frozenset[str]]

    def arrive(self, frame: "Frame", flow: Flow | None, scope: Scope) -> None:
        if len(self.inflows) < 2 or flow is None:
            frame.spawn(self, scope)
            return
        counts = frame.arrivals.setdefault(self.name, {})
        counts[flow.id] = counts.get(flow.id, 0) + 1
        frame.top_workflow.joins[frame.key, self.name] = (frame, self)

    def settle(self, frame: "Frame") -> bool | None:
        """True: a token has gone on. False: it must wait. None: nothing waits here any more."""
        counts = frame.arrivals.get(self.name, {})
        if not any(counts.values()):
            return None
        if self.awaited(frame, counts):
            return False
        take_one_each(self.inflows, counts)
        frame.spawn(self, frame.scope)
        return True

    def awaited(self, frame: "Frame", counts: Counts) -> bool:
        """Whether a token somewhere can reach an empty incoming flow without being able to reach a filled one."""
        filled: set[str] = set()
        empty: set[str] = set()
        for flow in self.inflows:
            (filled if counts.get(flow.id) else empty).update(self.reach[flow.id])
        return any(name in empty and name not in filled for name in frame.positions(self.name))


class ComplexGateway(InclusiveGateway):
    """Goes on when `condition` (over `activationCount`) holds; the other tokens of the round are swallowed."""

    kind = "complexGateway"
    condition: Value | None = None

    def arrive(self, frame: "Frame", flow: Flow | None, scope: Scope) -> None:
        super().arrive(frame, flow, scope)
        if len(self.inflows) < 2 or self.condition is None or flow is None:
            return
        if frame.arrivals[self.name].get(RESET):
            return
        try:
            activated = self._activated(frame)
        except ElementFailed as failed:
            # The token that arrived is counted; one at the gateway carries the incident until it can be decided.
            stuck = frame.spawn(self, frame.scope)
            stuck.note("deciding", True)
            frame.top_workflow.fail(stuck, failed.kind, failed.sentence, failed.names)
            return
        if activated:
            self._begin_round(frame)
            frame.spawn(self, frame.scope)

    def enter(self, token: "Token") -> bool:
        if not token.progress.get("deciding"):
            return True
        frame = token.workflow
        activated = self._activated(frame) and not frame.arrivals[self.name].get(RESET)
        token.progress = {}
        if activated:
            self._begin_round(frame)
            return True
        token.cancel()
        frame.check_end()
        return False

    def _activated(self, frame: "Frame") -> bool:
        counts = frame.arrivals[self.name]
        present = {each.id: counts.get(each.id, 0) for each in self.inflows}
        view = Scope(0, frame.scope, {"activationCount": sum(map(bool, present.values())), **present})
        return holds(self.condition, view, frame.top_workflow.now)

    def _begin_round(self, frame: "Frame") -> None:
        counts = frame.arrivals[self.name]
        for each in self.inflows:
            if counts.get(each.id):
                counts[each.id] -= 1
                counts[SEEN + each.id] = 1
        counts[RESET] = 1

    def settle(self, frame: "Frame") -> bool | None:
        counts = frame.arrivals.get(self.name, {})
        if self.condition is None:
            return super().settle(frame)
        if not counts.get(RESET):
            return False if any(counts.values()) else None
        brought = {each.id: counts.get(each.id) or counts.get(SEEN + each.id, 0) for each in self.inflows}
        if not all(brought.values()) and self.awaited(frame, brought):
            return False
        for each in self.inflows:
            if not counts.pop(SEEN + each.id, 0) and counts.get(each.id):
                counts[each.id] -= 1
        del counts[RESET]
        return None


def take_one_each(flows: list[Flow], counts: Counts) -> None:
    """One token of every filled flow is used up."""
    for flow in flows:
        if counts.get(flow.id):
            counts[flow.id] -= 1
