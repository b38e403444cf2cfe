"""Does every ad-hoc sub-process hold activities, and none of what it must not hold?

BPMN 2.0.2, 10.3.5 “Ad-Hoc Sub-Process”; constraints EXT.061, EXT.062.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import ACTIVITIES, Diagram

RULE = "adhoc-subprocesses"


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for an empty one, one for each start or end event in it."""
    for level in diagram.parts("adHocSubProcess"):
        if not level.all(*ACTIVITIES):
            yield diagram.found(
                RULE, level, "The ad-hoc sub-process “{name}” holds no activity.", "Put at least one activity into it."
            )
        for event in level.all("startEvent", "endEvent"):
            yield diagram.found(
                RULE,
                event,
                "“{name}” is a start or end event in an ad-hoc sub-process.",
                "Remove it: the activities of an ad-hoc sub-process begin and end by themselves.",
            )
