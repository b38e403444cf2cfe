"""Has every link one target, on the same level, and is it connected on one side only?

BPMN 2.0.2, 10.5.5 “Link Event Definition”; constraints EXT.117, EXT.118, EXT.124 to EXT.126.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import Part

RULE = "links"


def check(diagram: Diagram) -> Iterator[Finding]:
    """Errors for links without partner, with two targets, or with a sequence flow too many."""
    for level in diagram.levels:
        throws, catches = (
            _links(diagram, level, kind) for kind in ("intermediateThrowEvent", "intermediateCatchEvent")
        )
        for event, name in throws:
            if sum(other == name for _, other in catches) != 1:
                yield diagram.found(
                    RULE,
                    event,
                    "The link “{name}” does not lead to exactly one link event of the same name on its level.",
                    "Name one catching link event of the same process or sub-process like it.",
                )
            if diagram.leaving(event):
                yield diagram.found(
                    RULE, event, "A sequence flow leaves the throwing link “{name}”.", "Remove it: the link goes on."
                )
        for event, name in catches:
            if all(other != name for _, other in throws):
                yield diagram.found(
                    RULE,
                    event,
                    "No link of the same name leads to the link event “{name}” on its level.",
                    "Name a throwing link event of the same process or sub-process like it, or remove it.",
                )
            if diagram.entering(event):
                yield diagram.found(
                    RULE, event, "A sequence flow leads to the catching link “{name}”.", "Reach it by its link only."
                )


def _links(diagram: Diagram, level: Part, kind: str) -> list[tuple[Part, str]]:
    found: list[tuple[Part, str]] = []
    for event in level.all(kind):
        for definition in diagram.definitions(event):
            if definition.kind == "linkEventDefinition":
                found.append((event, definition.get("name") or event.get("name")))
    return found
