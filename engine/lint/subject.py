"""Subject: what every rule looks at: the bundle, its definition when it can be built, its flows, and the town's
catalogue.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import msgspec

from engine.bpmn.parser.safe import read_xml  # pyright: ignore[reportUnknownVariableType]
from engine.bundle import Bundle
from engine.definition import Definition
from engine.elements import Element
from engine.lint.catalogue import Catalogue
from engine.lint.finding import Finding, Severity

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"
DRAWING = "{http://www.omg.org/spec/BPMN/20100524/DI}"


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """One sequence flow as drawn."""

    id: str
    source: str
    target: str
    is_conditional: bool
    is_default: bool


class Subject:
    """One bundle under examination."""

    def __init__(
        self, bundle: Bundle, definition: Definition, catalogue: Catalogue, processes: frozenset[str] | None
    ) -> None:
        self.bundle, self.definition, self.catalogue, self.processes = bundle, definition, catalogue, processes

    @property
    def elements(self) -> list[Element]:
        """Every element of every process."""
        return list(self.definition.elements.values())

    def file_of(self, element: Element) -> str:
        """The diagram that holds an element."""
        return self.definition.process_files.get(element.process, "")

    def name_of(self, element: Element) -> str:
        """What people call an element: its name, else its id."""
        return element.name or element.id

    def found(
        self, rule: str, severity: Severity, element: Element, message: str, way_out: str, **parameters: Any
    ) -> Finding:
        """A finding about an element; `{name}` is filled with its name."""
        return Finding(
            rule=rule,
            severity=severity,
            file=self.file_of(element),
            element=element.id,
            message=message,
            way_out=way_out,
            parameters={"name": self.name_of(element), **parameters},
        )

    @cached_property
    def roots(self) -> Mapping[str, Any]:
        """The XML of each diagram, which has passed `engine.limited`."""
        return {name: read_xml(content) for name, content in self.definition.sources.items()}

    @cached_property
    def flows(self) -> list[Flow]:
        """Every sequence flow of every diagram."""
        return [flow for root in self.roots.values() for flow in _flows(root)]

    def inputs(self, element: Element) -> dict[str, str]:
        """The input mapping of an element as written: variable → source."""
        node = self._node(element.id)
        path = f"{BPMN}extensionElements/{ZEEBE}ioMapping/{ZEEBE}input"
        return {} if node is None else {each.get("target", ""): each.get("source", "") for each in node.iterfind(path)}

    def outputs(self, element: Element) -> list[str]:
        """The variables of the output mapping of an element."""
        node = self._node(element.id)
        path = f"{BPMN}extensionElements/{ZEEBE}ioMapping/{ZEEBE}output"
        return [] if node is None else [each.get("target", "") for each in node.iterfind(path)]

    def candidate_groups(self, element: Element) -> list[str]:
        """The candidate groups of a user task, where they are written as texts."""
        node = self._node(element.id)
        found = None if node is None else node.find(f"{BPMN}extensionElements/{ZEEBE}assignmentDefinition")
        text = "" if found is None else found.get("candidateGroups", "")
        return [] if text.startswith("=") else [group.strip() for group in text.split(",") if group.strip()]

    @cached_property
    def _nodes(self) -> dict[str, Any]:
        return {
            node.get("id"): node
            for root in self.roots.values()
            for process in root.iterfind(f"{BPMN}process")
            for node in process.iter()
            if node.get("id")
        }

    def _node(self, element_id: str) -> Any:
        return self._nodes.get(element_id)


def _flows(root: Any) -> Iterator[Flow]:
    defaults = {node.get("default") for node in root.iter() if node.get("default")}
    for node in root.iter(f"{BPMN}sequenceFlow"):
        yield Flow(
            id=node.get("id", ""),
            source=node.get("sourceRef", ""),
            target=node.get("targetRef", ""),
            is_conditional=node.find(f"{BPMN}conditionExpression") is not None,
            is_default=node.get("id") in defaults,
        )
