"""Every variable an expression reads is written somewhere: else it is always null.

Judged only where all that is written can be known: what a connector, a message, a called procedure or a script brings
without an output mapping may be anything, and then nothing is said.
"""

from collections.abc import Iterator

from engine.elements import Element
from engine.feel import FeelError, compile_expression
from engine.lint.finding import Finding
from engine.lint.subject import BPMN, ZEEBE, Subject

RULE = "variables-written"
# What every case has, and what the engine itself gives inside loops, gateways and errors.
GIVEN = frozenset(
    {
        "answers",
        "case",
        "loopCounter",
        "nrOfInstances",
        "nrOfActiveInstances",
        "nrOfCompletedInstances",
        "nrOfTerminatedInstances",
        "activationCount",
    }
)
BRINGING = ("message", "signal", "error")


def check(subject: Subject) -> Iterator[Finding]:
    """One warning for each variable of an element that nothing writes."""
    if any(_brings_anything(subject, element) for element in subject.elements):
        return
    written = GIVEN | set(_written(subject))
    for element in subject.elements:
        read = {name for where, name in _read(element) if not (element.kind == "userTask" and "output" in where)}
        for name in sorted(read - written):
            yield subject.found(
                RULE,
                "warning",
                element,
                "“{name}” reads the variable “{variable}”, which nothing writes.",
                "Correct the name, or write the variable before.",
                variable=name,
            )


def _brings_anything(subject: Subject, element: Element) -> bool:
    maps = bool(subject.outputs(element))
    by_event = any(event.kind in BRINGING for event in element.events) and "hrow" not in element.kind
    foreign = element.called_process is not None and element.called_process not in subject.definition.processes
    python = element.kind == "scriptTask" and not any(each.where == "script" for each in element.expressions)
    return not maps and (element.job_type is not None or by_event or foreign or python)


def _read(element: Element) -> Iterator[tuple[str, str]]:
    for each in element.expressions:
        try:
            names = compile_expression(each.text[1:].strip()).free_names
        except FeelError:
            continue
        yield from ((each.where, name) for name in names)


def _written(subject: Subject) -> Iterator[str]:
    for root in subject.roots.values():
        for node in root.iter():
            for attribute in ("resultVariable", "outputCollection", "inputElement"):
                if node.get(attribute):
                    yield node.get(attribute)
            if node.tag in (f"{ZEEBE}output", f"{ZEEBE}input"):
                yield node.get("target", "").split(".")[0]
            if node.tag in (f"{BPMN}dataObject", f"{BPMN}property", f"{BPMN}inputDataItem", f"{BPMN}outputDataItem"):
                yield from filter(None, (node.get("name"), node.get("id")))
            if node.tag == f"{BPMN}sequenceFlow":
                yield node.get("id", "")
    for element in subject.elements:
        if element.kind == "userTask":
            yield element.form_id or element.id
