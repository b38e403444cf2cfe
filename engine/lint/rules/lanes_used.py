"""Every lane holds something: an empty one names a department that has nothing to do."""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.subject import BPMN, Subject

RULE = "lanes-used"


def check(subject: Subject) -> Iterator[Finding]:
    """One warning for each lane that holds neither an element nor another lane."""
    for file, root in subject.roots.items():
        for lane in root.iter(f"{BPMN}lane"):
            if lane.find(f"{BPMN}flowNodeRef") is None and lane.find(f"{BPMN}childLaneSet") is None:
                yield Finding(
                    rule=RULE,
                    severity="warning",
                    file=file,
                    element=lane.get("id"),
                    message="Nobody is in the lane “{name}”: no element stands in it.",
                    way_out="Move into it what this department does, or remove the lane.",
                    parameters={"name": lane.get("name") or lane.get("id") or ""},
                )
