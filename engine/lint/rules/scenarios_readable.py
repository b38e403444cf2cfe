"""Every scenario file can be read, and there is at least one."""

from collections.abc import Iterator

from engine.errors import ScenarioInvalid
from engine.lint.finding import Finding
from engine.lint.subject import Subject
from engine.scenarios.story import read_stories

RULE = "scenarios-readable"


def check(subject: Subject) -> Iterator[Finding]:
    """Errors for files that cannot be read; a warning when there is none. Whether they pass is `parvis test`'s to
    say.
    """
    files = [name for name in subject.bundle.names(".json") if name.startswith("scenarios/")]
    for name in files:
        try:
            read_stories(subject.bundle.files[name], name)
        except ScenarioInvalid as refusal:
            yield Finding(
                rule=RULE,
                severity="error",
                file=name,
                element=None,
                message="The scenario cannot be read: {reason}",
                way_out="See the reference page of scenarios.",
                parameters={"reason": refusal.reason},
            )
    if not files:
        yield Finding(
            rule=RULE,
            severity="warning",
            file="manifest.json",
            element=None,
            message="The bundle has no scenario.",
            way_out="Write one for each path a case may take: scenarios/*.json.",
        )
