"""Values: which Python value stands for which FEEL kind, and the kinds Python lacks (months durations, ranges,
functions).

JSON values are FEEL values as they are: an int or a float is a number. Floats become decimals only when computed with.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal
from functools import total_ordering
from typing import Any, Final, TypeGuard

import msgspec

from engine.feel import limits
from engine.feel.far import FarDate, FarDateTime, FineTime
from engine.feel.sentences import Sentence, kind_said
from engine.feel.types import Type

DECIMAL128 = Context(prec=limits.DIGITS, Emin=-6143, Emax=6144, traps=[])
Number = int | Decimal


@total_ordering
class Months:
    """A years and months duration: a whole number of months. Its text is that of ISO 8601, as JSON shows it."""

    __slots__ = ("months",)
    months: Final[int]

    def __init__(self, months: int) -> None:
        self.months = months

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Months) and self.months == other.months

    def __lt__(self, other: "Months") -> bool:
        return self.months < other.months

    def __hash__(self) -> int:
        return hash(("months", self.months))

    def __repr__(self) -> str:
        return f"Months({self.months})"

    def __str__(self) -> str:
        years, months = divmod(abs(self.months), 12)
        parts = f"{years}Y" * (years > 0) + f"{months}M" * (months > 0 or not years)
        return f"{'-' if self.months < 0 else ''}P{parts}"


class Range(msgspec.Struct, frozen=True):
    """All values between two ends. One that is `compared` was written by an operator, as `(< 10)`: its end that is
    None is open, and it is not equal to a range between the same ends."""

    start: Any
    start_included: bool
    end: Any
    end_included: bool
    compared: bool = False


class Function:
    """Anything that FEEL can call; `parameters` are the names that named arguments may use.

    `call(run, arguments)` computes the result of arguments that fit. Raises nothing but `LimitExceeded`.
    """

    __slots__ = ("call", "name", "parameters", "result", "types")

    def __init__(
        self,
        name: str,
        parameters: tuple[str, ...],
        call: Callable[..., Any],
        types: tuple[Type, ...] | None = None,
        result: Type | None = None,
    ) -> None:
        self.name = name
        self.parameters = parameters
        self.call = call
        self.types = types or tuple(Type() for _ in parameters)
        self.result = result or Type()

    def bind(self, run: Any, values: list[Any], names: tuple[str, ...]) -> Callable[[], Any] | None:
        """What computes the result for these arguments, or None when they do not fit the parameters."""
        if names:
            if len(set(names)) != len(names) or set(names) != set(self.parameters):
                return None
            given = dict(zip(names, values, strict=True))
            values = [given[name] for name in self.parameters]
        if len(values) != len(self.parameters):
            return None
        converted: list[Any] = []
        for value, wanted in zip(values, self.types, strict=True):
            fits, argument = (True, value) if type(wanted) is Type else self.convert(run, value, wanted)
            if not fits:
                return None
            converted.append(argument)
        return lambda: self.call(run, converted)

    @staticmethod
    def convert(run: Any, value: Any, wanted: Type) -> tuple[bool, Any]:
        """The value as a parameter of the wanted type, and whether it fits."""
        from engine.feel.conformance import coerced
        from engine.feel.operators import size_of

        run.spend(size_of(value))
        return coerced(value, wanted)


_KINDS: dict[object, str] = {
    int: "number",
    Decimal: "number",
    float: "number",
    str: "string",
    bool: "boolean",
    type(None): "Null",
    list: "list",
    tuple: "list",
    dict: "context",
    date: "date",
    datetime: "date and time",
    time: "time",
    timedelta: "days and time duration",
    Months: "years and months duration",
    FarDate: "date",
    FarDateTime: "date and time",
    FineTime: "time",
    Range: "range",
    Function: "function",
}


def kind_of(value: Any) -> str:
    """The FEEL name of the kind of a value."""
    found = value.__class__
    kind = _KINDS.get(found)
    if kind is not None:
        return kind
    if isinstance(value, Function):
        return "function"
    if isinstance(value, Mapping):
        return "context"
    for known in (datetime, date, time, timedelta, str, int, float, list, tuple):
        if isinstance(value, known):
            return _KINDS[known]
    return "unknown"


def said(value: Any) -> Sentence:
    """A value as a problem names it: “a string”, never its content, which may be personal."""
    return kind_said(kind_of(value))


def is_number(value: Any) -> bool:
    """Whether a value is a FEEL number; true and false are not."""
    return type(value) in (int, Decimal, float)


def number(value: Any) -> Number | None:
    """The exact number of a value, or None if it is none. A float stands for its shortest decimal writing."""
    kind = value.__class__
    if kind is int:
        return value if -limits.INTEGER_BOUND < value < limits.INTEGER_BOUND else rounded(value)
    if kind is Decimal:
        return value
    return _of_float(value) if kind is float else None


def _of_float(value: float) -> Number | None:
    exact = Decimal(repr(value))
    return exact if exact.is_finite() else None


def rounded(value: Number) -> Number | None:
    """A computed number within 34 digits, or None when decimal128 cannot hold it."""
    if type(value) is int:
        if -limits.INTEGER_BOUND < value < limits.INTEGER_BOUND:
            return value
        value = DECIMAL128.plus(value)
    if isinstance(value, Decimal) and not value.is_finite():
        return None
    return value


def is_context(value: Any) -> TypeGuard[Mapping[str, Any]]:
    """Whether a value is a FEEL context."""
    return type(value) is dict or isinstance(value, Mapping)


def is_list(value: Any) -> TypeGuard[list[Any]]:
    """Whether a value is a FEEL list."""
    return type(value) is list or isinstance(value, (list, tuple))
