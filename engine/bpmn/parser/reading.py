"""Reading the diagrams of a bundle: specs to run, elements to show, findings to tell."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

import msgspec

from engine.bpmn.activities.loops import Loop, MultiInstance
from engine.bpmn.events.definitions import (
    Condition,
    EventDefinition,
    Link,
    Message,
    NoneEventDefinition,
    Signal,
    parts_of,
)
from engine.bpmn.events.timers import CycleTimer, DateTimer, DurationTimer, Timer
from engine.bpmn.expressions import Feel, Value
from engine.bpmn.parser.diagrams import DiagramParser
from engine.bpmn.parser.findings import Finding
from engine.bpmn.parser.processes import ProcessReader, ProcessSpec
from engine.elements import Element, EventDetail, Written

_TIMER_KINDS = {DateTimer: "timeDate", DurationTimer: "timeDuration", CycleTimer: "timeCycle"}


class Diagrams(msgspec.Struct, frozen=True):
    """Everything read. `processes` are those that can be started, `specs` holds their sub-processes too."""

    processes: tuple[str, ...]
    specs: Mapping[str, ProcessSpec]
    elements: Mapping[str, Element]
    process_files: Mapping[str, str]
    version_tags: Mapping[str, str]
    findings: tuple[Finding, ...]


def read_diagrams(files: Mapping[str, bytes], named_lanes: Mapping[str, str], department: str | None) -> Diagrams:
    """Reads the BPMN files of a bundle. `named_lanes` and `department` are the manifest's."""
    parser = DiagramParser(named_lanes, department)
    process_files: dict[str, str] = {}
    for name, content in files.items():
        known = len(parser.executable)
        parser.read(name, content)
        process_files.update(dict.fromkeys(parser.executable[known:], name))
    elements: dict[str, Element] = {}
    for reader in parser.process_parsers.values():
        if reader.spec is not None:
            for node in reader.spec.nodes:
                if node.name in elements:
                    parser.note(
                        node.name, "unique-id", "Two elements of the bundle have this id.", "Give each its own."
                    )
                elements[node.name] = _element(reader, node)
    return Diagrams(
        tuple(parser.executable),
        MappingProxyType(parser.specs),
        MappingProxyType(elements),
        MappingProxyType(process_files),
        MappingProxyType(parser.version_tags),
        tuple(parser.findings),
    )


def _element(reader: ProcessReader, node: Any) -> Element:
    lanes, extensions = reader.lanes_at(node.name), node.extensions
    outermost = reader
    while outermost.parent is not None:
        outermost = outermost.parent
    return Element(
        id=node.name,
        name=node.bpmn_name or "",
        kind=node.kind,
        process=outermost.node.get("id"),
        parent=None if reader.parent is None else reader.node.get("id"),
        lanes=tuple(lane.name for lane in lanes),
        department=_written(node.departments[0]) if node.departments else None,
        public_step=node.public_step,
        decision=node.decision,
        properties=dict(extensions.properties),
        headers=dict(extensions.headers),
        form_id=extensions.form_id,
        job_type=_written(extensions.job_type),
        decision_id=_written(extensions.decision_id),
        called_process=_written(extensions.process_id) or getattr(node, "spec", None)
        if node.kind == "callActivity"
        else None,
        binding=extensions.binding if node.kind == "callActivity" else None,
        incoming=tuple(flow.id for flow in node.inflows),
        outgoing=tuple(flow.id for flow in node.outflows),
        attached_to=None if node.boundary_of is None else node.boundary_of.name,
        interrupting=getattr(node, "cancel_activity", getattr(node, "interrupting", True)),
        events=tuple(_details(getattr(node, "event_definition", NoneEventDefinition()))),
        expressions=tuple(_expressions(node)),
        audience="applicant" if extensions.properties.get("parvis:audience") == "applicant" else "department",
        is_event_subprocess=node.kind == "eventSubProcess",
        instantiates=reader.parent is None and _instantiates(node),
        multiple=_multiple(node.loop),
    )


def _instantiates(node: Any) -> bool:
    """Start events that wait, instantiating receive tasks, and the events behind an instantiating gateway."""
    if node.kind == "startEvent":
        return not isinstance(node.event_definition, NoneEventDefinition)
    if node.kind == "receiveTask" and not node.inflows:
        return node.instantiates
    return any(getattr(flow.source, "instantiates", False) for flow in node.inflows)


def _multiple(loop: Loop | None) -> Any:
    if isinstance(loop, MultiInstance):
        return "sequential" if loop.sequential else "parallel"
    return None if loop is None else "loop"


def _details(definition: EventDefinition) -> Iterator[EventDetail]:
    for part in parts_of(definition):
        match part:
            case NoneEventDefinition():
                continue
            case Timer():
                yield EventDetail(_TIMER_KINDS[type(part)], value=_written(part.value))
            case Message():
                yield EventDetail("message", name=part.name, key=_written(part.key))
            case Signal():
                yield EventDetail("signal", name=part.name)
            case Condition():
                yield EventDetail("conditional", value=_written(part.condition))
            case Link():
                yield EventDetail("link", name=part.name)
            case _:
                kind = type(part).__name__.removesuffix("EventDefinition").lower()
                yield EventDetail(kind, value=getattr(part, "code", None))


def _expressions(node: Any) -> Iterator[Written]:
    extensions = node.extensions
    named: list[tuple[str, Value | None]] = [
        ("assignee", extensions.assignee),
        ("candidateGroups", extensions.candidate_groups),
        ("candidateUsers", extensions.candidate_users),
        ("dueDate", extensions.due),
        ("followUpDate", extensions.follow_up),
        ("priority", extensions.priority),
        ("script", extensions.script),
        ("jobType", extensions.job_type),
        ("calledDecision", extensions.decision_id),
        ("calledElement", extensions.process_id),
    ]
    named += [(f"input {'.'.join(line.target)}", line.source) for line in extensions.inputs]
    named += [(f"output {'.'.join(line.target)}", line.source) for line in extensions.outputs]
    named += [(f"flow {flow.id}", flow.condition) for flow in node.outflows]
    if node.loop is not None:
        named.append(("completionCondition", node.loop.condition))
    if isinstance(node.loop, MultiInstance):
        named += [
            ("inputCollection", node.loop.items),
            ("outputElement", node.loop.result),
            ("cardinality", node.loop.cardinality),
        ]
    for part in parts_of(getattr(node, "event_definition", NoneEventDefinition())):
        named += [(name, getattr(part, name, None)) for name in ("value", "title", "key", "condition")]
    yield from (Written(where, f"={value.text}") for where, value in named if isinstance(value, Feel))


def _written(value: Value | None) -> str | None:
    """The text as the diagram writes it."""
    if value is None:
        return None
    return f"={value.text}" if isinstance(value, Feel) else value.text
