"""Problems: why an expression is refused, or why it gave null. Messages are made from codes, so that they can be
translated.

Syntax errors and exceeded limits are exceptions; everything else that goes wrong while evaluating is a `Problem`
noted in the
`Run`, and the value is null, as the DMN standard wants (1.5, section 10.3.2.13).
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from engine.errors import EngineError
from engine.feel import limits

MESSAGES = {
    "unknown_name": "Expected a variable named “{0}”, but there is none here.",
    "unknown_entry": "Expected an entry named “{0}”, but the value has none.",
    "not_comparable": "Expected two comparable values, but found {0} and {1}.",
    "not_computable": "Expected values that “{0}” can combine, but found {1} and {2}.",
    "not_boolean": "Expected true or false, but found {0}.",
    "not_a_number": "Expected a number, but found {0}.",
    "not_a_list": "Expected a list or a range, but found {0}.",
    "not_a_function": "Expected a function to call, but found {0}.",
    "wrong_arguments": "“{0}” cannot be called with these arguments: {1}.",
    "wrong_result": "“{0}” cannot answer for these values: {1}.",
    "division_by_zero": "Expected a divisor other than zero.",
    "out_of_range": "The result is outside what a FEEL value can hold.",
    "no_such_item": "The list has no item at position {0}.",
    "wrong_type": "Expected a value of type {0}, but found {1}.",
    "not_a_literal": "“{0}” is not a date, a time or a duration.",
    "external_function": "Functions written in another language cannot be called.",
    "duplicate_entry": "The context has two entries named “{0}”.",
    "decision_failed": "{0}",
}


class FeelError(EngineError):
    """The expression could not be used."""


class FeelSyntaxError(FeelError):
    """The expression is not written in FEEL."""

    def __init__(self, text: str, position: int, expected: Sequence[str], found: str | None = None) -> None:
        self.text = text
        self.position = position
        self.expected = tuple(expected)
        self.found = found
        super().__init__(self._sentence())

    def _sentence(self) -> str:
        wanted = " or ".join(self.expected) or "something else"
        found = f"“{self.found}”" if self.found else "the end of the expression"
        line = self.text.count("\n", 0, self.position) + 1
        column = self.position - (self.text.rfind("\n", 0, self.position) + 1) + 1
        return f"Expected {wanted}, but found {found} at line {line}, column {column} of “{self.text[:200]}”."


class LimitExceeded(FeelError):
    """The expression needs more work or memory than one expression may use."""


class Problem(msgspec.Struct, frozen=True):
    """One reason why a value is null: a code, the sentence made from it and the place in the text."""

    code: str
    message: str
    position: int = 0


class Run:
    """One evaluation: its clock, its budget of steps and the problems noted on the way."""

    __slots__ = ("depth", "left", "now", "problems")

    def __init__(self, now: datetime | None, problems: list[Problem] | None = None) -> None:
        self.now = now
        self.left = limits.STEPS
        self.depth = 0
        self.problems = problems

    def spend(self, steps: int) -> None:
        """Takes steps from the budget; raises `LimitExceeded` when none is left."""
        self.left -= steps
        if self.left < 0:
            raise LimitExceeded(f"Expected at most {limits.STEPS} steps, but the expression needs more.")

    def spend_text(self, length: int) -> None:
        """Takes the steps that a text of this length costs, and refuses a text that is too long."""
        if length > limits.STRING_LENGTH:
            raise LimitExceeded(f"Expected a text of at most {limits.STRING_LENGTH} characters.")
        self.spend(length // limits.CHARACTERS_PER_STEP)

    def spend_items(self, length: int) -> None:
        """Takes the steps that a list of this length costs, and refuses a list that is too long."""
        if length > limits.LIST_LENGTH:
            raise LimitExceeded(f"Expected a list of at most {limits.LIST_LENGTH} items.")
        self.spend(length)

    def note(self, code: str, position: int, *values: Any) -> None:
        """Records why a value is null."""
        if self.problems is None or len(self.problems) >= 100:
            return
        self.problems.append(Problem(code, MESSAGES[code].format(*map(str, values)), position))


class Unbounded(Run):
    """The run of an expression without loops or calls: nothing to count, nobody listening. Shared, holds no state."""

    __slots__ = ()

    def spend(self, steps: int) -> None:
        """Costs nothing: the size of such an expression bounds its work."""


SILENT = Unbounded(None)
