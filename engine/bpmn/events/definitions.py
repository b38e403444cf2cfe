"""Event definitions: SpiffWorkflow's, with what the standard and the dialect add (correlation keys, links,
compensation).

Immutable once parsed; what a waiting token needs is kept on the token, never here.
"""

from typing import Any

from SpiffWorkflow.bpmn.specs.event_definitions.base import EventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.conditional import ConditionalEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.item_aware_event import (
    ErrorEventDefinition,
    EscalationEventDefinition,
    SignalEventDefinition,
)
from SpiffWorkflow.bpmn.specs.event_definitions.message import MessageEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.multiple import MultipleEventDefinition
from SpiffWorkflow.bpmn.specs.event_definitions.simple import (
    CancelEventDefinition,
    NoneEventDefinition,
    TerminateEventDefinition,
)

from engine.bpmn.expressions import Value

__all__ = [
    "CancelEventDefinition",
    "Compensation",
    "Condition",
    "ErrorEventDefinition",
    "EscalationEventDefinition",
    "EventDefinition",
    "Link",
    "Message",
    "MultipleEventDefinition",
    "NoneEventDefinition",
    "Signal",
    "TerminateEventDefinition",
    "parts_of",
]


class Message(MessageEventDefinition):
    """A message: `title` is its name as written (a text or FEEL), `key` the correlation key."""

    def __init__(self, name: str, title: Value, key: Value | None = None, **details: Any) -> None:
        super().__init__(name, **details)
        self.title, self.key = title, key


class Signal(SignalEventDefinition):
    """A signal: reaches everyone who waits for its name."""

    def __init__(self, name: str, title: Value, **details: Any) -> None:
        super().__init__(name, **details)
        self.title = title


class Condition(ConditionalEventDefinition):
    """A condition on the variables: fires when it becomes true (BPMN 2.0.2, 10.5.5 “Conditional Event Definition”)."""

    def __init__(self, condition: Value, **details: Any) -> None:
        super().__init__(condition.text, **details)
        self.condition = condition


class Link(EventDefinition):
    """The end of one part of a flow and the beginning of another, drawn apart."""


class Compensation(EventDefinition):
    """Undoes completed activities; `activity` names the one, absent means all of the scope. `waits`: the thrower goes
    on when all is undone."""

    def __init__(self, activity: str | None = None, *, waits: bool = True, **details: Any) -> None:
        super().__init__(**details)
        self.activity, self.waits = activity, waits


def parts_of(definition: EventDefinition) -> tuple[EventDefinition, ...]:
    """The definitions an event waits for or throws, in the order of the diagram."""
    return tuple(definition.event_definitions) if isinstance(definition, MultipleEventDefinition) else (definition,)
