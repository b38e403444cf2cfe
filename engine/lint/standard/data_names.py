"""Does the name of a data object in a state say the state?

BPMN 2.0.2, 10.4.1 “Data Object references”; constraint EXT.076.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram

RULE = "data-names"


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each reference with a state whose name is not “object [state]”."""
    for part in diagram.parts("dataObjectReference"):
        state = part.first("dataState")
        meant = diagram.named(part.get("dataObjectRef"))
        if state is None:
            continue
        expected = f"[{state.get('name')}]"
        known = "" if meant is None else meant.get("name")
        if not part.get("name").endswith(expected) or not part.get("name").startswith(known):
            yield diagram.found(
                RULE,
                part,
                "“{name}” shows a data object in a state, but its name does not say so.",
                "Name it after the data object, followed by the state in square brackets: {expected}.",
                expected=f"{known or '…'} {expected}",
            )
