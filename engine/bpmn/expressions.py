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


class Literal:
    """A constant of the diagram."""

    __slots__ = ("text",)
    free_names: frozenset[str] = frozenset()

    def __init__(self, text: str) -> None:
        self.text = text

    def of(self, scope: Mapping[str, Any], now: datetime) -> Any:
        return self.text

    def why(self, scope: Mapping[str, Any], now: datetime) -> str:
        return f"“{self.text}” is a text, not an expression (an expression starts with =)"


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
            message = f"“{self.text}” cannot be evaluated: {failure}"
            raise ElementFailed("expression", message, tuple(sorted(self.free_names))) from failure
        return value if value is None or type(value) is bool else storable(value)

    def why(self, scope: Mapping[str, Any], now: datetime) -> str:
        """Why the expression is not true, in words; variables are named, their values are not shown."""
        try:
            explained = self.compiled.explain(scope, town_time(now))
        except feel.FeelError as failure:
            return f"“{self.text}”: {failure}"
        reasons = " ".join(dict.fromkeys(problem.message for problem in explained.problems))
        return f"“{self.text}” is {'null' if explained.value is None else 'not true'}. {reasons}".strip()


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
