"""Problems: why an expression is refused, or why it gave null. What is said comes from `sentences`, by code, so that it
can be translated.

Syntax errors and exceeded limits are exceptions; everything else that goes wrong while evaluating is a `Problem`
noted in the
`Run`, and the value is null, as the DMN standard wants (1.5, section 10.3.2.13).
"""

from collections.abc import Sequence
from datetime import datetime
from time import thread_time
from typing import Any

import msgspec

from engine.errors import EngineError
from engine.feel import limits
from engine.feel.sentences import Sentence, either, expecting, place_in, plain, tell


class ToldError(EngineError):
    """Something could not be done, for a reason that can be said in any language."""

    def __init__(self, sentence: Sentence | str | None = None) -> None:
        super().__init__(None if sentence is None else str(sentence))
        self.sentence = sentence if isinstance(sentence, Sentence) else plain(str(self))


class FeelError(ToldError):
    """The expression could not be used."""


class FeelSyntaxError(FeelError):
    """The expression is not written in FEEL."""

    def __init__(
        self, text: str, position: int, expected: Sequence[Sentence], found: Sentence | str | None = None
    ) -> None:
        self.text = text
        self.position = position
        self.expected = tuple(expected)
        self.found = found if isinstance(found, Sentence) else expecting("word", found) if found else None
        self.line, self.column = place_in(text, position)
        super().__init__(self._sentence())

    def _sentence(self) -> Sentence:
        found = self.found or expecting("end_of_text")
        return tell("syntax", either(self.expected), found, self.line, self.column, self.text[:200])


class LimitExceeded(FeelError):
    """The expression needs more work or memory than one expression may use."""

    def __init__(self, code: str, *words: object) -> None:
        self.code = code
        super().__init__(tell(code, *words))


class Problem(msgspec.Struct, frozen=True):
    """One reason why a value is null: a code, the sentence made from it and the place in the text."""

    code: str
    sentence: Sentence
    position: int = 0

    @property
    def message(self) -> str:
        """The sentence in English."""
        return str(self.sentence)


class Run:
    """One evaluation: its clock, its budget of steps and the problems noted on the way."""

    __slots__ = ("_look", "depth", "left", "now", "problems", "until")

    def __init__(self, now: datetime | None, problems: list[Problem] | None = None) -> None:
        self.now = now
        self.left = limits.STEPS
        self.depth = 0
        self.problems = problems
        # When the processor time of this thread is used up; 0 before anybody looked.
        self.until = 0.0
        self._look = limits.STEPS - limits.STEPS_PER_LOOK

    def spend(self, steps: int) -> None:
        """Takes steps from the budget; raises `LimitExceeded` when none is left, or no time."""
        self.left -= steps
        if self.left < self._look:
            self._look_at_the_clock()

    def _look_at_the_clock(self) -> None:
        if self.left < 0:
            raise LimitExceeded("too_many_steps", limits.STEPS)
        spent = thread_time()
        if not self.until:
            self.until = spent + limits.SECONDS
        elif spent > self.until:
            raise LimitExceeded("too_slow", round(limits.SECONDS * 1000))
        self._look = max(0, self.left - limits.STEPS_PER_LOOK)

    def spend_text(self, length: int) -> None:
        """Takes the steps that a text of this length costs, and refuses a text that is too long."""
        if length > limits.STRING_LENGTH:
            raise LimitExceeded("text_too_long", limits.STRING_LENGTH)
        self.spend(length // limits.CHARACTERS_PER_STEP)

    def spend_items(self, length: int, besides: int = 0) -> None:
        """Takes the steps that a list of this length costs, and `besides`; refuses a list that is too long."""
        if length > limits.LIST_LENGTH:
            raise LimitExceeded("list_too_long", limits.LIST_LENGTH)
        self.spend(length + besides)

    def note(self, code: str, position: int, *values: Any) -> None:
        """Records why a value is null."""
        if self.problems is None or len(self.problems) >= 100:
            return
        self.problems.append(Problem(code, tell(code, *values), position))


class Unbounded(Run):
    """The run of an expression without loops or calls: nothing to count, nobody listening. Shared, holds no state."""

    __slots__ = ()

    def spend(self, steps: int) -> None:
        """Costs nothing, as the size of such an expression bounds its work; but a value can be within itself."""
        if steps > limits.STEPS:
            raise LimitExceeded("too_many_steps", limits.STEPS)


SILENT = Unbounded(None)
