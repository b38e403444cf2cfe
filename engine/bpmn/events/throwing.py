"""Throwing (BPMN 2.0.2, 10.5.3, 10.5.6 and 10.5.7): what an element makes happen, and how errors and escalations
look for their handler.

Errors and escalations go outwards from the throwing token, scope by scope: boundary events first, then event
sub-processes; a handler that names the code goes before one that takes all. They never reach a sibling.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from engine.bpmn.activities.compensation import begin_compensation, undo_transaction
from engine.bpmn.activities.jobs import inputs_of
from engine.bpmn.errors import ElementFailed, ErrorThrown
from engine.bpmn.events.definitions import (
    CancelEventDefinition,
    Compensation,
    ErrorEventDefinition,
    EscalationEventDefinition,
    EventDefinition,
    Message,
    Signal,
    TerminateEventDefinition,
    parts_of,
)
from engine.bpmn.expressions import text_of
from engine.bpmn.sizes import check_thrown
from engine.effects import EscalationUncaught
from engine.feel.sentences import Sentence

if TYPE_CHECKING:
    from engine.bpmn.runtime.token import Token

NAMELESS = {
    "message": "The name of the message is not a text.",
    "signal": "The name of the signal is not a text.",
}


def throw(token: "Token", definition: EventDefinition) -> bool | None:
    """Everything the event throws happens now. True: the token may go on; None: it is gone, or waits for a
    compensation."""
    outcome: bool | None = True
    for part in parts_of(definition):
        if token.is_live:
            outcome = _throw_one(token, part) and outcome
    return outcome if token.is_live else None


def check_throw(token: "Token", definition: EventDefinition) -> None:
    """Evaluates what a throw would need, and throws nothing. Raises `ElementFailed`."""
    for part in parts_of(definition):
        if isinstance(part, (Message, Signal)):
            _named(token, part.title, "message" if isinstance(part, Message) else "signal")
        if isinstance(part, Message):
            text_of(part.key, token.data, token.now)


def _throw_one(token: "Token", part: EventDefinition) -> bool | None:
    match part:
        case Message():
            return _publish(token, part)
        case Signal():
            token.workflow.top_workflow.broadcast(_named(token, part.title, "signal"), check_thrown(inputs_of(token)))
        case TerminateEventDefinition():
            token.workflow.cancel_tokens(keep=token)
        case ErrorEventDefinition():
            raise ErrorThrown(part.code, Sentence("error {0}", (part.code or part.name,)))
        case EscalationEventDefinition():
            escalate(token, part.code)
        case CancelEventDefinition():
            return undo_transaction(token)
        case Compensation():
            return begin_compensation(token, part)
    return True


def _publish(token: "Token", part: Message) -> bool:
    name = _named(token, part.title, "message")
    key = text_of(part.key, token.data, token.now)
    token.workflow.top_workflow.publish(name, key, check_thrown(inputs_of(token)))
    return True


def _named(token: "Token", title: Any, what: str) -> str:
    name = title.of(token.data, token.now)
    if not isinstance(name, str) or not name:
        raise ElementFailed("expression", NAMELESS[what], tuple(sorted(title.free_names)))
    return name


def escalate(token: "Token", code: str | None) -> None:
    """An escalation looks for its handler; without one it is only told."""
    top = token.workflow.top_workflow
    handler = find_handler(token, EscalationEventDefinition, code)
    if handler is None:
        top.emit(EscalationUncaught(token=token.id, element=token.task_spec.name, code=code))
    else:
        top.fire(*handler, {})


def find_handler(token: "Token", kind: type[EventDefinition], code: str | None) -> "tuple[Token, int] | None":
    """The nearest watching token, and which of its definitions takes an event of this kind and code."""
    current, frame = token.body or token, token.workflow
    while True:
        siblings = [each for each in frame.event_subprocess_watchers() if each.task_spec is not current.task_spec]
        found = _best(current.watchers, kind, code) or _best(siblings, kind, code)
        if found is not None or frame.host is None:
            return found
        current, frame = frame.host.body or frame.host, frame.host.workflow


def _best(watchers: "Sequence[Token]", kind: type[EventDefinition], code: str | None) -> "tuple[Token, int] | None":
    takes_all = None
    for watcher in watchers:
        for index, part in enumerate(parts_of(watcher.workflow.definition_of(watcher))):
            if isinstance(part, kind) and part.code == code and code is not None:  # type: ignore[attr-defined]
                return watcher, index
            if isinstance(part, kind) and part.code is None and takes_all is None:  # type: ignore[attr-defined]
                takes_all = (watcher, index)
    return takes_all
