"""Process specs and their parser: every element of a process first, then its flows, attachments and associations.

SpiffWorkflow's process parser starts at the start event and recurses along the flows; here the order of the document
is taken, so length does not matter and activities without incoming flow are part of the process.
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from SpiffWorkflow.bpmn.parser.ProcessParser import ProcessParser
from SpiffWorkflow.bpmn.specs.bpmn_process_spec import BpmnProcessSpec

from engine.bpmn.errors import NotSupported
from engine.bpmn.events.catching import IntermediateCatchEvent, StartEvent
from engine.bpmn.events.definitions import Compensation, Link, NoneEventDefinition
from engine.bpmn.events.sending import IntermediateThrowEvent
from engine.bpmn.expressions import read_condition
from engine.bpmn.flows import Flow
from engine.bpmn.gateways.joins import InclusiveGateway
from engine.bpmn.node import Node
from engine.bpmn.parser.lanes import lanes_of
from engine.bpmn.parser.zeebe import BPMN


class ProcessSpec(BpmnProcessSpec):
    """A process or sub-process: its elements by id, ready to run."""

    def __init__(self, **details: Any) -> None:
        super().__init__(**details)
        # The library adds specs called Start and End, which would swallow elements of a diagram with those ids.
        self.task_specs.clear()
        self.event_subprocesses: list[Any] = []
        self.is_event_subprocess = False
        self._starts: tuple[Node, ...] = ()

    @property
    def nodes(self) -> list[Any]:
        """The elements, in the order of the document."""
        return list(self.task_specs.values())

    def starts(self) -> tuple[Node, ...]:
        """Where a token begins: the none start event, else the start event, else every element without incoming
        flow."""
        return self._starts

    def starts_of_event_subprocess(self) -> list[Any]:
        """The start events of an event sub-process."""
        return [node for node in self.nodes if isinstance(node, StartEvent)]

    def finish(self) -> None:
        """Tables made once: where to begin, links as flows, what can still reach an inclusive join."""
        self._join_links()
        events = [node for node in self.nodes if isinstance(node, StartEvent)]
        none = [node for node in events if isinstance(node.event_definition, NoneEventDefinition)]
        self._starts = tuple(none[:1] or events[:1]) or tuple(
            node for node in self.nodes if self._begins_by_itself(node)
        )
        for node in self.nodes:
            if isinstance(node, InclusiveGateway):
                node.reach = {flow.id: _elements_before(flow.source, node) for flow in node.inflows}

    def _begins_by_itself(self, node: Any) -> bool:
        attached = node.boundary_of is not None or node.for_compensation or node in self.event_subprocesses
        return not node.inflows and not attached and not isinstance(getattr(node, "event_definition", None), Link)

    def _join_links(self) -> None:
        ends = {
            node.event_definition.name: node
            for node in self.nodes
            if isinstance(node, IntermediateCatchEvent) and isinstance(node.event_definition, Link)
        }
        for node in self.nodes:
            if isinstance(node, IntermediateThrowEvent) and isinstance(node.event_definition, Link):
                target = ends.get(node.event_definition.name)
                if target is None:
                    way_out = "Add a link catch event of the same name."
                    raise NotSupported(node.name, "The link “{0}” leads nowhere.", way_out, node.event_definition.name)
                connect(Flow(f"link:{node.name}", node, target))


def connect(flow: Flow) -> None:
    """Adds a flow to both its ends, and to the library's view of the graph."""
    flow.source.outflows.append(flow)
    flow.target.inflows.append(flow)
    flow.source._outputs.append(flow.target.name)  # type: ignore[attr-defined]
    flow.target._inputs.append(flow.source.name)  # type: ignore[attr-defined]


def _elements_before(start: Node, stop: Node) -> frozenset[str]:
    seen: set[str] = set()
    todo = [start]
    while todo:
        node = todo.pop()
        if node is stop or node.name in seen:
            continue
        seen.add(node.name)
        todo += [flow.source for flow in node.inflows]
        if node.boundary_of is not None:
            todo.append(node.boundary_of)
    return frozenset(seen)


class ProcessReader(ProcessParser):
    """Reads one process or sub-process."""

    parent: "ProcessReader | None"
    spec: ProcessSpec

    def _index_process_nodes(self) -> None:
        """The library indexes every descendant again for each level; only lanes are needed here."""
        self.lanes = lanes_of(self.node) if self.node.tag == BPMN + "process" else {}

    def lanes_at(self, element: str) -> tuple[Any, ...]:
        """The lanes an element lies in; an element of a sub-process lies where the sub-process does."""
        reader, name = self, element
        while reader.parent is not None and name not in reader.lanes:
            reader, name = reader.parent, reader.node.get("id", "")
        return reader.lanes.get(name, reader.lanes.get("", ()))

    def create_spec(self) -> ProcessSpec:
        return ProcessSpec(name=self.bpmn_id, description=self.get_name(), filename=self.filename)

    def _parse(self) -> None:
        self.spec = self.create_spec()
        self.add_tasks()

    def add_tasks(self) -> None:
        """Every element, then what connects them; what is refused is noted and the rest is still read."""
        refused = self.parser.refused
        for node in self._elements():
            with refused(node):
                self.parse_node(node)
        nodes = self.spec.task_specs
        for node in self.node.findall(BPMN + "sequenceFlow"):
            with refused(node):
                self._add_flow(node, nodes)
        for node in self.node.findall(BPMN + "boundaryEvent"):
            with refused(node):
                self._attach(node, nodes)
        for node in self.node.findall(BPMN + "association"):
            self._associate(node, nodes)
        with refused(self.node):
            self.spec.finish()

    def _elements(self) -> Iterator[etree._Element]:
        for node in self.node:
            if not isinstance(node.tag, str) or not node.tag.startswith(BPMN):
                continue
            if self.parser._get_parser_class(node.tag)[0] is not None:
                yield node
            else:
                self.parser.check_known(node)

    def _add_flow(self, node: etree._Element, nodes: dict[str, Any]) -> None:
        source, target = nodes.get(node.get("sourceRef", "")), nodes.get(node.get("targetRef", ""))
        if source is None or target is None:
            raise NotSupported(
                node.get("id", ""), "The sequence flow has no source or no target here.", "Connect both its ends."
            )
        condition = node.find(BPMN + "conditionExpression")
        text = None if condition is None else "".join(condition.itertext())
        connect(Flow(node.get("id", ""), source, target, read_condition(node.get("id", ""), text)))

    def _attach(self, node: etree._Element, nodes: dict[str, Any]) -> None:
        host, event = nodes.get(node.get("attachedToRef", "")), nodes.get(node.get("id", ""))
        if event is None:
            return
        if host is None or not host.is_activity:
            raise NotSupported(
                node.get("id", ""), "The boundary event is attached to no activity.", "Attach it to an activity."
            )
        host.boundary.append(event)
        event.boundary_of = host

    def _associate(self, node: etree._Element, nodes: dict[str, Any]) -> None:
        source, target = nodes.get(node.get("sourceRef", "")), nodes.get(node.get("targetRef", ""))
        if source is None or target is None or source.boundary_of is None:
            return
        if isinstance(source.event_definition, Compensation):
            source.boundary_of.handler = target
            target.for_compensation = True
