"""Operators: equality, order and arithmetic of FEEL values (DMN 1.5, tables 52 to 56). None means that FEEL says
null."""

import operator
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, DecimalException
from typing import Any, cast

from engine.feel import limits
from engine.feel.far import (
    AnyDate,
    AnyDateTime,
    AnyTime,
    FarDate,
    FarDateTime,
    FineTime,
    combined,
    difference,
    instant,
    make_time,
    plus_days,
    plus_months,
)
from engine.feel.temporal import MIDNIGHT, from_microseconds, microseconds, offset_of, since_midnight
from engine.feel.values import DECIMAL128, Months, Number, Range, is_list, kind_of, number, rounded

_DAY = 86_400_000_000
_TICK = 1_000
_DAY_TICKS = _DAY // _TICK
_LONGEST = 999_999_999 * _DAY
_PLAIN: frozenset[object] = frozenset({int, str, bool, Decimal, Months, timedelta, date})


def equal(left: Any, right: Any) -> bool | None:
    """`left = right`: null when the kinds differ."""
    kind = left.__class__
    if kind is type(right) and kind in _PLAIN:
        return left == right
    if left is None or right is None:
        return left is None and right is None
    kind_left = kind_of(left)
    if kind_left != kind_of(right):
        return None
    return _EQUALITY.get(kind_left, operator.eq)(left, right)


def _equal_numbers(left: Any, right: Any) -> bool | None:
    return number(left) == number(right)


def _equal_lists(left: Any, right: Any) -> bool | None:
    if len(left) != len(right):
        return False
    return _all_equal(zip(left, right, strict=True))


def _equal_contexts(left: Any, right: Any) -> bool | None:
    if left.keys() != right.keys():
        return False
    return _all_equal((left[key], right[key]) for key in left)


def _all_equal(pairs: Any) -> bool | None:
    return all(equal(left, right) is True for left, right in pairs)


def _equal_date_times(left: AnyDateTime, right: AnyDateTime) -> bool | None:
    return _placed(left) == _placed(right) if (left.tzinfo is None) == (right.tzinfo is None) else False


def _equal_times(left: AnyTime, right: AnyTime) -> bool | None:
    if (left.tzinfo is None) != (right.tzinfo is None):
        return False
    return _clock(left) % _DAY_TICKS == _clock(right) % _DAY_TICKS


# Moments are compared to the millisecond, which is as fine as every implementation must go (XML Schema 2, 3.2.7);
# what is finer is kept and shown.
def _clock(moment: AnyTime) -> int:
    return since_midnight(moment) // _TICK


def _placed(moment: AnyDate | AnyDateTime) -> tuple[int, int]:
    days, clock, _ = instant(moment)
    return days, clock // _TICK


def _equal_ranges(left: Range, right: Range) -> bool | None:
    sides = (left.start_included, left.end_included, left.compared)
    if sides != (right.start_included, right.end_included, right.compared):
        return False
    return _all_equal([(left.start, right.start), (left.end, right.end)])


_EQUALITY: dict[str, Callable[[Any, Any], bool | None]] = {
    "number": _equal_numbers,
    "list": _equal_lists,
    "context": _equal_contexts,
    "date and time": _equal_date_times,
    "time": _equal_times,
    "range": _equal_ranges,
    "function": operator.is_,
}
_FLAT: frozenset[object] = (_PLAIN | {float, type(None)}) - {str}
_NEAR: frozenset[object] = frozenset({date, datetime})
_QUICK: frozenset[object] = frozenset({int, str, Decimal, date})
_PLACED: dict[str, Callable[[Any], Any]] = {"date": _placed, "date and time": _placed, "time": _clock}
_ORDERED = frozenset({"number", "string", "days and time duration", "years and months duration"})


def ordered(left: Any, right: Any) -> int | None:
    """-1, 0 or 1 as left comes before, with or after right; None when the two have no order."""
    quick = left.__class__
    if quick is type(right) and quick in _QUICK:
        return (left > right) - (left < right)
    kind = kind_of(left)
    if kind != kind_of(right):
        return None
    if kind in _ORDERED:
        first, second = (number(left), number(right)) if kind == "number" else (left, right)
    elif kind in _PLACED:
        if kind != "date" and (left.tzinfo is None) != (right.tzinfo is None):
            return None
        first, second = _PLACED[kind](left), _PLACED[kind](right)
    else:
        return None
    if first is None or second is None:
        return None
    return (first > second) - (first < second)


_ORDERS: dict[str, Callable[[int, int], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def compare(sign: str, left: Any, right: Any) -> bool | None:
    """`left sign right` for any of `= != < <= > >=`."""
    if sign == "=":
        return equal(left, right)
    if sign == "!=":
        same = equal(left, right)
        return None if same is None else not same
    order = ordered(left, right)
    return None if order is None else _ORDERS[sign](order, 0)


def contains(span: Range, value: Any) -> bool | None:
    """Whether a range holds a value; null when they cannot be compared, as with an end that is null."""
    if (span.start is None or span.end is None) and (not span.compared or span.start is span.end):
        return None
    if span.start is not None:
        order = ordered(span.start, value)
        if order is None:
            return None
        if order > 0 or (order == 0 and not span.start_included):
            return False
    if span.end is not None:
        order = ordered(value, span.end)
        if order is None:
            return None
        return order < 0 or (order == 0 and span.end_included)
    return True


def matches_test(value: Any, wanted: Any) -> bool | None:
    """`value in wanted` for one test: equal to it, within the range, or in the list (DMN 1.5, table 55)."""
    if isinstance(wanted, Range):
        return contains(wanted, value) if not isinstance(value, Range) else equal(value, wanted)
    if is_list(wanted):
        if is_list(value) and equal(value, wanted):
            return True
        answers = [contains(item, value) if isinstance(item, Range) else equal(value, item) for item in wanted]
        return any(answer is True for answer in answers)
    return equal(value, wanted)


def calculate(sign: str, left: Any, right: Any) -> Any:
    """`left sign right` for any of `+ - * / **`; None when the standard gives null."""
    try:
        return _CALCULATIONS[sign](left, right)
    except (OverflowError, DecimalException, ValueError):
        return None


def _numbers(left: Any, right: Any) -> tuple[Number, Number] | None:
    first, second = number(left), number(right)
    return None if first is None or second is None else (first, second)


def add(left: Any, right: Any) -> Any:
    """`left + right`."""
    if right.__class__ is timedelta and left.__class__ in _NEAR:
        return plus_days(left, right)
    pair = _numbers(left, right)
    if pair:
        exact = type(pair[0]) is int and type(pair[1]) is int
        return rounded(pair[0] + pair[1] if exact else DECIMAL128.add(*pair))
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    if isinstance(left, (timedelta, Months)) and not isinstance(right, (timedelta, Months)):
        left, right = right, left
    if isinstance(right, timedelta):
        return _plus_days(left, right)
    return _plus_months(left, right) if isinstance(right, Months) else None


def _plus_days(left: Any, span: timedelta) -> Any:
    match left:
        case timedelta():
            return left + span
        case date() | FarDate() | FarDateTime():
            # The standard adds to the instant, so a day added over a change of the clocks moves the hour.
            return plus_days(left, span)
        case time() | FineTime():
            near = left.near if isinstance(left, FineTime) else left
            turn = from_microseconds(microseconds(span) % _DAY)
            moved = (datetime.combine(date(2000, 1, 1), near.replace(tzinfo=None)) + turn).time()
            return make_time(moved.replace(tzinfo=near.tzinfo), left.nanos if isinstance(left, FineTime) else 0)
        case _:
            return None


def _plus_months(left: Any, span: Months) -> Any:
    if isinstance(left, Months):
        return Months(left.months + span.months)
    return plus_months(left, span.months) if isinstance(left, date | FarDate | FarDateTime) else None


def subtract(left: Any, right: Any) -> Any:
    """`left - right`."""
    pair = _numbers(left, right)
    if pair:
        exact = type(pair[0]) is int and type(pair[1]) is int
        return rounded(pair[0] - pair[1] if exact else DECIMAL128.subtract(*pair))
    if isinstance(right, timedelta):
        return _plus_days(left, -right)
    if isinstance(right, Months):
        return _plus_months(left, Months(-right.months))
    if isinstance(left, date | FarDate | FarDateTime) and isinstance(right, date | FarDate | FarDateTime):
        return _between(left, right)
    if isinstance(left, time | FineTime) and isinstance(right, time | FineTime):
        if (offset_of(left) is None) != (offset_of(right) is None):
            return None
        return from_microseconds(since_midnight(left) - since_midnight(right))
    return None


def as_date_time(day: AnyDate | AnyDateTime) -> AnyDateTime:
    """A date as its midnight in UTC (DMN 1.5, 10.3.2.9.4); a date and time as it is."""
    return day if isinstance(day, datetime | FarDateTime) else combined(day, MIDNIGHT.replace(tzinfo=UTC))


def _between(left: AnyDate | AnyDateTime, right: AnyDate | AnyDateTime) -> timedelta | None:
    first, second = as_date_time(left), as_date_time(right)
    return difference(first, second) if (first.tzinfo is None) == (second.tzinfo is None) else None


def multiply(left: Any, right: Any) -> Any:
    """`left * right`."""
    pair = _numbers(left, right)
    if pair:
        exact = type(pair[0]) is int and type(pair[1]) is int
        return rounded(pair[0] * pair[1] if exact else DECIMAL128.multiply(*pair))
    if isinstance(left, (timedelta, Months)):
        left, right = right, left
    factor = number(left)
    return None if factor is None else _scaled(right, factor, DECIMAL128.multiply)


def _scaled(span: Any, factor: Number, how: Callable[[Number, Number], Decimal]) -> Any:
    if isinstance(span, timedelta):
        return from_microseconds(int(how(microseconds(span), factor)))
    return Months(int(how(span.months, factor))) if isinstance(span, Months) else None


def divide(left: Any, right: Any) -> Any:
    """`left / right`."""
    if isinstance(left, timedelta) and isinstance(right, timedelta):
        left, right = microseconds(left), microseconds(right)
    elif isinstance(left, Months) and isinstance(right, Months):
        left, right = left.months, right.months
    divisor = number(right)
    if not divisor:
        return None
    if isinstance(left, (timedelta, Months)):
        return _scaled(left, divisor, DECIMAL128.divide)
    dividend = number(left)
    return None if dividend is None else rounded(DECIMAL128.divide(dividend, divisor))


def power(left: Any, right: Any) -> Any:
    """`left ** right`."""
    pair = _numbers(left, right)
    return rounded(DECIMAL128.power(*pair)) if pair else None


def negate(value: Any) -> Any:
    """`-value`."""
    exact = number(value)
    if exact is not None:
        return -exact if isinstance(exact, int) else DECIMAL128.minus(exact)
    if isinstance(value, timedelta):
        # Python's shortest duration has no contrary, nor has its longest.
        return from_microseconds(-microseconds(value)) if abs(microseconds(value)) < _LONGEST else None
    return Months(-value.months) if isinstance(value, Months) else None


_CALCULATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": add,
    "-": subtract,
    "*": multiply,
    "/": divide,
    "**": power,
}


def size_of(value: Any) -> int:
    """How many values a value holds when it is written out, itself included: what comparing it may cost. Counted once
    for a part that it holds again and again, so that such a value is told before anything visits it."""
    kind = value.__class__
    if kind is str:
        return 1 + len(value) // limits.CHARACTERS_PER_STEP
    return 1 if kind in _PLAIN or value is None else _counted(value, {})


def _counted(value: Any, known: dict[int, int]) -> int:
    key = id(value)
    size = known.get(key)
    if size is None:
        items = cast("list[Any]", value.values() if isinstance(value, Mapping) else value if is_list(value) else ())
        size = 1 + len(items)
        if not _FLAT.issuperset(map(type, items)):
            for item in items:
                if item.__class__ is str:
                    size += len(item) // limits.CHARACTERS_PER_STEP
                elif item.__class__ not in _FLAT:
                    size += _counted(item, known) - 1
        known[key] = size
    return size
