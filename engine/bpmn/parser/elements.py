"""Parsers of activities and gateways: SpiffWorkflow's, reading one element each without following its flows."""

from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from SpiffWorkflow.bpmn.parser.task_parsers import GatewayParser
from SpiffWorkflow.bpmn.parser.TaskParser import TaskParser

from engine.bpmn.activities.loops import StandardLoop
from engine.bpmn.activities.subprocesses import AdHocSubProcess, EventSubProcess
from engine.bpmn.errors import NotSupported
from engine.bpmn.expressions import Value, read_condition, read_value
from engine.bpmn.node import Node
from engine.bpmn.parser.zeebe import BPMN, foreign_bindings, read_extensions, unknown_extensions

NOT_KNOWN = "“{0}” is not known: it can be {1}."
ROLES = ("resourceRole", "performer", "humanPerformer", "potentialOwner")
BINDINGS = ("latest", "deployment", "versionTag")
DECISIONS = ("granted", "refused", "closed")


class ElementReader(TaskParser):
    """Reads what every element has. Put in front of the library's parsers, or used alone."""

    node: etree._Element
    task: Any

    def parse_node(self) -> Any:
        unknown = unknown_extensions(self.node)
        if unknown:
            way_out = "Remove it, or import the diagram with the converter."
            raise NotSupported(self.bpmn_id, "The extension {0} is not run by Parvis.", way_out, ", ".join(unknown))
        self.refuse_what_is_not_run()
        if foreign_bindings(self.node):
            what = "A decision or a form is bound to a version tag, but each version of a bundle holds its own."
            raise NotSupported(self.bpmn_id, what, "Remove the binding, or choose the one of the deployment.")
        extensions = read_extensions(self.node)
        self.extensions = extensions
        node: Node = self.create_task()
        self.task = node
        node.extensions = extensions
        node.default = self.node.get("default")
        node.start_quantity = self.quantity("startQuantity")
        node.completion_quantity = self.quantity("completionQuantity")
        node.for_compensation = flag(self.node, "isForCompensation", default=False)
        self.read_properties(node)
        node.loop = self.read_loop(node)
        node.departments = self.process_parser.parser.departments(self.process_parser.lanes_at(self.bpmn_id))
        return node

    def refuse_what_is_not_run(self) -> None:
        """What the standard lets an activity carry and nothing here would run."""
        for association in self.node.iterchildren(BPMN + "dataInputAssociation", BPMN + "dataOutputAssociation"):
            for kind in ("assignment", "transformation"):
                if association.find(BPMN + kind) is not None:
                    what, way_out = "The {0} of a data association is not run.", "Use an input or an output mapping."
                    raise NotSupported(self.bpmn_id, what, way_out, kind)
        for role in ROLES:
            if self.node.find(BPMN + role) is not None:
                way_out = "Use the assignment of the task: groups, users or an assignee."
                raise NotSupported(self.bpmn_id, "The resource role {0} is not run.", way_out, role)

    @property
    def bpmn_attributes(self) -> dict[str, Any]:
        return {"bpmn_name": self.node.get("name")}

    def parse_extensions(self, node: Any = None) -> dict[str, Any]:
        return {}

    def quantity(self, name: str) -> int:
        text = self.node.get(name, "1")
        if not text.isdigit() or int(text) < 1:
            raise NotSupported(
                self.bpmn_id, "The {0} “{1}” is not a number from 1.", "Write a whole number from 1.", name, text
            )
        return int(text)

    def read_properties(self, node: Node) -> None:
        properties = node.extensions.properties
        node.public_step = properties.get("parvis:publicStep") or None
        decision = properties.get("parvis:decision") or None
        if decision is not None and decision not in DECISIONS:
            known = ", ".join(DECISIONS)
            raise NotSupported(self.bpmn_id, NOT_KNOWN, "Write one of these.", decision, known)
        node.decision = decision

    def read_loop(self, node: Node) -> Any:
        multiple = self.node.find(BPMN + "multiInstanceLoopCharacteristics")
        if multiple is not None:
            return self.process_parser.parser.read_multi_instance(self, node, multiple)
        standard = self.node.find(BPMN + "standardLoopCharacteristics")
        return None if standard is None else self._standard_loop(node, standard)

    def _standard_loop(self, node: Node, found: etree._Element) -> StandardLoop:
        maximum = found.get("loopMaximum")
        if maximum is not None and (not maximum.isdigit() or int(maximum) < 1):
            raise NotSupported(
                self.bpmn_id,
                "The loop maximum “{0}” is not a number from 1.",
                "Write a whole number from 1.",
                maximum,
            )
        condition = self.condition_in(found, "loopCondition")
        if maximum is None and condition is None:
            raise NotSupported(self.bpmn_id, "The loop has neither a condition nor a maximum.", "Give one of them.")
        return StandardLoop(
            node=node,
            condition=condition,
            tests_before=flag(found, "testBefore", default=False),
            maximum=None if maximum is None else int(maximum),
        )

    def value_in(self, node: etree._Element, name: str) -> Value | None:
        """The value written in a child element."""
        child = node.find(BPMN + name)
        return None if child is None else read_value("".join(child.itertext()))

    def condition_in(self, node: Any, name: str) -> Value | None:
        """The condition written in a child element."""
        child = node.find(BPMN + name)
        return None if child is None else read_condition(self.bpmn_id, "".join(child.itertext()))


class ScriptReader(ElementReader):
    """Script tasks: FEEL in the dialect's extension, or Python in the sandbox."""

    def create_task(self) -> Any:
        source = self.node.find(BPMN + "script")
        script = "" if source is None else "".join(source.itertext())
        task = self.spec_class(self.spec, self.bpmn_id, script=script, **self.bpmn_attributes)
        task.language = self._language(script)
        return task

    def _language(self, script: str) -> str:
        if self.extensions.job_type is not None or self.extensions.script is not None:
            return "feel"
        written = self.node.get("scriptFormat", "").strip().lower()
        if script.strip() and written in ("python", "text/x-python", "application/x-python"):
            return "python"
        if not script.strip():
            raise NotSupported(
                self.bpmn_id, "The script task has no script.", "Write a FEEL expression or a Python script."
            )
        way_out = "Write a FEEL expression, or set the script format to python."
        raise NotSupported(self.bpmn_id, "The script language “{0}” is not run.", way_out, written)


class RuleReader(ElementReader):
    """Business rule tasks: a decision of the bundle, or a job."""

    def create_task(self) -> Any:
        if self.extensions.decision_id is None and self.extensions.job_type is None:
            raise NotSupported(self.bpmn_id, "The business rule task calls no decision.", "Give the id of a decision.")
        return self.spec_class(self.spec, self.bpmn_id, **self.bpmn_attributes)


class ServiceReader(ElementReader):
    """Service tasks need a job type."""

    def create_task(self) -> Any:
        if self.extensions.job_type is None:
            raise NotSupported(self.bpmn_id, "The service task has no job type.", "Choose a connector for it.")
        return self.spec_class(self.spec, self.bpmn_id, **self.bpmn_attributes)


class GatewayReader(ElementReader, GatewayParser):
    """Exclusive, parallel and inclusive gateways."""


class ComplexGatewayReader(GatewayReader):
    """Complex gateways have an activation condition."""

    def create_task(self) -> Any:
        task = super().create_task()
        task.condition = self.condition_in(self.node, "activationCondition")
        return task


class CallReader(ElementReader):
    """Call activities name a process, in the dialect's extension or in BPMN's own attribute."""

    def create_task(self) -> Any:
        called = self.node.get("calledElement") or ""
        if self.extensions.process_id is None and not called:
            raise NotSupported(self.bpmn_id, "The call activity calls no process.", "Give the id of a process.")
        self._check_binding()
        return self.spec_class(self.spec, self.bpmn_id, subworkflow_spec=called, **self.bpmn_attributes)

    def _check_binding(self) -> None:
        binding, tag = self.extensions.binding, self.extensions.version_tag
        if binding not in BINDINGS:
            known = ", ".join(BINDINGS)
            raise NotSupported(self.bpmn_id, NOT_KNOWN, "Write one of these.", binding, known)
        if binding == "versionTag" and not tag:
            raise NotSupported(
                self.bpmn_id, "The call is bound to a version tag, but names none.", "Name the version tag."
            )


class SubProcessReader(ElementReader):
    """Embedded, event, transaction and ad-hoc sub-processes: their elements become a spec of their own."""

    def create_task(self) -> Any:
        outer = self.process_parser
        outer.parser.create_parser(self.node, filename=self.filename, lane=None)
        inner = outer.parser.process_parsers[self.bpmn_id]
        inner.parent = outer
        by_event = flag(self.node, "triggeredByEvent", default=False)
        spec_class = EventSubProcess if by_event else self.spec_class
        task = spec_class(self.spec, self.bpmn_id, subworkflow_spec=self.bpmn_id, **self.bpmn_attributes)
        outer.parser.later(inner)
        inner.triggered_by_event = by_event
        if by_event:
            self.spec.event_subprocesses.append(task)
        if isinstance(task, AdHocSubProcess):
            task.sequential = self.node.get("ordering") == "Sequential"
            task.cancels_rest = flag(self.node, "cancelRemainingInstances", default=True)
            task.condition = self.condition_in(self.node, "completionCondition")
        return task


def flag(node: etree._Element, name: str, *, default: bool) -> bool:
    """A boolean attribute (XML Schema: true, false, 1 or 0)."""
    return node.get(name, "true" if default else "false").strip().lower() in ("true", "1")
