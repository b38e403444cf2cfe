"""The `zeebe` extension elements of one BPMN element, read into one frozen record. Knows no semantics."""

from collections.abc import Iterator

import msgspec
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from engine.bpmn.expressions import Value, read_value

BPMN = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
ZEEBE = "{http://camunda.org/schema/zeebe/1.0}"


# What the dialect says that Parvis reads, or that says nothing about a run.
_KNOWN = frozenset(
    {
        "assignmentDefinition",
        "calledDecision",
        "calledElement",
        "formDefinition",
        "ioMapping",
        "loopCharacteristics",
        "priorityDefinition",
        "properties",
        "script",
        "subscription",
        "taskDefinition",
        "taskHeaders",
        "taskSchedule",
        "userTask",
        "userTaskForm",
        "versionTag",
    }
)
# Dialects of other engines, which the import converts.
_FOREIGN = ("http://camunda.org/schema/1.0/bpmn", "http://spiffworkflow.org/bpmn/schema/1.0/core")


class Assigned(msgspec.Struct, frozen=True):
    """One line of an input or output mapping: `source` is evaluated, `target` names the variable (a path of names)."""

    source: Value | None
    target: tuple[str, ...]


class Collection(msgspec.Struct, frozen=True):
    """What a multi-instance activity runs over and gathers."""

    items: Value | None = None
    item_name: str | None = None
    results: str | None = None
    result: Value | None = None


class Extensions(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the dialect adds to one element; absent where the diagram says nothing."""

    properties: dict[str, str] = {}
    inputs: tuple[Assigned, ...] = ()
    outputs: tuple[Assigned, ...] = ()
    job_type: Value | None = None
    retries: Value | None = None
    headers: dict[str, str] = {}
    form_id: str | None = None
    assignee: Value | None = None
    candidate_groups: Value | None = None
    candidate_users: Value | None = None
    due: Value | None = None
    follow_up: Value | None = None
    priority: Value | None = None
    decision_id: Value | None = None
    process_id: Value | None = None
    binding: str = "latest"
    version_tag: str | None = None
    propagates_parent: bool = True
    propagates_child: bool = True
    script: Value | None = None
    result_variable: str | None = None
    collection: Collection | None = None


def read_extensions(node: etree._Element) -> Extensions:
    """The extensions of `node`. Raises the FEEL error of an expression that cannot be read."""
    found = {_local(child): child for child in _extension_elements(node)}
    task, assignment, schedule = (
        found.get(name) for name in ("taskDefinition", "assignmentDefinition", "taskSchedule")
    )
    called, decision, script = (found.get(name) for name in ("calledElement", "calledDecision", "script"))
    result_of = decision if decision is not None else script
    return Extensions(
        properties=read_properties(node),
        inputs=_mappings(found.get("ioMapping"), "input"),
        outputs=_mappings(found.get("ioMapping"), "output"),
        job_type=_value(task, "type"),
        retries=_value(task, "retries"),
        headers={
            header.get("key", ""): header.get("value", "") for header in _children(found.get("taskHeaders"), "header")
        },
        form_id=_attribute(found.get("formDefinition"), "formId"),
        assignee=_value(assignment, "assignee"),
        candidate_groups=_value(assignment, "candidateGroups"),
        candidate_users=_value(assignment, "candidateUsers"),
        due=_value(schedule, "dueDate"),
        follow_up=_value(schedule, "followUpDate"),
        priority=_value(found.get("priorityDefinition"), "priority"),
        decision_id=_value(decision, "decisionId"),
        process_id=_value(called, "processId"),
        binding=_attribute(called, "bindingType") or "latest",
        version_tag=_attribute(called, "versionTag"),
        propagates_parent=_attribute(called, "propagateAllParentVariables") != "false",
        propagates_child=_attribute(called, "propagateAllChildVariables") != "false",
        script=_value(script, "expression"),
        result_variable=_attribute(result_of, "resultVariable"),
        collection=_collection(node),
    )


def unknown_extensions(node: etree._Element) -> tuple[str, ...]:
    """Names of the extension elements that Parvis would have to ignore, and therefore refuses."""
    holder = node.find(BPMN + "extensionElements")
    names = () if holder is None else tuple(etree.QName(child) for child in holder if isinstance(child.tag, str))
    ours = tuple(name.localname for name in names if name.namespace == ZEEBE[1:-1] and name.localname not in _KNOWN)
    return ours + tuple(name.localname for name in names if name.namespace in _FOREIGN)


def read_properties(node: etree._Element) -> dict[str, str]:
    """The `zeebe:property` pairs of an element, a lane or a participant."""
    for holder in _extension_elements(node):
        if _local(holder) == "properties":
            return {each.get("name", ""): each.get("value", "") for each in _children(holder, "property")}
    return {}


def correlation_key(message: etree._Element) -> Value | None:
    """The correlation key of a `bpmn:message`."""
    for child in _extension_elements(message):
        if _local(child) == "subscription":
            return _value(child, "correlationKey")
    return None


def version_tag(process: etree._Element) -> str | None:
    """The tag that names this version of a process."""
    for child in _extension_elements(process):
        if _local(child) == "versionTag":
            return child.get("value") or None
    return None


def foreign_bindings(node: etree._Element) -> tuple[str, ...]:
    """Elements of the dialect that bind a decision or a form to another version than this bundle's."""
    return tuple(
        _local(child)
        for child in _extension_elements(node)
        if _local(child) in ("calledDecision", "formDefinition") and child.get("bindingType") == "versionTag"
    )


def _collection(node: etree._Element) -> Collection | None:
    loop = node.find(BPMN + "multiInstanceLoopCharacteristics")
    if loop is None:
        return None
    for child in _extension_elements(loop):
        if _local(child) == "loopCharacteristics":
            return Collection(
                items=_value(child, "inputCollection"),
                item_name=_attribute(child, "inputElement"),
                results=_attribute(child, "outputCollection"),
                result=_value(child, "outputElement"),
            )
    return None


def _mappings(mapping: etree._Element | None, kind: str) -> tuple[Assigned, ...]:
    return tuple(
        Assigned(read_value(line.get("source")), tuple(line.get("target", "").split(".")))
        for line in _children(mapping, kind)
    )


def _extension_elements(node: etree._Element) -> Iterator[etree._Element]:
    holder = node.find(BPMN + "extensionElements")
    return (
        iter(())
        if holder is None
        else (child for child in holder if isinstance(child.tag, str) and child.tag.startswith(ZEEBE))
    )


def _children(node: etree._Element | None, name: str) -> Iterator[etree._Element]:
    return iter(()) if node is None else iter(node.findall(ZEEBE + name))


def _local(node: etree._Element) -> str:
    return etree.QName(node).localname


def _attribute(node: etree._Element | None, name: str) -> str | None:
    return None if node is None else node.get(name)


def _value(node: etree._Element | None, name: str) -> Value | None:
    return read_value(_attribute(node, name))
