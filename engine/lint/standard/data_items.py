"""Are data that meet of the same type?

BPMN 2.0.2, 8.4.10, 10.3.3, 10.4, 10.5.1; constraints EXT.020, EXT.044, EXT.045, EXT.048, EXT.052, EXT.080 to EXT.082,
EXT.091 to EXT.094.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.data import item_of, same_item
from engine.lint.standard.diagram import CATCHING, EVENTS, Diagram
from engine.lint.standard.part import Part

RULE = "data-items"
ITEM_AWARE = ("dataObject", "dataInput", "dataOutput", "dataStore")
CARRIED = {
    "errorEventDefinition": ("errorRef", "structureRef"),
    "escalationEventDefinition": ("escalationRef", "structureRef"),
    "signalEventDefinition": ("signalRef", "structureRef"),
    "messageEventDefinition": ("messageRef", "itemRef"),
}
MISMATCH = "The data of “{name}” are not of the type that {what} carries."
SAME_TYPE = "Use the same item definition on both sides."


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for collections that are none, types that differ, and events with too few data."""
    for part in diagram.root.below(*ITEM_AWARE):
        item = item_of(diagram, part)
        if item is None or (part.kind == "dataStore" and "isCollection" not in part.attributes):
            continue  # The standard gives a data store no such mark.
        if part.says("isCollection", otherwise=False) != item.says("isCollection", otherwise=False):
            yield diagram.found(
                RULE,
                part,
                "“{name}” and its item definition do not agree on being a collection.",
                "Give both the same isCollection.",
            )
    for association in diagram.parts("dataInputAssociation", "dataOutputAssociation"):
        yield from _association(diagram, association)
    for task in diagram.parts("serviceTask", "sendTask", "receiveTask"):
        yield from _task(diagram, task)
    for event in diagram.parts(*EVENTS):
        yield from _event(diagram, event)


def _association(diagram: Diagram, association: Part) -> Iterator[Finding]:
    yield from _direction(diagram, association)
    if association.first("transformation") is not None:
        return
    sources = association.texts("sourceRef")
    if len(sources) > 1:
        yield diagram.found(
            RULE,
            association,
            "The data association “{name}” has several sources but no transformation.",
            "Keep one source, or add the transformation that makes one of them.",
        )
    if association.first("assignment") is not None:
        return
    ends = [_item_of_end(diagram, text) for text in (*sources, *association.texts("targetRef"))]
    if len(ends) == 2 and not same_item(ends[0], ends[1]):
        yield diagram.found(RULE, association, MISMATCH, SAME_TYPE, what="the other end")


def _direction(diagram: Diagram, association: Part) -> Iterator[Finding]:
    """What a process is given is only read, and what it gives is only written."""
    for text in association.texts("sourceRef"):
        if association.kind == "dataInputAssociation" and _of_process(diagram.named(text), "dataOutput"):
            yield diagram.found(
                RULE,
                association,
                "“{data}” is an output of the process: what runs cannot read it.",
                "Read another piece of data.",
                data=text,
            )
    for text in association.texts("targetRef"):
        if association.kind == "dataOutputAssociation" and _of_process(diagram.named(text), "dataInput"):
            yield diagram.found(
                RULE,
                association,
                "“{data}” is an input of the process: what runs cannot write it.",
                "Write another piece of data.",
                data=text,
            )


def _of_process(part: Part | None, kind: str) -> bool:
    holder = None if part is None or part.kind != kind else part.within("ioSpecification")
    return holder is not None and holder.parent is not None and holder.parent.kind == "process"


def _item_of_end(diagram: Diagram, reference: str) -> Part | None:
    part = diagram.named(reference)
    if part is not None and part.kind == "dataObjectReference" and not part.get("itemSubjectRef"):
        part = diagram.named(part.get("dataObjectRef"))
    return item_of(diagram, part)


def _task(diagram: Diagram, task: Part) -> Iterator[Finding]:
    specification = task.first("ioSpecification")
    if specification is None:
        return
    operation = diagram.named(task.get("operationRef"))
    pairs: list[tuple[str, Part | None]] = []
    if task.kind == "serviceTask" and operation is not None:
        for kind, reference in (("dataInput", "inMessageRef"), ("dataOutput", "outMessageRef")):
            pairs += [(kind, diagram.named(text)) for text in operation.texts(reference)]
    elif task.kind != "serviceTask":
        pairs.append(("dataInput" if task.kind == "sendTask" else "dataOutput", diagram.named(task.get("messageRef"))))
    for kind, message in pairs:
        for part in specification.all(kind):
            carried, taken = item_of(diagram, message, "itemRef"), item_of(diagram, part)
            unsaid = task.kind != "serviceTask" and carried is not None and taken is None
            if message is not None and (unsaid or not same_item(taken, carried)):
                yield diagram.found(RULE, task, MISMATCH, SAME_TYPE, what=message.get("name") or message.id)


def _event(diagram: Diagram, event: Part) -> Iterator[Finding]:
    data = event.all("dataOutput" if event.kind in CATCHING else "dataInput")
    definitions = diagram.definitions(event)
    if data and len(data) != len(definitions):
        yield diagram.found(
            RULE,
            event,
            "The event “{name}” has not one piece of data for each thing it waits for or throws.",
            "Give it one data input or output for each, in the same order.",
        )
        return
    for part, definition in zip(data, definitions, strict=False):
        reference, attribute = CARRIED.get(definition.kind, ("", ""))
        carried = diagram.named(definition.get(reference)) if reference else None
        if carried is not None and not same_item(item_of(diagram, part), item_of(diagram, carried, attribute)):
            yield diagram.found(RULE, event, MISMATCH, SAME_TYPE, what=carried.get("name") or carried.id)
