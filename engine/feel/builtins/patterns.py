"""Patterns: XPath regular expressions (XPath Functions 3.1, 5.6) run by the `regex` package, translated, with a time
limit.

A pattern that XPath would refuse is refused here too: the answer is None. Never hangs: 50 ms, then `LimitExceeded`.
"""

from functools import lru_cache
from typing import Any

import regex

from engine.feel import limits
from engine.feel.problems import LimitExceeded

_FLAGS: dict[str, int] = {"s": regex.DOTALL, "m": regex.MULTILINE, "i": regex.IGNORECASE}
_NAME_START = (
    r":A-Z_a-z\u00C0-\u00D6\u00D8-\u00F6\u00F8-\u02FF\u0370-\u037D\u037F-\u1FFF\u200C\u200D\u2070-\u218F"
    r"\u2C00-\u2FEF\u3001-\uD7FF\uF900-\uFDCF\uFDF0-\uFFFD"
)
_NAME = _NAME_START + r"\-.0-9\u00B7\u0300-\u036F\u203F\u2040"


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

    def all(self) -> str:
        """The whole pattern."""
        out: list[str] = []
        while self.at < len(self.pattern):
            out.append(self._next())
        if self.open:
            raise _Refused
        return "".join(out)

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
                # XPath: a newline that ends the text does not start another line.
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
            case "i" | "c" | "I" | "C":
                inside = _NAME_START if character in "iI" else _NAME
                return f"[{'^' if character.isupper() else ''}{inside}]"
            case "n" | "r" | "t" | "d" | "D" | "s" | "S" | "w" | "W":
                return "\\" + character
            case _ if character in "\\|.?*+(){}[]^$-":
                return "\\" + character
            case _:
                raise _Refused

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
        return f"(?:\\{number})"

    def _property(self, sign: str) -> str:
        end = self.pattern.find("}", self.at)
        name = self.pattern[self.at + 1 : end]
        if not self.pattern.startswith("{", self.at) or end < 0:
            raise _Refused
        self.at = end + 1
        if not regex.fullmatch(r"Is[A-Za-z0-9-]+|[A-Z][a-z]?", name):
            raise _Refused
        return f"\\{sign}{{{'In' + name[2:] if name.startswith('Is') else name}}}"

    def _class(self) -> str:
        out = "["
        if self.pattern.startswith("^", self.at):
            out += self._take()
        first = True
        while not self.pattern.startswith("]", self.at) or first:
            if self.pattern.startswith("-[", self.at) and not first:
                self.at += 2
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


@lru_cache(maxsize=512)
def _compiled(pattern: str, flags: str) -> Any:
    if len(pattern) > limits.PATTERN_LENGTH or not set(flags) <= set("smixq"):
        return None
    mode = regex.VERSION1
    for flag in flags:
        mode |= _FLAGS.get(flag, 0)
    if "q" in flags:
        return regex.compile(regex.escape(pattern, literal_spaces=True), mode)
    try:
        return regex.compile(_Translation(pattern, flags).all(), mode)
    except (_Refused, regex.error, RecursionError, OverflowError):
        return None


def found(text: str, pattern: str, flags: str) -> bool | None:
    """Whether the pattern matches somewhere in the text; None for a pattern or flags that are wrong."""
    compiled = _compiled(pattern, flags)
    if compiled is None:
        return None
    return _timed(lambda: compiled.search(text, timeout=limits.PATTERN_SECONDS)) is not None


def replaced(text: str, pattern: str, replacement: str, flags: str) -> str | None:
    """The text with every match replaced; None for a pattern, flags or a replacement that are wrong."""
    compiled = _compiled(pattern, flags)
    if compiled is None or compiled.fullmatch("", timeout=limits.PATTERN_SECONDS):
        return None
    literal = "q" in flags
    if not literal and not regex.fullmatch(r"(?:[^\\$]|\\[\\$]|\$\d)*", replacement, regex.DOTALL):
        return None

    def filled(match: Any) -> str:
        if literal:
            return replacement
        return regex.sub(r"\\([\\$])|\$(\d+)", lambda part: part[1] or _group(match, part[2]), replacement)

    return _timed(lambda: compiled.sub(filled, text, timeout=limits.PATTERN_SECONDS))


def _group(match: Any, digits: str) -> str:
    groups = match.re.groups
    for length in range(len(digits), 0, -1):
        if int(digits[:length]) <= groups:
            return (match.group(int(digits[:length])) or "") + digits[length:]
    return digits[1:]


def pieces(text: str, pattern: str) -> list[str] | None:
    """The text cut wherever the pattern matches; None for a pattern that is wrong."""
    compiled = _compiled(pattern, "")
    if compiled is None or compiled.fullmatch("", timeout=limits.PATTERN_SECONDS):
        return None

    def cut() -> list[str]:
        ends = [(match.start(), match.end()) for match in compiled.finditer(text, timeout=limits.PATTERN_SECONDS)]
        starts = [0, *(end for _, end in ends)]
        return [text[start:end] for start, end in zip(starts, [*(start for start, _ in ends), len(text)], strict=True)]

    return _timed(cut)


def _timed(work: Any) -> Any:
    try:
        return work()
    except TimeoutError as slow:
        raise LimitExceeded(f"Expected a pattern that answers within {limits.PATTERN_SECONDS * 1000:.0f} ms.") from slow
