"""Judging: whether what waits at one node may go on waiting at another. Pure; each answer is an obstacle or None."""

from typing import Any

from engine.bpmn.events.definitions import MultipleEventDefinition, NoneEventDefinition, parts_of
from engine.bpmn.events.timers import Timer
from engine.bpmn.runtime.token import FAILED, RUN, STARTED, WAITING
from engine.migration import obstacles
from engine.migration.obstacles import Obstacle
from engine.snapshot import TokenRecord


def title(node: Any) -> str:
    """How people call the element."""
    return node.bpmn_name or node.name


def obstacle_of(token: TokenRecord, node: Any, target: Any) -> Obstacle | None:
    """Why this token, at `node`, cannot go on at `target`; None when it can."""
    if _is_to_be_tried_again(token):
        # Nothing of the element is under way: whatever it is now, the retry begins it afresh.
        return None
    names = {"element": title(node), "target": title(target)}
    if node.kind != target.kind:
        return Obstacle(obstacles.OTHER_KIND, {**names, "kind": node.kind, "other": target.kind})
    if repetition(node) != repetition(target):
        return Obstacle(obstacles.OTHER_REPETITION, names)
    if token.state == STARTED and _is_job(node) and not _is_job(target):
        return Obstacle(obstacles.OTHER_WORK, names)
    if token.state == WAITING and signature(node) != signature(target):
        waits, other = (" + ".join(signature(each)[1:]) for each in (node, target))
        return Obstacle(obstacles.OTHER_EVENT, {**names, "waits": waits, "other": other})
    return None


def repetition(node: Any) -> str:
    """How an element is repeated."""
    kind = type(node.loop).__name__
    return f"{kind}:{node.loop.sequential}" if hasattr(node.loop, "sequential") else kind


def signature(node: Any) -> tuple[str, ...]:
    """What an event waits for, in kinds: subscriptions are numbered by these parts."""
    definition = getattr(node, "event_definition", NoneEventDefinition())
    together = isinstance(definition, MultipleEventDefinition) and definition.parallel
    kinds = ("timer" if isinstance(part, Timer) else _kind(part) for part in parts_of(definition))
    return ("all" if together else "one", *kinds)


def _kind(part: Any) -> str:
    return type(part).__name__.removesuffix("EventDefinition").lower()


def _is_job(node: Any) -> bool:
    return node.extensions.job_type is not None


def _is_to_be_tried_again(token: TokenRecord) -> bool:
    return token.state == FAILED and token.stage <= RUN and token.body is None and not token.progress
