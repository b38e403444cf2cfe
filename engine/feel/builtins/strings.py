"""String functions (DMN 1.5, 10.3.4.3). Positions count characters (code points) from 1."""

from typing import Any

from engine.feel.builtins import patterns
from engine.feel.builtins.patterns import timed
from engine.feel.builtins.signature import builtin
from engine.feel.problems import Run
from engine.feel.values import Number


@builtin("substring", "string: string, start position: number, length: number?")
def substring(_: Run, text: str, position: Number, length: Number | None = None) -> str | None:
    """`substring(string, start position, length)`; a negative position counts from the end."""
    start = int(position)
    if start == 0 or abs(start) > len(text) or (length is not None and length < 1):
        return None
    first = start - 1 if start > 0 else len(text) + start
    return text[first:] if length is None else text[first : first + int(length)]


@builtin("string length", "string: string")
def string_length(_: Run, text: str) -> int:
    """`string length(string)`."""
    return len(text)


@builtin("upper case", "string: string")
def upper_case(_: Run, text: str) -> str:
    """`upper case(string)`."""
    return text.upper()


@builtin("lower case", "string: string")
def lower_case(_: Run, text: str) -> str:
    """`lower case(string)`."""
    return text.lower()


@builtin("trim", "string: string")
def trim(_: Run, text: str) -> str:
    """`trim(string)`: without the spaces around it (an addition that modellers of Camunda know)."""
    return text.strip()


@builtin("substring before", "string: string, match: string")
def substring_before(_: Run, text: str, match: str) -> str:
    """`substring before(string, match)`; empty when there is no match."""
    before, found, _after = text.partition(match) if match else ("", "", "")
    return before if found else ""


@builtin("substring after", "string: string, match: string")
def substring_after(_: Run, text: str, match: str) -> str:
    """`substring after(string, match)`; empty when there is no match, all of it after nothing."""
    return text.partition(match)[2] if match else text


@builtin("contains", "string: string, match: string")
def contains(_: Run, text: str, match: str) -> bool:
    """`contains(string, match)`."""
    return match in text


@builtin("starts with", "string: string, match: string")
def starts_with(_: Run, text: str, match: str) -> bool:
    """`starts with(string, match)`."""
    return text.startswith(match)


@builtin("ends with", "string: string, match: string")
def ends_with(_: Run, text: str, match: str) -> bool:
    """`ends with(string, match)`."""
    return text.endswith(match)


@builtin("matches", "input: string, pattern: string, flags: string|Null?")
def matches(run: Run, text: str, pattern: str, flags: str | None = None) -> bool | None:
    """`matches(input, pattern, flags)`: whether the pattern is found anywhere."""
    return timed(run, lambda: patterns.found(text, pattern, flags or ""))


@builtin("replace", "input: string, pattern: string, replacement: string, flags: string|Null?")
def replace(run: Run, text: str, pattern: str, replacement: str, flags: str | None = None) -> str | None:
    """`replace(input, pattern, replacement, flags)`; `$1` in the replacement is the first group."""
    return timed(run, lambda: patterns.replaced(text, pattern, replacement, flags or ""))


@builtin("split", "string: string, delimiter: string")
def split(run: Run, text: str, delimiter: str) -> list[str] | None:
    """`split(string, delimiter)`; the delimiter is a pattern."""
    found = timed(run, lambda: patterns.pieces(text, delimiter))
    run.spend_items(len(found or ()))
    return found


@builtin("string join", "list: list, delimiter: string|Null?")
@builtin("string join", "list: list, delimiter: string|Null, prefix: string|Null, suffix: string|Null")
def string_join(
    run: Run, items: list[Any], delimiter: str | None = None, prefix: str | None = None, suffix: str | None = None
) -> str | None:
    """`string join(list, delimiter)`; nulls are left out."""
    texts = [item for item in items if item is not None]
    if not all(isinstance(text, str) for text in texts):
        return None
    run.spend_text(sum(map(len, texts)) + len(delimiter or "") * len(texts))
    return (prefix or "") + (delimiter or "").join(texts) + (suffix or "")
