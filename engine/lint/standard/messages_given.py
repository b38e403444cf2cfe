"""Does every message event name its message, and say how it travels?

BPMN 2.0.2, 10.5.5, table 10.99; constraints EXT.127, EXT.128.

The standard asks for an operation. The dialect says the same by a job type (who sends it) or a correlation key on the
message (who gets it); a start event needs neither in the dialect, because nobody waits yet whom it could be meant
for.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import EVENTS, Diagram
from engine.lint.standard.part import Part

RULE = "messages-given"


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each message event without message, or without a way for it to travel."""
    for event in diagram.parts(*EVENTS):
        for definition in diagram.definitions(event):
            if definition.kind != "messageEventDefinition" or _has(event, "taskDefinition"):
                continue
            message = diagram.named(definition.get("messageRef"))
            if message is None:
                yield diagram.found(RULE, event, "The event “{name}” has no message.", "Choose a message and name it.")
            elif not definition.texts("operationRef") and not _travels(diagram, event, message):
                yield diagram.found(
                    RULE,
                    event,
                    "The event “{name}” does not say how its message travels.",
                    "Give the message a correlation key, or the event a connector or an operation.",
                )


def _travels(diagram: Diagram, event: Part, message: Part) -> bool:
    starts = event.kind == "startEvent" and not diagram.is_event_subprocess(event.parent)
    return _has(message, "subscription") or (starts and bool(message.get("name")))


def _has(part: Part, extension: str) -> bool:
    holder = part.first("extensionElements")
    return holder is not None and any(each.is_foreign for each in holder.all(extension))
