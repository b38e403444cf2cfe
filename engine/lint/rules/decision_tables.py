"""Every decision can be read, and every table decides: no cell that is not FEEL, no rules that exclude one another, no
rule that never decides, no gap.
"""

from collections.abc import Iterator

from engine.dmn import DecisionsUnreadable, read_decisions
from engine.lint.finding import Finding, Severity
from engine.lint.subject import Subject

RULE = "decision-tables"


def check(subject: Subject) -> Iterator[Finding]:
    """What the decisions say of themselves: errors where a case would be blocked, warnings where it deserves a look."""
    files = {name: subject.bundle.files[name] for name in subject.bundle.names(".dmn")}
    for file, content in files.items():
        try:
            found = read_decisions(content, [other for name, other in files.items() if name != file]).findings()
        except DecisionsUnreadable:
            continue
        for each in found:
            severity: Severity = "warning" if each.severity == "warning" else "error"
            message = "Decision “{decision}”, {place}: {reason}" if each.column else "Decision “{decision}”: {reason}"
            yield Finding(
                rule=RULE,
                severity=severity,
                file=file,
                element=each.decision or None,
                message=message,
                way_out="Open the decision and correct it; the panel “Try it” shows what it answers.",
                parameters={"decision": each.decision, "place": each.column, "reason": each.sentence},
            )
