"""Compensation and transactions (BPMN 2.0.2, 10.3.5, 10.7 and 13.5.5): completed activities are undone in reverse
order.

What was completed, and what is still to be undone, is data on the frame and on the token that compensates, so an
instance can be stored in the middle of it.
"""

from typing import TYPE_CHECKING, Any

import msgspec

from engine.bpmn.events.definitions import CancelEventDefinition, Compensation, parts_of
from engine.bpmn.scopes import Scope

if TYPE_CHECKING:
    from engine.bpmn.runtime.frame import Frame
    from engine.bpmn.runtime.token import Token


class Completed(msgspec.Struct):
    """An activity that could be undone: its element, its scope, and what completed inside it.

    A repeated activity has no inner scope of its own: inside are its iterations.
    """

    name: str
    outer: Scope
    inner: Scope | None = None
    inside: list[Any] = []
    frame: int = 0


def begin_compensation(token: "Token", part: Compensation) -> bool | None:
    """Undoes one activity, or all of the scope. True: the token goes on at once; None: it waits until all is undone."""
    frame = _compensated_frame(token.workflow, part.activity)
    chosen = [each for each in reversed(frame.completed_activities) if part.activity in (None, each.name)]
    if part.waits or not chosen:
        return _begin(token, frame, chosen)
    # Another token stands at the event until all is undone; the one that threw does not wait for it.
    aside = token.workflow.spawn_undoing(token.task_spec, token.outer, None)
    aside.note("aside", True)
    _begin(aside, frame, chosen)
    return True


def undo_transaction(token: "Token") -> bool | None:
    """A cancel end event: the transaction stops, is undone, then its cancel boundary event fires."""
    frame = token.workflow
    frame.cancel_tokens(keep=token)
    if _begin(token, frame, list(reversed(frame.completed_activities))):
        _ended(token)
    return None


def go_on(token: "Token") -> None:
    """Undoes the next activity of the token's list, or ends the compensation."""
    if not token.pending:
        _ended(token)
        return
    record, *token.pending = token.pending
    frame = token.workflow.top_workflow.frame(record.frame)
    node = frame.spec.task_specs[record.name]
    if node.handler is not None:
        frame.spawn(node.handler, record.outer, compensates=token.id)
    elif record.inner is None:
        for each in record.inside:
            each.frame = record.frame
        token.pending = [*reversed(record.inside), *token.pending]
        go_on(token)
    else:
        _undo_inside(frame, node, record, token)


def keep_for_undoing(body: "Token", iteration: "Token") -> None:
    """What an iteration completed inside is kept with the whole activity."""
    if iteration.finished is not None:
        if body.finished is None:
            body.finished = Completed(body.task_spec.name, body.outer)
        body.finished.inside = [*body.finished.inside, iteration.finished]


def compensation_start(spec: Any, specs: Any) -> tuple[Any, Any] | None:
    """The compensation event sub-process of a sub-process, with its start event."""
    for node in spec.event_subprocesses:
        for start in specs[node.spec].starts_of_event_subprocess():
            if isinstance(start.event_definition, Compensation):
                return node, start
    return None


def _compensated_frame(frame: "Frame", activity: str | None) -> "Frame":
    while frame.host is not None:
        here = activity is None or any(each.name == activity for each in frame.completed_activities)
        if here and not frame.spec.is_event_subprocess:
            return frame
        frame = frame.host.workflow
    return frame


def _begin(token: "Token", frame: "Frame", chosen: list[Completed]) -> bool | None:
    if not chosen:
        return True
    for record in chosen:
        frame.completed_activities.remove(record)
        record.frame = frame.key
    token.pending = chosen
    go_on(token)
    return None


def _undo_inside(frame: "Frame", node: Any, record: Completed, token: "Token") -> None:
    """A completed sub-process comes back to life for its compensation only."""
    top = frame.top_workflow
    assert record.inner is not None
    host = frame.spawn_undoing(node, record.outer, token.id)
    inside = top.open_frame(host, node.spec, record.inner)
    inside.undoing = True
    start = compensation_start(inside.spec, top.model.specs)
    if start is not None:
        # Its handler may compensate in turn what completed beside it.
        inside.completed_activities = list(record.inside)
        inside.spawn(start[0], inside.scope, compensates=host.id, start=start[1].name)
        return
    for each in record.inside:
        each.frame = inside.key
    host.pending = list(reversed(record.inside))
    go_on(host)


def _ended(token: "Token") -> None:
    top = token.workflow.top_workflow
    frame = top.subprocesses.get(token.id)
    if frame is not None and frame.undoing:
        del top.subprocesses[token.id]
        token.leave_undone()
    elif token.progress.get("aside"):
        token.leave_undone()
    elif any(isinstance(part, CancelEventDefinition) for part in parts_of(token.task_spec.event_definition)):
        _transaction_cancelled(token.workflow)
    else:
        token.resume()


def _transaction_cancelled(frame: "Frame") -> None:
    top, host = frame.top_workflow, frame.host
    assert host is not None
    for watcher in (host.body or host).watchers:
        for index, part in enumerate(parts_of(watcher.workflow.definition_of(watcher))):
            if isinstance(part, CancelEventDefinition):
                top.fire(watcher, index, {})
                return
    parent = host.workflow
    (host.body or host).cancel()
    parent.check_end()
