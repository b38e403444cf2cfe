"""Every element can be reached from a start, and from every one an end can be reached."""

from collections.abc import Iterable, Iterator

from engine.elements import Element
from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "end-reachable"


def check(subject: Subject) -> Iterator[Finding]:
    """Warnings: a diagram may hold work in progress, but each of these is a path no case can take, or never leave."""
    inside = {element.id: element for element in subject.elements}
    onward, backward = _edges(subject, inside)
    reached = _closure((element.id for element in inside.values() if _begins(element)), onward)
    ends = (element.id for element in inside.values() if not onward.get(element.id))
    ending = _closure(ends, backward)
    for element in inside.values():
        if element.id not in reached:
            yield subject.found(RULE, "warning", element, "No path leads to “{name}”.", "Connect it, or remove it.")
        elif element.id not in ending:
            yield subject.found(
                RULE, "warning", element, "No path leads from “{name}” to an end.", "Add a way out of the loop."
            )


def _edges(subject: Subject, inside: dict[str, Element]) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    pairs = [(flow.source, flow.target) for flow in subject.flows]
    pairs += [(element.attached_to, element.id) for element in inside.values() if element.attached_to]
    pairs += [(element.parent, element.id) for element in inside.values() if element.parent and not element.incoming]
    links = [(element, event) for element in inside.values() for event in element.events if event.kind == "link"]
    pairs += [
        (source.id, target.id)
        for source, thrown in links
        for target, caught in links
        if "Throw" in source.kind and "Catch" in target.kind and thrown.name == caught.name
    ]
    onward: dict[str, set[str]] = {}
    backward: dict[str, set[str]] = {}
    for source, target in pairs:
        onward.setdefault(source, set()).add(target)
        backward.setdefault(target, set()).add(source)
    return onward, backward


def _begins(element: Element) -> bool:
    """Starts, event subprocesses, and activities that nothing leads to by design (ad hoc, compensation)."""
    implicit = not element.incoming and element.kind.endswith(("Task", "task", "rocess", "ctivity"))
    return element.kind == "startEvent" or element.is_event_subprocess or (implicit and element.parent is not None)


def _closure(first: Iterable[str], edges: dict[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    waiting = list(first)
    while waiting:
        here = waiting.pop()
        if here not in seen:
            seen.add(here)
            waiting.extend(edges.get(here, ()))
    return seen
