"""Rules: whether an element is shown and may be answered, given the answers of its container. Decides nothing else.

The one rule for hidden answers: *an answer exists only while its question is shown*. `reading` applies it until
nothing changes.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, cast

from forms.elements import Condition, Element, Field, Group, Path, Repeat, Rule
from forms.places import MISSING, look_up


def holds(condition: Condition, container: Any) -> bool:
    """Whether the condition is met. No answer counts as null: no constant, list or type accepts it (as JSON Forms
    does).
    """
    if condition.combine == "AND":
        return all(holds(part, container) for part in condition.conditions)
    if condition.combine == "OR":
        return any(holds(part, container) for part in condition.conditions)
    value = look_up(container, condition.path)
    if value is MISSING:
        if condition.fail_when_undefined:
            return False
        value = None
    return condition.validator is None or condition.validator.is_valid(value)


def is_shown(rules: Iterable[Rule], container: Any) -> bool:
    """Whether no rule hides the element."""
    return all(
        holds(rule.condition, container) is (rule.effect == "SHOW") for rule in rules if rule.effect in {"SHOW", "HIDE"}
    )


def is_enabled(rules: Iterable[Rule], container: Any) -> bool:
    """Whether no rule forbids answering."""
    return all(
        holds(rule.condition, container) is (rule.effect == "ENABLE")
        for rule in rules
        if rule.effect in {"ENABLE", "DISABLE"}
    )


def shown_questions(
    elements: Iterable[Element], container: Any, enabled: bool = True
) -> Iterator[tuple[Field | Repeat, bool]]:
    """The fields and repeats now shown, each with whether it may be answered; groups pass their rules on."""
    for element in elements:
        if not is_shown(element.rules, container):
            continue
        open_to_answer = enabled and is_enabled(element.rules, container)
        if isinstance(element, Group):
            yield from shown_questions(element.elements, container, open_to_answer)
        elif isinstance(element, Field | Repeat):
            yield element, open_to_answer


def every_question(elements: Iterable[Element]) -> Iterator[Field | Repeat]:
    """All fields and repeats, shown or not."""
    for element in elements:
        if isinstance(element, Group):
            yield from every_question(element.elements)
        elif isinstance(element, Field | Repeat):
            yield element


class BrowserRule(NamedTuple):
    """A rule simple enough for the page's script: shown when (or unless) the field at `path` has one of the values."""

    path: Path
    values: tuple[Any, ...]
    shown: bool


def browser_rule(rules: tuple[Rule, ...], elements: tuple[Element, ...]) -> BrowserRule | None:
    """The one SHOW/HIDE rule of an element as the script understands it, when it looks at a choice among `elements`."""
    visibility = [rule for rule in rules if rule.effect in {"SHOW", "HIDE"}]
    if len(visibility) != 1 or len(visibility) != len(rules):
        return None
    condition = visibility[0].condition
    if condition.combine or not any(_is_choice(question, condition.path) for question in every_question(elements)):
        return None
    values, positive = _values(condition.schema)
    return BrowserRule(condition.path, values, positive is (visibility[0].effect == "SHOW")) if values else None


def is_drawn(element: Element, container: Any, elements: tuple[Element, ...]) -> bool:
    """Whether the page draws the element: it is shown, or the page's script may show it."""
    return is_shown(element.rules, container) or browser_rule(element.rules, elements) is not None


def answerable(
    elements: Iterable[Element], answers: Any, enabled: bool = True, *, drawn: bool = True, container: Path = ()
) -> Iterator[Path]:
    """The places of the questions open to answering, those in items included: on the page as drawn (with what its
    script hides), or of those that are shown.
    """
    everything = tuple(elements)
    yield from _answerable(everything, answers, enabled, drawn, container, everything)


def _answerable(
    elements: Iterable[Element], answers: Any, enabled: bool, drawn: bool, container: Path, around: tuple[Element, ...]
) -> Iterator[Path]:
    here = look_up(answers, container)
    for element in elements:
        is_there = is_drawn(element, here, around) if drawn else is_shown(element.rules, here)
        if not is_there or not (enabled and is_enabled(element.rules, here)):
            continue
        if isinstance(element, Group):
            yield from _answerable(element.elements, answers, True, drawn, container, around)
        elif isinstance(element, Field) and element.kind != "read_only":
            yield (*container, *element.path)
        elif isinstance(element, Repeat):
            yield from _items(element, answers, drawn, (*container, *element.path))


def _items(repeat: Repeat, answers: Any, drawn: bool, path: Path) -> Iterator[Path]:
    yield path
    items = look_up(answers, path)
    for index in range(len(cast("list[Any]", items)) if isinstance(items, list) else 0):
        yield from answerable(repeat.elements, answers, drawn=drawn, container=(*path, index))


def _is_choice(question: Field | Repeat, path: Path) -> bool:
    return question.path == path and isinstance(question, Field) and question.kind in {"choice", "yes_no", "consent"}


def _values(schema: dict[str, Any]) -> tuple[tuple[Any, ...], bool]:
    match schema:
        case {"const": value, **rest} if not rest:
            return (value,), True
        case {"enum": _, **rest} if not rest:
            return tuple(cast("list[Any]", schema["enum"])), True
        case {"not": _, **rest} if not rest and isinstance(schema["not"], dict):
            values, positive = _values(cast("dict[str, Any]", schema["not"]))
            return values, not positive
        case _:
            return (), True
