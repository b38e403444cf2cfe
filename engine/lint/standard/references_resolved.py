"""Does every reference name an element that is there, and one of the right kind?

BPMN 2.0.2, 8.2 and the property tables of each element; the reference constraints REF.1 to REF.17, EXT.095.
"""

from collections.abc import Iterator, Mapping

from engine.lint.finding import Finding
from engine.lint.standard.diagram import ACTIVITIES, CHOREOGRAPHY, EVENTS, FLOW_NODES, SUFFIX, Diagram
from engine.lint.standard.part import Part

RULE = "references-resolved"
TRIGGERS = "message timer error escalation cancel compensate conditional link signal terminate"
EVERY_DEFINITION = tuple(f"{kind}{SUFFIX}" for kind in TRIGGERS.split())
DATA = ("dataObject", "dataObjectReference", "dataStore", "dataStoreReference", "dataInput", "dataOutput", "property")
# The attribute or child element, and what it may name; nothing: anything that is there.
KINDS: Mapping[str, tuple[str, ...]] = {
    "messageRef": ("message",),
    "inMessageRef": ("message",),
    "outMessageRef": ("message",),
    "errorRef": ("error",),
    "escalationRef": ("escalation",),
    "signalRef": ("signal",),
    "operationRef": ("operation",),
    "interfaceRef": ("interface",),
    "supportedInterfaceRef": ("interface",),
    "processRef": ("process",),
    "itemRef": ("itemDefinition",),
    "itemSubjectRef": ("itemDefinition",),
    "participantRef": ("participant",),
    "innerParticipantRef": ("participant",),
    "outerParticipantRef": ("participant",),
    "initiatingParticipantRef": ("participant",),
    "messageFlowRef": ("messageFlow",),
    "attachedToRef": ACTIVITIES,
    "default": ("sequenceFlow",),
    "incoming": ("sequenceFlow",),
    "outgoing": ("sequenceFlow",),
    "flowNodeRef": (*FLOW_NODES, *CHOREOGRAPHY),
    "dataObjectRef": ("dataObject",),
    "dataStoreRef": ("dataStore",),
    "dataInputRefs": ("dataInput",),
    "optionalInputRefs": ("dataInput",),
    "whileExecutingInputRefs": ("dataInput",),
    "dataOutputRefs": ("dataOutput",),
    "optionalOutputRefs": ("dataOutput",),
    "whileExecutingOutputRefs": ("dataOutput",),
    "inputSetRefs": ("inputSet",),
    "outputSetRefs": ("outputSet",),
    "inputDataRef": ("dataInput", "inputSet"),
    "outputDataRef": ("dataOutput", "outputSet"),
    "categoryValueRef": ("categoryValue",),
    "eventDefinitionRef": EVERY_DEFINITION,
    "noneBehaviorEventRef": EVERY_DEFINITION,
    "oneBehaviorEventRef": EVERY_DEFINITION,
    "activityRef": ACTIVITIES,
    "resourceRef": ("resource",),
    "parameterRef": ("resourceParameter",),
    "correlationPropertyRef": ("correlationProperty",),
    "correlationKeyRef": ("correlationKey",),
    "choreographyRef": ("choreography", "globalChoreographyTask"),
}
# What the ends of a connection may be, by the element that connects.
ENDS: Mapping[str, tuple[str, ...]] = {
    "sequenceFlow": (*FLOW_NODES, *CHOREOGRAPHY),
    "messageFlow": ("participant", *ACTIVITIES, *EVENTS, *CHOREOGRAPHY),
    "association": (),
    "dataInputAssociation": DATA,
    "dataOutputAssociation": DATA,
    "linkEventDefinition": ("linkEventDefinition",),
}


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each reference that names nothing, or the wrong kind of thing."""
    for part in diagram.root.below():
        if part.is_foreign or part.within("extensionElements") is not None:
            continue
        for name, reference in _references(part):
            allowed = ENDS.get(part.kind, ()) if name in ("sourceRef", "targetRef", "source", "target") else KINDS[name]
            yield from _judged(diagram, part, name, reference, allowed)


def _references(part: Part) -> Iterator[tuple[str, str]]:
    ends = ("sourceRef", "targetRef", "source", "target") if part.kind in ENDS else ()
    yield from ((name, text) for name, text in part.attributes.items() if name in KINDS or name in ends)
    yield from ((each.kind, each.words) for each in part.parts if each.kind in KINDS or each.kind in ends)


def _judged(diagram: Diagram, part: Part, name: str, reference: str, allowed: tuple[str, ...]) -> Iterator[Finding]:
    meant = diagram.named(reference)
    if meant is None:
        yield diagram.found(
            RULE,
            part,
            "“{name}” refers to “{reference}” ({attribute}), which does not exist.",
            "Refer to an element of the diagram, or remove the reference.",
            reference=reference,
            attribute=name,
        )
    elif allowed and meant.kind not in allowed:
        yield diagram.found(
            RULE,
            part,
            "“{name}” refers to “{reference}” ({attribute}), which is of the kind {kind} and cannot be meant.",
            "Refer to an element of the right kind.",
            reference=reference,
            attribute=name,
            kind=meant.kind,
        )
    elif name == "eventDefinitionRef" and meant.parent is not diagram.root:
        yield diagram.found(
            RULE,
            part,
            "“{name}” refers to “{reference}”, which belongs to another event.",
            "Give the event a definition of its own, or put the shared one beside the processes.",
            reference=reference,
        )
