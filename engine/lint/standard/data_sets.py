"""Do the inputs and outputs of an activity belong to their sets, and the sets to each other?

BPMN 2.0.2, 10.4.1 “Input Output Specification”; constraints EXT.042, EXT.043, EXT.046, EXT.047, EXT.050, EXT.051,
EXT.079, EXT.084 to EXT.090.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import SUBPROCESSES, Diagram
from engine.lint.standard.part import Part

RULE = "data-sets"
# What is at most once in the specification of a task that names an operation or a message.
AT_MOST_ONCE = {
    "serviceTask": ("operationRef", ("inputSet", "outputSet")),
    "sendTask": ("messageRef", ("inputSet", "dataInput")),
    "receiveTask": ("messageRef", ("outputSet", "dataOutput")),
}


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors about the input and output specification of activities and processes, and the sets of events."""
    for holder in diagram.root.below():
        specification = holder.first("ioSpecification")
        if specification is not None:
            yield from _placed(diagram, holder, specification)
            yield from _sets(diagram, holder, specification)
        elif holder.kind.endswith("Event"):
            yield from _sets(diagram, holder, holder)


def _placed(diagram: Diagram, holder: Part, specification: Part) -> Iterator[Finding]:
    if holder.kind in SUBPROCESSES:
        yield diagram.found(
            RULE,
            holder,
            "The sub-process “{name}” has inputs and outputs of its own.",
            "Remove them: what is inside reads the data around it.",
        )
    reference, kinds = AT_MOST_ONCE.get(holder.kind, ("", ()))
    if holder.get(reference):
        for kind in kinds:
            if len(specification.all(kind)) > 1:
                yield diagram.found(
                    RULE,
                    holder,
                    "“{name}” has more than one {kind}, but its message or operation has one content.",
                    "Keep one of them.",
                    kind=kind,
                )


def _sets(diagram: Diagram, holder: Part, specification: Part) -> Iterator[Finding]:
    for data, sets, word in (("dataInput", "inputSet", "Input"), ("dataOutput", "outputSet", "Output")):
        listed = {text for each in specification.all(sets) for text in each.texts(f"data{word}Refs")}
        for part in specification.all(data):
            if part.id not in listed:
                yield diagram.found(
                    RULE, holder, "“{data}” of “{name}” is in no {set}.", "Add it to one.", data=part.id, set=sets
                )
        for each in specification.all(sets):
            own = set(each.texts(f"data{word}Refs"))
            for text in each.texts(f"optional{word}Refs", f"whileExecuting{word}Refs"):
                if text not in own:
                    yield diagram.found(
                        RULE,
                        holder,
                        "“{data}” of “{name}” is optional or used while executing, but its {set} does not list it.",
                        "List it in the same set too.",
                        data=text,
                        set=sets,
                    )
    yield from _partners(diagram, holder, specification)


def _partners(diagram: Diagram, holder: Part, specification: Part) -> Iterator[Finding]:
    forth = _pairs(specification, "inputSet", "outputSetRefs")
    back = {(one, other) for other, one in _pairs(specification, "outputSet", "inputSetRefs")}
    for one, other in sorted(forth ^ back):
        yield diagram.found(
            RULE,
            holder,
            "The sets “{one}” and “{other}” of “{name}” do not refer to each other.",
            "Write the reference in both.",
            one=one,
            other=other,
        )


def _pairs(specification: Part, kind: str, reference: str) -> set[tuple[str, str]]:
    return {(each.id, text) for each in specification.all(kind) for text in each.texts(reference)}
