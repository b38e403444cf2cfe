"""Patterns: XPath regular expressions (XPath Functions 3.1, 5.6), translated; run by RE2 where it can express them, in
linear time, else (see `linear`) by the `regex` package with a time limit.

A pattern that XPath would refuse is refused here too: the answer is None. Never hangs: 50 ms, then `LimitExceeded`.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import islice
from time import thread_time
from typing import Any, TypeVar

import regex

from engine.feel import limits
from engine.feel.builtins.linear import LONGEST, linear_pattern
from engine.feel.problems import LimitExceeded, Run

Answer = TypeVar("Answer")

_FLAGS: dict[str, int] = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE}
_NAME_START = (
    ":A-Z_a-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c\u200d\u2070-\u218f"
    "\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd"
)
_NAME = _NAME_START + "\\-.0-9\u00b7\u0300-\u036f\u203f\u2040"
# What stands for each class escape, inside square brackets; capitals are the contrary (XML Schema, appendix F.1.1).
_CLASSES = {
    "i": _NAME_START,
    "c": _NAME,
    "d": r"\p{Nd}",
    "D": r"\P{Nd}",
    "s": r" \t\n\r",
    "w": r"\p{L}\p{M}\p{N}\p{S}",
    "W": r"\p{P}\p{Z}\p{C}",
}


class _Refused(Exception):
    """XPath does not allow this pattern."""


def _without_blanks(pattern: str) -> str:
    """The pattern without blanks outside of character classes: what the flag `x` asks for."""
    kept: list[str] = []
    depth = 0
    for place, character in enumerate(pattern):
        escaped = place > 0 and pattern[place - 1] == "\\"
        depth += (character == "[" and not escaped) - (character == "]" and not escaped and depth > 0)
        if depth or character not in " \t\n\r":
            kept.append(character)
    return "".join(kept)


class _Translation:
    """Reads one pattern from left to right, writing it for `regex`. Groups are counted to judge back-references."""

    def __init__(self, pattern: str, flags: str) -> None:
        self.pattern = _without_blanks(pattern) if "x" in flags else pattern
        self.flags = flags
        self.at = 0
        self.opened = 0
        self.closed: set[int] = set()
        self.open: list[int] = []
        # Whether RE2 means the same by what was written.
        self.is_linear = True
        # How many atoms there are with every quantity written out, for each open group; and of the last atom.
        self.sizes, self.last = [0], 0

    def all(self) -> str:
        """The whole pattern."""
        out: list[str] = []
        while self.at < len(self.pattern):
            start = self.at
            out.append(self._next())
            self._weigh(self.pattern[start : self.at])
        if self.open:
            raise _Refused
        return "".join(out)

    def _weigh(self, taken: str) -> None:
        """Counts what was just read. Raises `LimitExceeded` for more than any engine writes out in time."""
        match taken:
            case "(" | "(?:":
                self.sizes.append(0)
                return
            case ")":
                self.last = self.sizes.pop()
            case "{":
                quantity = self.pattern[self.at : self.pattern.index("}", self.at)]
                times = max(1, *(int(count) for count in quantity.split(",") if count))
                self.last *= times - 1
            case _:
                self.last = 1
        self.sizes[-1] += self.last
        if self.sizes[-1] > limits.PATTERN_ATOMS:
            raise LimitExceeded("pattern_too_slow", round(limits.PATTERN_SECONDS * 1000))

    def _take(self, count: int = 1) -> str:
        taken = self.pattern[self.at : self.at + count]
        if len(taken) < count:
            raise _Refused
        self.at += count
        return taken

    def _next(self) -> str:
        character = self._take()
        match character:
            case "\\":
                return self._escape(in_class=False)
            case "[":
                return self._class()
            case "(":
                return self._group()
            case ")":
                if not self.open:
                    raise _Refused
                self.closed.add(self.open.pop())
                return ")"
            case "$":
                return "$" if "m" in self.flags else r"\Z"
            case "^" if "m" in self.flags:
                # XPath: a newline that ends the text does not start another line. RE2 cannot look ahead.
                self.is_linear = False
                return r"(?:^(?!\Z)|\A)"
            case "." if "s" not in self.flags:
                return r"[^\n\r]"
            case "{" | "}" if not self._is_quantity():
                raise _Refused
            case "]":
                raise _Refused
            case _:
                return character

    def _is_quantity(self) -> bool:
        start = self.pattern.rfind("{", 0, self.at)
        found = regex.match(r"\{\d+(?:,\d*)?\}", self.pattern[start:])
        return found is not None and start + found.end() >= self.at

    def _group(self) -> str:
        if self.pattern.startswith("?:", self.at):
            self.at += 2
            self.open.append(0)
            return "(?:"
        if self.pattern.startswith("?", self.at):
            raise _Refused
        self.opened += 1
        self.open.append(self.opened)
        return "("

    def _escape(self, *, in_class: bool) -> str:
        character = self._take()
        if character.isdigit():
            return self._reference(character, in_class)
        match character:
            case "p" | "P":
                return self._property(character)
            case "i" | "c" | "I" | "C" | "d" | "D" | "s" | "S" | "w" | "W":
                return self._known_class(character, in_class)
            case "n" | "r" | "t":
                return "\\" + character
            case _ if character in "\\|.?*+(){}[]^$-":
                return "\\" + character
            case _:
                raise _Refused

    def _known_class(self, letter: str, in_class: bool) -> str:
        if letter in _CLASSES:
            return _CLASSES[letter] if in_class else f"[{_CLASSES[letter]}]"
        # Only `regex` knows a class within a class.
        self.is_linear = self.is_linear and not in_class
        return f"[^{_CLASSES[letter.lower()]}]"

    def _reference(self, digit: str, in_class: bool) -> str:
        if in_class or digit == "0":
            raise _Refused
        number = digit
        while (
            self.at < len(self.pattern)
            and self.pattern[self.at].isdigit()
            and int(number + self.pattern[self.at]) <= self.opened
        ):
            number += self._take()
        if int(number) not in self.closed:
            raise _Refused
        self.is_linear = False
        return f"(?:\\{number})"

    def _property(self, sign: str) -> str:
        end = self.pattern.find("}", self.at)
        name = self.pattern[self.at + 1 : end]
        if not self.pattern.startswith("{", self.at) or end < 0:
            raise _Refused
        self.at = end + 1
        if not regex.fullmatch(r"Is[A-Za-z0-9-]+|[A-Z][a-z]?", name):
            raise _Refused
        self.is_linear = self.is_linear and not name.startswith("Is")
        return f"\\{sign}{{{'In' + name[2:] if name.startswith('Is') else name}}}"

    def _class(self) -> str:
        out = "["
        if self.pattern.startswith("^", self.at):
            out += self._take()
        first = True
        while not self.pattern.startswith("]", self.at) or first:
            if self.pattern.startswith("-[", self.at) and not first:
                self.at += 2
                self.is_linear = False
                out = f"[{out}]--{self._class()}"
                break
            out += self._class_part(first)
            first = False
        if self._take() != "]":
            raise _Refused
        return out + "]"

    def _class_part(self, first: bool) -> str:
        character = self._take()
        match character:
            case "\\":
                return self._escape(in_class=True)
            case "[" | "]":
                raise _Refused
            case "-" if not first and not self.pattern.startswith("]", self.at):
                before = self.pattern[self.at - 2]
                if self.pattern.startswith("-", self.at) or before == "-" or self._ends_range():
                    raise _Refused
                return "-"
            case "-":
                return "\\-"
            case _ if character in "&|~^":
                return "\\" + character
            case _:
                return character

    def _ends_range(self) -> bool:
        """Whether the dash follows a range, as the second of `0-9-.`."""
        return bool(regex.search(r"[^\\\[]-[^\\]$", self.pattern[: self.at - 1]))


class Compiled:
    """One pattern, for both ways of running it. `linear` is absent where RE2 cannot express the pattern."""

    def __init__(self, pattern: str, flags: str) -> None:
        translation = None if "q" in flags else _Translation(pattern, flags)
        text = regex.escape(pattern, literal_spaces=True) if translation is None else translation.all()
        mode = regex.VERSION1
        for flag in flags:
            mode |= _FLAGS.get(flag, 0)
        self.backtracking: Any = regex.compile(text, mode)
        expressible = translation is not None and translation.is_linear
        self.linear: Any = linear_pattern(text, flags) if expressible else None
        self.accepts_nothing = bool(self.backtracking.fullmatch("", timeout=limits.PATTERN_SECONDS))

    def search(self, text: str) -> bool:
        """Whether the pattern is found anywhere in the text."""
        if self._is_linear_for(text):
            return self.linear.search(text) is not None
        return self.backtracking.search(text, timeout=limits.PATTERN_SECONDS) is not None

    def sub(self, filled: Any, text: str) -> str:
        """The text with each match replaced by what `filled` makes of it."""
        if self._is_linear_for(text):
            return self.linear.sub(filled, text)
        return self.backtracking.sub(filled, text, timeout=limits.PATTERN_SECONDS)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where each match begins and ends, as far as a list may be long, and one more."""
        linear = self._is_linear_for(text)
        found = self.linear.finditer(text) if linear else self._backtracked(text)
        return [match.span() for match in islice(found, limits.LIST_LENGTH + 1)]

    def _backtracked(self, text: str) -> Any:
        return self.backtracking.finditer(text, timeout=limits.PATTERN_SECONDS)

    def _is_linear_for(self, text: str) -> bool:
        return self.linear is not None and len(text) <= LONGEST


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> Compiled | None:
    if len(pattern) > limits.PATTERN_LENGTH or not set(flags) <= set("smixq"):
        return None
    try:
        return Compiled(pattern, flags)
    except (_Refused, regex.error, RecursionError, OverflowError):
        return None


def found(text: str, pattern: str, flags: str) -> bool | None:
    """Whether the pattern matches somewhere in the text; None for a pattern or flags that are wrong."""
    compiled = _compiled(pattern, flags)
    return None if compiled is None else compiled.search(text)


def replaced(text: str, pattern: str, replacement: str, flags: str) -> str | None:
    """The text with every match replaced; None for a pattern, flags or a replacement that are wrong."""
    compiled = _compiled(pattern, flags)
    if compiled is None or compiled.accepts_nothing:
        return None
    literal = "q" in flags
    if not literal and not regex.fullmatch(r"(?:[^\\$]|\\[\\$]|\$\d)*", replacement, regex.DOTALL):
        return None

    parts = [(None, replacement)] if literal else list(_parts(replacement, compiled.backtracking.groups))
    used, left = {number for number, _ in parts if number is not None}, limits.STRING_LENGTH

    def filled(match: Any) -> str:
        nonlocal left
        groups = {number: match.group(number) or "" for number in used}
        answer = "".join([text if number is None else groups[number] for number, text in parts])
        left -= len(answer) + len(parts) // 8
        if left < 0:
            raise LimitExceeded("text_too_long", limits.STRING_LENGTH)
        return answer

    return compiled.sub(filled, text)


def _parts(replacement: str, groups: int) -> Iterator[tuple[int | None, str]]:
    """The replacement in pieces: a text, or the number of a group, as long a one as there is; 0 is the whole match."""
    for digits, text in regex.findall(r"\$(\d+)|((?:[^\\$]|\\[\\$])+)", replacement):
        if not digits:
            yield None, regex.sub(r"\\([\\$])", r"\1", text)
            continue
        length = next((length for length in range(len(digits), 0, -1) if int(digits[:length]) <= groups), 0)
        # A number of no group stands for nothing.
        if length:
            yield int(digits[:length]), ""
        yield None, digits[length or 1 :]


def pieces(text: str, pattern: str) -> list[str] | None:
    """The text cut wherever the pattern matches; None for a pattern that is wrong."""
    compiled = _compiled(pattern, "")
    if compiled is None or compiled.accepts_nothing:
        return None

    ends = compiled.spans(text)
    starts = [0, *(end for _, end in ends)]
    return [text[start:end] for start, end in zip(starts, [*(start for start, _ in ends), len(text)], strict=True)]


def timed(run: Run, work: Callable[[], Answer]) -> Answer:
    """The answer of a pattern, whose time costs steps: how long one takes can be told from neither it nor the text."""
    started = thread_time()
    try:
        answer = work()
    except TimeoutError as slow:
        raise LimitExceeded("pattern_too_slow", round(limits.PATTERN_SECONDS * 1000)) from slow
    run.spend(int((thread_time() - started) * limits.STEPS / limits.SECONDS))
    return answer
