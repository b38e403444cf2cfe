"""Types: what `instance of`, typed parameters and item definitions say a value must be (DMN 1.5, 10.3.2.9)."""

from collections.abc import Callable
from typing import Any

import msgspec


class Type(msgspec.Struct, frozen=True):
    """Any FEEL type; by itself `Any`."""

    def __str__(self) -> str:
        return "Any"


class Simple(Type, frozen=True):
    """A type with a name of its own: number, string, date and time, Null…"""

    name: str

    def __str__(self) -> str:
        return self.name


class ListOf(Type, frozen=True):
    """`list<item>`."""

    item: Type

    def __str__(self) -> str:
        return f"list<{self.item}>"


class RangeOf(Type, frozen=True):
    """`range<item>`."""

    item: Type

    def __str__(self) -> str:
        return f"range<{self.item}>"


class ContextOf(Type, frozen=True):
    """`context<name: type, …>`; a value may have more entries."""

    entries: tuple[tuple[str, Type], ...]

    def __str__(self) -> str:
        return "context<" + ", ".join(f"{name}: {type_}" for name, type_ in self.entries) + ">"


class FunctionOf(Type, frozen=True):
    """`function<parameters> -> result`."""

    parameters: tuple[Type, ...]
    result: Type

    def __str__(self) -> str:
        return "function<" + ", ".join(map(str, self.parameters)) + f"> -> {self.result}"


class Restricted(Type, frozen=True):
    """A type whose values must also pass a test: the allowed values of an item definition."""

    name: str
    base: Type
    allows: Callable[[Any], bool]

    def __str__(self) -> str:
        return self.name


def parts_of(wanted: Type, known: dict[int, int] | None = None) -> int:
    """How many types a type is made of, itself included, each as often as it is used."""
    known = {} if known is None else known
    if id(wanted) not in known:
        known[id(wanted)] = 1 + sum(parts_of(part, known) for part in _parts(wanted))
    return known[id(wanted)]


def _parts(wanted: Type) -> tuple[Type, ...]:
    match wanted:
        case ListOf() | RangeOf():
            return (wanted.item,)
        case ContextOf():
            return tuple(entry for _, entry in wanted.entries)
        case FunctionOf():
            return (*wanted.parameters, wanted.result)
        case Restricted():
            return (wanted.base,)
        case _:
            return ()


ANY = Type()
SIMPLE_NAMES = (
    "Any",
    "Null",
    "boolean",
    "context",
    "date",
    "date and time",
    "days and time duration",
    "function",
    "list",
    "number",
    "range",
    "string",
    "time",
    "years and months duration",
)
_SYNONYMS = {
    "dateTime": "date and time",
    "dayTimeDuration": "days and time duration",
    "yearMonthDuration": "years and months duration",
    "days and time duration": "days and time duration",
}


def simple_type(name: str) -> Type | None:
    """The type that a plain name stands for, or None when the standard has no such type."""
    known = _SYNONYMS.get(name, name)
    if known == "Any":
        return ANY
    return Simple(known) if known in SIMPLE_NAMES else None
