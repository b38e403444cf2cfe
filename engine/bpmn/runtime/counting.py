"""Counting: how much the variables of a running instance take, added up from the sizes that its scopes know. Asked only
where there seems to be no room left (`engine.bpmn.sizes`)."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from engine.bpmn.activities.compensation import Completed
from engine.bpmn.activities.loops import GATHERED
from engine.bpmn.scopes import Scope

if TYPE_CHECKING:
    from engine.bpmn.runtime.instance import Instance


def bytes_held(instance: "Instance") -> int:
    """Bytes of every scope that is there, and of what multi-instance activities go through and have gathered."""
    tokens = [token for frame in instance.frames() for token in frame.tasks.values()]
    found: dict[int, Scope] = {}
    for scope in _scopes_of(instance):
        while scope.id not in found:
            found[scope.id] = scope
            scope = scope.outer or scope
    parked = 0 if instance.parking is None else instance.parking.size()
    gathered = sum(token.progress.get(GATHERED, 0) for token in tokens)
    return parked + gathered + sum(scope.size for scope in found.values())


def _scopes_of(instance: "Instance") -> Iterator[Scope]:
    for frame in instance.frames():
        yield frame.scope
        yield from _undoable(frame.completed_activities)
        for token in frame.tasks.values():
            yield token.data
            yield from _undoable(token.pending if token.finished is None else [*token.pending, token.finished])


def _undoable(completed: Iterable[Completed]) -> Iterator[Scope]:
    for each in completed:
        yield each.outer if each.inner is None else each.inner
        yield from _undoable(each.inside)
