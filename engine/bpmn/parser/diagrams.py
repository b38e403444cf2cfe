"""The parser of a bundle's diagrams: SpiffWorkflow's, with our parser and class for every element.

Gives specs and findings; never raises for what a diagram says, so that everything wrong with it is told at once.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]
from SpiffWorkflow.bpmn.parser.BpmnParser import BpmnParser
from SpiffWorkflow.bpmn.parser.util import full_tag
from SpiffWorkflow.bpmn.parser.ValidationException import ValidationException

from engine.bpmn.activities import subprocesses, tasks
from engine.bpmn.activities.calls import CallActivity
from engine.bpmn.errors import NotSupported, UnsafeDocument
from engine.bpmn.events import catching, sending
from engine.bpmn.expressions import Value
from engine.bpmn.gateways import choices, joins
from engine.bpmn.parser import elements, events
from engine.bpmn.parser.findings import Finding
from engine.bpmn.parser.lanes import departments_of
from engine.bpmn.parser.processes import ProcessReader, ProcessSpec
from engine.bpmn.parser.safe import read_xml
from engine.bpmn.parser.zeebe import BPMN, correlation_key, version_tag
from engine.feel import FeelError
from engine.feel.sentences import Sentence

# Elements of a process that say nothing about how it runs.
SILENT = frozenset(
    [
        "extensionElements",
        "documentation",
        "ioSpecification",
        "incoming",
        "outgoing",
        "laneSet",
        "sequenceFlow",
        "association",
        "textAnnotation",
        "group",
        "dataObject",
        "dataObjectReference",
        "dataStoreReference",
        "property",
        "auditing",
        "monitoring",
        "category",
        "categoryValue",
        "multiInstanceLoopCharacteristics",
        "standardLoopCharacteristics",
        "completionCondition",
        "supports",
        "dataInputAssociation",
        "dataOutputAssociation",
    ]
)
WAYS_OUT = {
    "correlationSubscription": "Give the message a correlation key.",
    **dict.fromkeys(elements.ROLES, "Use the assignment of each task: groups, users or an assignee."),
}
GLOBAL_TASKS = {
    "globalTask": "task",
    "globalManualTask": "manualTask",
    "globalUserTask": "userTask",
    "globalScriptTask": "scriptTask",
    "globalBusinessRuleTask": "businessRuleTask",
}
_READERS: dict[str, tuple[type, type]] = {
    "task": (elements.ElementReader, tasks.NoneTask),
    "manualTask": (elements.ElementReader, tasks.ManualTask),
    "userTask": (elements.ElementReader, tasks.UserTask),
    "serviceTask": (elements.ServiceReader, tasks.ServiceTask),
    "scriptTask": (elements.ScriptReader, tasks.ScriptTask),
    "businessRuleTask": (elements.RuleReader, tasks.BusinessRuleTask),
    "sendTask": (events.MessageTaskReader, sending.SendTask),
    "receiveTask": (events.MessageTaskReader, catching.ReceiveTask),
    "callActivity": (elements.CallReader, CallActivity),
    "subProcess": (elements.SubProcessReader, subprocesses.SubProcess),
    "transaction": (elements.SubProcessReader, subprocesses.Transaction),
    "adHocSubProcess": (elements.SubProcessReader, subprocesses.AdHocSubProcess),
    "exclusiveGateway": (elements.GatewayReader, choices.ExclusiveGateway),
    "parallelGateway": (elements.GatewayReader, joins.ParallelGateway),
    "inclusiveGateway": (elements.GatewayReader, joins.InclusiveGateway),
    "complexGateway": (elements.ComplexGatewayReader, joins.ComplexGateway),
    "eventBasedGateway": (events.EventGatewayReader, choices.EventBasedGateway),
    "startEvent": (events.StartReader, catching.StartEvent),
    "endEvent": (events.EventReader, sending.EndEvent),
    "boundaryEvent": (events.BoundaryReader, catching.BoundaryEvent),
    "intermediateCatchEvent": (events.EventReader, catching.IntermediateCatchEvent),
    "intermediateThrowEvent": (events.EventReader, sending.IntermediateThrowEvent),
}


class DiagramParser(BpmnParser):
    """Reads the diagrams of one bundle."""

    PROCESS_PARSER_CLASS = ProcessReader
    OVERRIDE_PARSER_CLASSES = {full_tag(name): reader for name, reader in _READERS.items()}

    def __init__(self, named_lanes: Mapping[str, str], default_department: str | None) -> None:
        super().__init__()
        self.named_lanes, self.default_department = named_lanes, default_department
        self.findings: list[Finding] = []
        self.file: str | None = None
        self.message_keys: dict[str, Value | None] = {}
        self._unread: list[Any] = []
        self.executable: list[str] = []
        self.version_tags: dict[str, str] = {}

    read_multi_instance = staticmethod(events.read_multi_instance)

    def departments(self, lanes: tuple[Any, ...]) -> tuple[Value, ...]:
        """Where the department of an element in these lanes is to be asked."""
        return departments_of(lanes, self.named_lanes, self.default_department)

    @contextmanager
    def refused(self, node: etree._Element) -> Iterator[None]:
        """Notes what is refused while reading `node`, and goes on."""
        element = node.get("id")
        try:
            yield
        except NotSupported as refusal:
            self.note(refusal.element_id or element, "not-supported", refusal.what, refusal.way_out, refusal.sentence)
        except FeelError as refusal:
            self.note(element, "expression", str(refusal), "Correct the expression.", refusal.sentence)
        except ValidationException as refusal:
            self.note(element, "not-supported", str(refusal), "Correct the element, or draw it again.")
        except KeyError as refusal:
            self.note(element, "unique-id", str(refusal), "Give every element an id of its own.")

    def note(
        self, element: str | None, rule: str, message: str, way_out: str, sentence: Sentence | None = None
    ) -> None:
        """Adds a finding."""
        self.findings.append(Finding(element, rule, message, way_out, self.file, sentence))

    def check_known(self, node: etree._Element) -> None:
        """An element of BPMN that Parvis does not run is never ignored."""
        name = etree.QName(node).localname
        if name not in SILENT:
            way_out = WAYS_OUT.get(name, "Use another element.")
            said = Sentence("{0} is not run by Parvis.", (name,))
            self.note(node.get("id"), "not-supported", str(said), way_out, said)

    def read(self, name: str, content: bytes) -> None:
        """Reads one file."""
        self.file = name
        try:
            root = read_xml(content)
        except UnsafeDocument as refusal:
            self.note(None, "safe-document", str(refusal), "Export the diagram again from the modeler.")
            return
        with self.refused(root):
            self.add_bpmn_xml(root, name)
        while self._unread:
            reader = self._unread.pop(0)
            with self.refused(reader.node):
                reader.get_spec().is_event_subprocess = getattr(reader, "triggered_by_event", False)

    def later(self, reader: ProcessReader) -> None:
        """A sub-process is read after its parent, so nesting costs no recursion."""
        self._unread.append(reader)

    @property
    def specs(self) -> dict[str, ProcessSpec]:
        """Every process and sub-process that could be read, by id."""
        return {name: reader.spec for name, reader in self.process_parsers.items() if reader.spec is not None}

    # --- the library's hooks -----------------------------------------------------------------------------------------

    def _add_processes(self, bpmn: Any, filename: str | None = None) -> None:
        self._wrap_global_tasks(bpmn)
        for process in bpmn.findall(BPMN + "process"):
            if not process.get("id"):
                raise NotSupported("", "A process has no id.", "Give it one.")
            if process.get("isExecutable", "true").strip().lower() in ("false", "0"):
                continue  # Drawn to show what others do; never run.
            self.create_parser(process, filename)
            self.executable.append(process.get("id"))
            tag = version_tag(process)
            if tag is not None:
                self.version_tags[process.get("id")] = tag
            self.later(self.process_parsers[process.get("id")])

    def _wrap_global_tasks(self, root: etree._Element) -> None:
        """A global task is a process of one task (BPMN 2.0.2, 10.3.7)."""
        for node in list(root):
            kind = GLOBAL_TASKS.get(etree.QName(node).localname if isinstance(node.tag, str) else "")
            if kind is not None:
                name = node.get("id", "")
                process = etree.SubElement(root, BPMN + "process", {"id": name, "name": node.get("name", "")})
                node.tag = BPMN + kind
                node.set("id", f"{name}:task")
                process.append(node)

    def _add_messages(self, bpmn: Any) -> None:
        super()._add_messages(bpmn)
        for message in bpmn.findall(BPMN + "message"):
            with self.refused(message):
                self.message_keys[message.get("id")] = correlation_key(message)

    def _add_correlations(self, bpmn: Any) -> None:
        """Nothing: the correlation key is the dialect's, on the message."""

    def _add_data_stores(self, bpmn: Any) -> None:
        """Nothing: a data store is a remark of the diagram; what a task reads is in its input mapping."""

    def _add_diagram_indexes(self, bpmn: Any) -> None:
        """Nothing: lanes are read with each process, positions are the modeler's."""
