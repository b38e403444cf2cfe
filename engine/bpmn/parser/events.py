"""Parsers of events: their definitions in the order of the document, embedded or by reference, and the multi-instance
behaviours."""

from datetime import UTC, datetime
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from SpiffWorkflow.bpmn.parser.event_parsers import EventDefinitionParser

from engine.bpmn.activities.loops import Behaviour, MultiInstance
from engine.bpmn.errors import ElementFailed, NotSupported
from engine.bpmn.events.definitions import (
    CancelEventDefinition,
    Compensation,
    Condition,
    ErrorEventDefinition,
    EscalationEventDefinition,
    EventDefinition,
    Link,
    Message,
    MultipleEventDefinition,
    NoneEventDefinition,
    Signal,
    TerminateEventDefinition,
    parts_of,
)
from engine.bpmn.events.timers import CycleTimer, DateTimer, DurationTimer, Timer
from engine.bpmn.expressions import Literal, read_value
from engine.bpmn.parser.elements import ElementReader, flag
from engine.bpmn.parser.zeebe import BPMN

TIMERS = (("timeDate", DateTimer), ("timeDuration", DurationTimer), ("timeCycle", CycleTimer))
SUFFIX = "EventDefinition"
BEHAVIOURS = ("None", "One", "All", "Complex")
_ANY_DAY = datetime(2026, 1, 1, tzinfo=UTC)


class EventReader(ElementReader, EventDefinitionParser):
    """Reads the definitions of an event."""

    def create_task(self) -> Any:
        return self.spec_class(self.spec, self.bpmn_id, event_definition=self.definitions(), **self.bpmn_attributes)

    def definitions(self) -> EventDefinition:
        """What the event waits for or throws."""
        found = []
        for child in self.node:
            name = etree.QName(child).localname if isinstance(child.tag, str) else ""
            if name == "eventDefinitionRef":
                found.append(self.referenced((child.text or "").strip()))
            elif name.endswith(SUFFIX):
                found.append(self.definition(child))
        if len(found) < 2:
            return found[0] if found else NoneEventDefinition()
        return MultipleEventDefinition(found, flag(self.node, "parallelMultiple", default=False))

    def referenced(self, reference: str | None) -> Any:
        """The definition of this id, written elsewhere in the document."""
        if not reference:
            return None
        wanted = reference.split(":")[-1]
        for element in self.node.getroottree().getroot().iter():
            if isinstance(element.tag, str) and element.tag.endswith(SUFFIX) and element.get("id") == wanted:
                return self.definition(element)
        raise NotSupported(
            self.bpmn_id, "The event definition “{0}” does not exist.", "Refer to one that does.", reference
        )

    def definition(self, element: etree._Element) -> EventDefinition:
        """One definition, from its own element."""
        match etree.QName(element).localname.removesuffix(SUFFIX):
            case "timer":
                return self._timer(element)
            case "message" if element.get("messageRef") is None and self.extensions.job_type is not None:
                # A connector sends it: what it sends is in the input mapping.
                return NoneEventDefinition()
            case "message":
                return self.message(element.get("messageRef"))
            case "signal":
                return self._signal(element)
            case "error":
                code = self._code(element, "errorRef", self.process_parser.parser.errors, "error_code")
                return ErrorEventDefinition(self.bpmn_id, code)
            case "escalation":
                code = self._code(element, "escalationRef", self.process_parser.parser.escalations, "escalation_code")
                return EscalationEventDefinition(self.bpmn_id, code)
            case "conditional":
                return self._condition(element)
            case "compensate":
                waits = flag(element, "waitForCompletion", default=True)
                return Compensation(element.get("activityRef"), waits=waits)
            case "link":
                return Link(name=element.get("name") or self.node.get("name"))
            case "terminate":
                return TerminateEventDefinition()
            case "cancel":
                return CancelEventDefinition()
        raise NotSupported(self.bpmn_id, "{0} is not an event that Parvis runs.", "Use another event.", element.tag)

    def message(self, reference: str | None) -> Message:
        """The message of this id."""
        parser = self.process_parser.parser
        if not reference or reference not in parser.messages or not parser.messages[reference]:
            raise NotSupported(
                self.bpmn_id, "The event has no message, or one without a name.", "Choose a message and name it."
            )
        name = parser.messages[reference]
        return Message(name, read_value(name) or Literal(name), parser.message_keys.get(reference))

    def _signal(self, element: etree._Element) -> Signal:
        name = self.process_parser.parser.signals.get(element.get("signalRef"))
        if not name:
            raise NotSupported(
                self.bpmn_id, "The event has no signal, or one without a name.", "Choose a signal and name it."
            )
        return Signal(name, read_value(name) or Literal(name))

    def _timer(self, element: etree._Element) -> EventDefinition:
        for tag, timer in TIMERS:
            value = self.value_in(element, tag)
            if value is not None:
                found = timer(self.bpmn_id, value)
                self._check_written(found)
                return found
        raise NotSupported(self.bpmn_id, "The timer has no time.", "Give a date, a duration or a cycle.")

    def _check_written(self, timer: Timer) -> None:
        """A time written out can be checked now; an expression only when it runs."""
        if isinstance(timer.value, Literal):
            try:
                timer.due({}, _ANY_DAY)
            except ElementFailed as failure:
                raise NotSupported(
                    self.bpmn_id,
                    "The time “{0}” cannot be read: {1}",
                    "Write it as ISO 8601, or as an expression.",
                    timer.value.text,
                    failure.message,
                ) from failure

    def _condition(self, element: etree._Element) -> Condition:
        value = self.condition_in(element, "condition")
        if value is None:
            raise NotSupported(self.bpmn_id, "The conditional event has no condition.", "Write one.")
        return Condition(value)

    def _code(self, element: etree._Element, attribute: str, known: dict[str, Any], code: str) -> str | None:
        reference = element.get(attribute)
        if not reference:
            return None
        if reference not in known:
            raise NotSupported(self.bpmn_id, "“{0}” does not exist.", "Refer to one that does.", reference)
        # An error without a code is still itself, and is not every error.
        return known[reference][code] or reference


class StartReader(EventReader):
    """Start events, of event sub-processes too."""

    def create_task(self) -> Any:
        task = super().create_task()
        task.interrupting = flag(self.node, "isInterrupting", default=True)
        of_process = self.process_parser.parent is None
        if of_process and any(isinstance(part, Condition) for part in parts_of(task.event_definition)):
            # The standard lets such a condition look at the world around only, and there is nothing there to look at.
            way_out = "Begin with a message, a signal or a time, and look at the condition behind it."
            raise NotSupported(self.bpmn_id, "No condition can begin a process: it has no variables yet.", way_out)
        return task


class BoundaryReader(EventReader):
    """Boundary events always wait for something."""

    def create_task(self) -> Any:
        definition = self.definitions()
        if isinstance(definition, NoneEventDefinition):
            raise NotSupported(self.bpmn_id, "The boundary event waits for nothing.", "Choose what it waits for.")
        cancels = flag(self.node, "cancelActivity", default=True)
        return self.spec_class(
            self.spec, self.bpmn_id, event_definition=definition, cancel_activity=cancels, **self.bpmn_attributes
        )


class MessageTaskReader(EventReader):
    """Send and receive tasks: the message is an attribute."""

    def create_task(self) -> Any:
        if self.node.get("messageRef") is None and self.spec_class.kind == "sendTask":
            if self.extensions.job_type is None:
                raise NotSupported(
                    self.bpmn_id, "The send task sends nothing.", "Choose a message, or a connector that sends."
                )
            return super().create_task()
        task = self.spec_class(
            self.spec, self.bpmn_id, event_definition=self.message(self.node.get("messageRef")), **self.bpmn_attributes
        )
        task.instantiates = flag(self.node, "instantiate", default=False)
        return task


class EventGatewayReader(ElementReader):
    """Event-based gateways hold no event of their own."""

    def create_task(self) -> Any:
        task = self.spec_class(
            self.spec, self.bpmn_id, event_definition=MultipleEventDefinition(), **self.bpmn_attributes
        )
        task.instantiates = flag(self.node, "instantiate", default=False)
        task.parallel = self.node.get("eventGatewayType") == "Parallel"
        return task


def read_multi_instance(reader: ElementReader, node: Any, found: etree._Element) -> MultiInstance:
    """The multi-instance characteristics of an activity: the dialect's collection, or BPMN's own elements."""
    collection = node.extensions.collection
    items = collection.items if collection is not None else None
    cardinality = reader.value_in(found, "loopCardinality")
    reference, results = found.findtext(BPMN + "loopDataInputRef"), found.findtext(BPMN + "loopDataOutputRef")
    if items is None and reference:
        items = read_value("=" + reference.strip())
    if items is None and cardinality is None:
        raise NotSupported(
            reader.bpmn_id, "The multi-instance activity has no collection.", "Give an input collection."
        )
    return MultiInstance(
        node=node,
        condition=reader.condition_in(found, "completionCondition"),
        sequential=flag(found, "isSequential", default=False),
        cardinality=cardinality,
        items=items,
        item_name=(collection.item_name if collection else None) or _item(found, "inputDataItem"),
        results=(collection.results if collection else None) or (results or "").strip() or None,
        result=collection.result if collection else None,
        result_name=_item(found, "outputDataItem"),
        behaviour=_behaviour(reader, found),
    )


def _behaviour(reader: ElementReader, found: etree._Element) -> Behaviour:
    events = EventReader(reader.process_parser, None, reader.node, reader.nsmap)
    events.extensions = reader.extensions
    name = found.get("behavior", "All")
    if name not in BEHAVIOURS:
        raise NotSupported(
            reader.bpmn_id, "“{0}” is not known: it can be {1}.", "Write one of these.", name, ", ".join(BEHAVIOURS)
        )
    complex_ones = []
    for each in found.findall(BPMN + "complexBehaviorDefinition"):
        event = each.find(BPMN + "event")
        definitions = (
            [child for child in event if isinstance(child.tag, str) and child.tag.endswith(SUFFIX)]
            if event is not None
            else []
        )
        if definitions:
            complex_ones.append((reader.condition_in(each, "condition"), events.definition(definitions[0])))
    thrown = [events.referenced(found.get(f"{which}BehaviorEventRef")) for which in ("one", "none")]
    for definition in (*thrown, *(definition for _, definition in complex_ones)):
        if definition is not None and not isinstance(definition, (Message, Signal, EscalationEventDefinition)):
            raise NotSupported(
                reader.bpmn_id,
                "What a multi-instance activity throws here is no message, signal or escalation.",
                "Choose one of these.",
            )
    return Behaviour(
        name=name,
        first=thrown[0],
        each=thrown[1],
        complex=tuple(complex_ones),
    )


def _item(found: etree._Element, name: str) -> str | None:
    child = found.find(BPMN + name)
    return None if child is None else child.get("name") or child.get("id")
