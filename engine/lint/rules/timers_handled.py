"""Something happens when a time is over: a timer that only watches, and leads to an end at once, changes nothing."""

from collections.abc import Iterator

from engine.elements import Element
from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "timers-handled"
TIMES = ("timeDate", "timeDuration", "timeCycle")
# What a token may pass without anything being done.
IDLE = ("exclusiveGateway", "parallelGateway", "inclusiveGateway")


def check(subject: Subject) -> Iterator[Finding]:
    """One warning for each timer beside an activity, not interrupting it, behind which nothing is done."""
    inside = {element.id: element for element in subject.elements}
    onward: dict[str, list[str]] = {}
    for flow in subject.flows:
        onward.setdefault(flow.source, []).append(flow.target)
    for element in subject.elements:
        watches = element.attached_to is not None and not element.interrupting
        if watches and any(event.kind in TIMES for event in element.events) and not _acts(element, onward, inside):
            yield subject.found(
                RULE,
                "warning",
                element,
                "When the time “{name}” is over, nothing is done.",
                "Lead it to what is to be done then, or remove the timer.",
            )


def _acts(element: Element, onward: dict[str, list[str]], inside: dict[str, Element]) -> bool:
    seen: set[str] = set()
    waiting = list(onward.get(element.id, []))
    while waiting:
        here = waiting.pop()
        node = inside.get(here)
        if here in seen or node is None:
            continue
        seen.add(here)
        does = node.kind not in (*IDLE, "endEvent") or (node.kind == "endEvent" and bool(node.events or node.job_type))
        if does:
            return True
        waiting += onward.get(here, [])
    return False
