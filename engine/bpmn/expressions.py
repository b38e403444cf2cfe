"""Values as a diagram writes them: text that starts with `=` is FEEL, anything else is itself.

Compiled once, when the definition is built; evaluated in a scope, at the instance's time. Never evaluates Python.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from engine import feel
from engine.bpmn.errors import ElementFailed, NotSupported
from engine.bpmn.storable import storable
from engine.deadlines import town_time
from engine.feel.sentences import Sentence, said_in_turn


class Literal:
    """A constant of the diagram."""

    __slots__ = ("text",)
    free_names: frozenset[str] = frozenset()

    def __init__(self, text: str) -> None:
        self.text = text

    def of(self, scope: Mapping[str, Any], now: datetime) -> Any:
        return self.text

    def why(self, scope: Mapping[str, Any], now: datetime) -> Sentence:
        return Sentence("“{0}” is a text, not an expression (an expression starts with =)", (self.text,))


class Feel:
    """A FEEL expression of the diagram."""

    __slots__ = ("compiled", "free_names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.compiled = feel.compile_expression(text)
        self.free_names = frozenset(self.compiled.free_names)

    def of(self, scope: Mapping[str, Any], now: datetime) -> Any:
        """The value in `scope` at `now`; null where FEEL says null. Raises `ElementFailed` when it cannot be
        evaluated at all."""
        try:
            value = self.compiled.evaluate(scope, town_time(now))
        except feel.FeelError as failure:
            said = Sentence("“{0}” cannot be evaluated: {1}", (self.text, failure.sentence))
            raise ElementFailed("expression", said, tuple(sorted(self.free_names))) from failure
        return value if value is None or type(value) is bool else storable(value)

    def why(self, scope: Mapping[str, Any], now: datetime) -> Sentence:
        """Why the expression is not true, in words; variables are named, their values are not shown."""
        try:
            explained = self.compiled.explain(scope, town_time(now))
        except feel.FeelError as failure:
            return Sentence("“{0}”: {1}", (self.text, failure.sentence))
        template = "“{0}” is null." if explained.value is None else "“{0}” is not true."
        reasons = dict.fromkeys(problem.sentence for problem in explained.problems)
        return said_in_turn([Sentence(template, (self.text,)), *reasons], "{0} {1}")


Value = Literal | Feel


def read_value(text: str | None) -> Value | None:
    """What the diagram's text means; absent for no text. Raises the FEEL error of an expression that cannot be read."""
    text = (text or "").strip()
    if not text:
        return None
    return Feel(text[1:].strip()) if text.startswith("=") else Literal(text)


def read_condition(element: str, text: str | None) -> Value | None:
    """A condition; absent for no text. Raises `NotSupported` for a text that is no expression: it would never be
    true."""
    value = read_value(text)
    if isinstance(value, Literal):
        raise NotSupported(
            element, "The condition “{0}” is not an expression.", "Begin it with the sign =.", value.text
        )
    return value


def text_of(value: Value | None, scope: Mapping[str, Any], now: datetime) -> str | None:
    """The value as text; absent for null and for no value."""
    result = None if value is None else value.of(scope, now)
    return None if result is None else str(result)


def holds(condition: Value | None, scope: Mapping[str, Any], now: datetime) -> bool:
    """Whether a condition is true: only the boolean true is (null and other values are not; DMN 1.5, 10.3.2.13)."""
    return condition is None or condition.of(scope, now) is True
