"""Can what a call activity calls be begun, and does it get the data it asks for?

BPMN 2.0.2, 10.3.6; constraints EXT.063 to EXT.065, EXT.099.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.data import data_types
from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import Part

RULE = "calls"


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors about calls inside the file; `called-processes` looks further."""
    for call in diagram.parts("callActivity"):
        called = diagram.named(call.get("calledElement"))
        if called is None:
            continue
        starts = called.all("startEvent")
        if starts and all(diagram.triggers(event) for event in starts):
            yield diagram.found(
                RULE,
                call,
                "“{name}” calls a process that no call can begin: every start of it waits for an event.",
                "Give the called process a start event without trigger.",
            )
        yield from _data(diagram, call, called)


def _data(diagram: Diagram, call: Part, called: Part) -> Iterator[Finding]:
    given, asked = call.first("ioSpecification"), called.first("ioSpecification")
    for kind in ("dataInput", "dataOutput"):
        if asked is not None and data_types(diagram, given, kind) != data_types(diagram, asked, kind):
            yield diagram.found(
                RULE,
                call,
                "The inputs and outputs of “{name}” are not those of what it calls.",
                "Give it the same data inputs and data outputs, of the same types.",
            )
    bindings = called.all("ioBinding")
    if called.texts("supportedInterfaceRef") and not bindings:
        yield diagram.found(
            RULE,
            call,
            "“{name}” calls a service whose inputs and outputs are bound to no operation.",
            "Add an input and output binding (ioBinding) for each operation.",
        )
