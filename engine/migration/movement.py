"""Movement: one stored state on another version: every token at the counterpart of its element, every frame in that of
its process, with what it has counted, gathered and could undo.

All obstacles are told together. What watches a case and has a counterpart goes on watching, with its due time; what has
none stops, and what is new begins.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec

from engine.bpmn.errors import ElementFailed
from engine.bpmn.runtime.adopting import adopt
from engine.bpmn.runtime.instance import Instance
from engine.bpmn.runtime.storing import instance_of, state_of
from engine.bpmn.runtime.token import FAILED
from engine.definition import Definition
from engine.effects import (
    Effect,
    ElementEntered,
    ElementLeft,
    IncidentResolved,
    InstanceEnded,
    SubscriptionClosed,
    TimerCleared,
)
from engine.feel.sentences import Sentence
from engine.migration import obstacles
from engine.migration.judging import obstacle_of, repetition, signature, title
from engine.migration.obstacles import Obstacle
from engine.migration.plans import Plan, nodes_of
from engine.snapshot import CompletedRecord, FrameRecord, State, TokenRecord


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """An instance on its new version. `elements`: the new id of the element of every token that was kept."""

    state: State
    process: str
    effects: tuple[Effect, ...]
    elements: dict[int, str]


class Mover:
    """Moves instances from one version to another by one plan; made once for many instances."""

    def __init__(self, old: Definition, new: Definition, plan: Plan) -> None:
        self.old, self.new, self.plan = old, new, plan
        self.before, self.after = nodes_of(old), nodes_of(new)

    def move(self, state: State, now: datetime) -> Moved | tuple[Obstacle, ...]:
        """The instance on the new version, or everything that keeps it on the old one. `state` is not changed."""
        if state.ended:
            return (Obstacle(obstacles.ENDED),)
        moving = _Moving(self, state.whole())
        moved = moving.state()
        if moving.found:
            return tuple(each for number, each in enumerate(moving.found) if each not in moving.found[:number])
        instance = instance_of(moved, self.new.model, now)
        try:
            adopt(instance)
        except ElementFailed as failed:
            return (Obstacle.telling(Sentence(obstacles.FAILS, (failed.sentence,))),)
        return self._settled(moving, instance)

    def _settled(self, moving: "_Moving", instance: Instance) -> Moved:
        if instance.completed:
            variables = dict(instance.scope.values_here) if instance.called else {}
            instance.emit(InstanceEnded(outcome=instance.outcome, variables=variables, error=instance.uncaught))
        return Moved(
            state=state_of(instance, self.new.hash),
            process=instance.spec.name,
            effects=(*moving.effects(), *instance.effects),
            elements=moving.elements,
        )


class _Moving:
    """One state on its way; `found` gathers the obstacles."""

    def __init__(self, mover: Mover, state: State) -> None:
        self.mover, self.before = mover, state
        self.plan, self.old, self.new = mover.plan, mover.before, mover.after
        self.found: list[Obstacle] = []
        self.tokens = {token.number: token for token in state.tokens}
        self.specs = {frame.host: frame.spec for frame in state.frames}
        self.new_specs: dict[int, str] = {}
        self.elements: dict[int, str] = {}
        self.dropped: list[TokenRecord] = []

    def state(self) -> State:
        """The state as the new version stores it; of no use when there are obstacles."""
        frames = tuple(self._frame(frame) for frame in self.before.frames)
        tokens = tuple(moved for token in self.before.tokens if (moved := self._token(token)) is not None)
        gone = {token.number for token in self.dropped}
        return msgspec.structs.replace(
            self.before,
            definition=self.mover.new.hash,
            process=self.new_specs.get(0, self.before.process),
            frames=frames,
            tokens=tokens,
            subscriptions=tuple(each for each in self.before.subscriptions if each.token not in gone),
        )

    def effects(self) -> Iterator[Effect]:
        """What the outside learns: watching that stops, and elements that are called otherwise now."""
        gone = {token.number for token in self.dropped}
        yield from (IncidentResolved(token=token.number) for token in self.dropped if token.state == FAILED)
        for each in self.before.subscriptions:
            if each.token in gone and each.kind == "timer":
                yield TimerCleared(token=each.token, index=each.index)
            elif each.token in gone and each.kind in ("message", "signal"):
                yield SubscriptionClosed(token=each.token, index=each.index)
        for token in self.before.tokens:
            target = self.elements.get(token.number)
            if target is not None and target != token.node and not token.passive and token.body is None:
                yield from self._renamed(token, target)

    def _renamed(self, token: TokenRecord, target: str) -> Iterator[Effect]:
        node = self.new[target][1]
        yield ElementLeft(token=token.number, element=token.node, outcome="migrated")
        # Without its decision: the case is not answered by being moved.
        yield ElementEntered(
            token=token.number,
            element=target,
            name=node.bpmn_name or "",
            kind=node.kind,
            public_step=node.public_step,
        )

    # --- frames ------------------------------------------------------------------------------------------------------

    def _frame(self, frame: FrameRecord) -> FrameRecord:
        spec = self._spec(frame)
        self.new_specs[frame.host] = spec
        return msgspec.structs.replace(
            frame,
            spec=spec,
            arrivals={self.plan.target(name) or name: self._arrivals(name, at) for name, at in frame.arrivals.items()},
            completed=tuple(self._completed(record) for record in frame.completed),
            unstarted=tuple(new for old in frame.unstarted if (new := self.plan.target(old)) is not None),
        )

    def _spec(self, frame: FrameRecord) -> str:
        """The process or sub-process that goes on in the frame."""
        if frame.spec not in self.mover.old.processes:
            # An obstacle, if there is none, is told by the token of the sub-process.
            return self.plan.target(frame.spec) or frame.spec
        if frame.spec in self.mover.new.processes:
            return frame.spec
        if frame.spec == self.mover.old.main_process:
            return self.mover.new.main_process
        self.found.append(Obstacle(obstacles.NO_PROCESS, {"process": frame.spec}))
        return frame.spec

    def _arrivals(self, join: str, counts: dict[str, int]) -> dict[str, int]:
        target = self._target(join)
        if target is None:
            return counts
        node = self.new[target][1]
        flows = {flow.id for flow in node.inflows}
        moved: dict[str, int] = {}
        for mark, number in counts.items():
            sign, flow = (":", mark[1:]) if mark.startswith(":") else ("", mark)
            new_flow = flow if flow in flows or flow in ("", "reset") else self._same_flow(join, flow, node)
            if new_flow is None:
                names = {"element": title(self.old[join][1]), "flow": flow, "target": title(node)}
                self.found.append(Obstacle(obstacles.NO_FLOW, names))
            else:
                moved[sign + new_flow] = number
        return moved

    def _same_flow(self, join: str, flow: str, node: Any) -> str | None:
        """A flow that is called otherwise, but leads here from the counterpart of its source."""
        source = next((each.source.name for each in self.old[join][1].inflows if each.id == flow), "")
        target = self.plan.target(source)
        return next((each.id for each in node.inflows if each.source.name == target), None)

    def _completed(self, record: CompletedRecord) -> CompletedRecord:
        target = self.plan.target(record.name)
        if target is None:
            self.found.append(Obstacle(obstacles.NOT_UNDONE, {"element": title(self.old[record.name][1])}))
        inside = tuple(self._completed(each) for each in record.inside)
        return msgspec.structs.replace(record, name=target or record.name, inside=inside)

    # --- tokens ------------------------------------------------------------------------------------------------------

    def _token(self, token: TokenRecord) -> TokenRecord | None:
        if token.passive and not self._still_watches(token):
            self.dropped.append(token)
            return None
        target = self._target(token.node)
        if target is None:
            return None
        self.elements[token.number] = target
        if not token.passive:
            self._judge(token, target)
        return msgspec.structs.replace(
            token,
            node=target,
            bare=False,
            start=None if token.start is None else self._target(token.start),
            progress=self._progress(token, target),
            pending=tuple(self._completed(each) for each in token.pending),
            finished=None if token.finished is None else self._completed(token.finished),
        )

    def _target(self, element: str) -> str | None:
        target = self.plan.target(element)
        if target is None:
            self.found.append(Obstacle(obstacles.GONE, {"element": title(self.old[element][1])}))
        return target

    def _judge(self, token: TokenRecord, target: str) -> None:
        node, (there, new_node) = self.old[token.node][1], self.new[target]
        here = self.new_specs[token.frame]
        found = obstacle_of(token, node, new_node)
        if found is None and there != here:
            names = {"element": title(node), "target": title(new_node), "here": self._place(here)}
            found = Obstacle(obstacles.OTHER_PLACE, {**names, "there": self._place(there)})
        if found is not None:
            self.found.append(found)

    def _place(self, spec: str) -> str:
        known = self.new.get(spec) or self.old.get(spec)
        return spec if known is None else title(known[1])

    def _still_watches(self, token: TokenRecord) -> bool:
        """Whether what a passive token watches is watched in the new version too, in the same place."""
        target = self.plan.target(token.node)
        if target is None:
            return False
        if token.host is not None:
            host = self.plan.target(self.tokens[token.host].node)
            attached = self.new[target][1].boundary_of
            same = attached is not None and attached.name == host
            return same and signature(self.old[token.node][1]) == signature(self.new[target][1])
        start = self.plan.target(token.start or "")
        if start is None or self.new[target][0] != self.new_specs[token.frame]:
            return False
        inside = self.new[start][0] == self.new[target][1].spec
        return inside and signature(self.old[token.start or ""][1]) == signature(self.new[start][1])

    def _progress(self, token: TokenRecord, target: str) -> dict[str, Any]:
        """The counters of a repetition; results are gathered from now on where the new version wants them."""
        loop = self.new[target][1].loop
        wants = token.body is None and "count" in token.progress and bool(getattr(loop, "results", None))
        if not wants or "results" in token.progress or token.results or repetition(self.new[target][1]) == "NoneType":
            return token.progress
        return {**token.progress, "results": [None] * token.progress["count"]}
