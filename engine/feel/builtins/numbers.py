"""Numeric functions (DMN 1.5, 10.3.4.5)."""

from datetime import timedelta
from decimal import (
    ROUND_CEILING,
    ROUND_DOWN,
    ROUND_FLOOR,
    ROUND_HALF_DOWN,
    ROUND_HALF_EVEN,
    ROUND_HALF_UP,
    ROUND_UP,
    Context,
    Decimal,
)
from typing import Any

from engine.feel import limits
from engine.feel.builtins.signature import builtin
from engine.feel.problems import Run
from engine.feel.values import DECIMAL128, Months, Number, rounded

_MIN_SCALE, _MAX_SCALE = -6111, 6176


def _scaled(value: Number, scale: Number, rounding: str) -> Number | None:
    digits = int(scale)
    if not _MIN_SCALE <= digits <= _MAX_SCALE:
        return None
    exact = Decimal(value)
    exponent = exact.as_tuple().exponent
    if isinstance(exponent, str):
        return None
    if -exponent <= digits:
        return value
    context = Context(prec=limits.DIGITS, rounding=rounding, Emin=-6143, Emax=6144, traps=[])
    return _plain(context.quantize(exact, Decimal(1).scaleb(-digits, context)))


def _plain(value: Decimal) -> Number | None:
    if not value.is_finite():
        return None
    return int(value) if value == value.to_integral_value() and abs(value) < limits.INTEGER_BOUND else value


@builtin("decimal", "n: number, scale: number")
def decimal(_: Run, value: Number, scale: Number) -> Number | None:
    """`decimal(n, scale)`: rounded half to even."""
    return _scaled(value, scale, ROUND_HALF_EVEN)


@builtin("floor", "n: number, scale: number?")
def floor(_: Run, value: Number, scale: Number | None = None) -> Number | None:
    """`floor(n, scale)`."""
    return _scaled(value, scale or 0, ROUND_FLOOR)


@builtin("ceiling", "n: number, scale: number?")
def ceiling(_: Run, value: Number, scale: Number | None = None) -> Number | None:
    """`ceiling(n, scale)`."""
    return _scaled(value, scale or 0, ROUND_CEILING)


@builtin("round up", "n: number, scale: number?")
def round_up(_: Run, value: Number, scale: Number | None = None) -> Number | None:
    """`round up(n, scale)`: away from zero."""
    return _scaled(value, scale or 0, ROUND_UP)


@builtin("round down", "n: number, scale: number?")
def round_down(_: Run, value: Number, scale: Number | None = None) -> Number | None:
    """`round down(n, scale)`: towards zero."""
    return _scaled(value, scale or 0, ROUND_DOWN)


@builtin("round half up", "n: number, scale: number?")
def round_half_up(_: Run, value: Number, scale: Number | None = None) -> Number | None:
    """`round half up(n, scale)`: halves away from zero."""
    return _scaled(value, scale or 0, ROUND_HALF_UP)


@builtin("round half down", "n: number, scale: number?")
def round_half_down(_: Run, value: Number, scale: Number | None = None) -> Number | None:
    """`round half down(n, scale)`: halves towards zero."""
    return _scaled(value, scale or 0, ROUND_HALF_DOWN)


@builtin("abs", "n: number|days and time duration|years and months duration")
def absolute(_: Run, value: Any) -> Any:
    """`abs(n)`, of a number or a duration."""
    match value:
        case Months():
            return Months(abs(value.months))
        case timedelta():
            return abs(value)
        case _:
            return abs(value) if isinstance(value, int) else DECIMAL128.abs(value)


@builtin("modulo", "dividend: number, divisor: number")
def modulo(_: Run, dividend: Number, divisor: Number) -> Number | None:
    """`modulo(dividend, divisor)`: the remainder with the sign of the divisor."""
    if not divisor:
        return None
    if type(dividend) is int and type(divisor) is int:
        return dividend % divisor
    remainder = DECIMAL128.remainder(dividend, divisor)
    if remainder.is_finite() and remainder and (remainder < 0) != (divisor < 0):
        remainder = DECIMAL128.add(remainder, divisor)
    return rounded(remainder)


@builtin("sqrt", "number: number")
def square_root(_: Run, value: Number) -> Number | None:
    """`sqrt(number)`; null below zero."""
    return rounded(DECIMAL128.sqrt(value)) if value >= 0 else None


@builtin("log", "number: number")
def logarithm(_: Run, value: Number) -> Number | None:
    """`log(number)`: the natural logarithm; null for zero and below."""
    return rounded(DECIMAL128.ln(value)) if value > 0 else None


@builtin("exp", "number: number")
def exponential(_: Run, value: Number) -> Number | None:
    """`exp(number)`."""
    return rounded(DECIMAL128.exp(value))


@builtin("odd", "number: number")
def is_odd(_: Run, value: Number) -> bool | None:
    """`odd(number)`."""
    return abs(DECIMAL128.remainder(value, 2)) == 1


@builtin("even", "number: number")
def is_even(_: Run, value: Number) -> bool | None:
    """`even(number)`."""
    return DECIMAL128.remainder(value, 2) == 0
