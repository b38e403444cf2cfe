"""Conversion functions (DMN 1.5, 10.3.4.1): texts and parts to numbers, dates, times and durations, and values to
text."""

import re
from datetime import time, timedelta
from decimal import Decimal
from typing import Any

from engine.feel.builtins.signature import builtin
from engine.feel.far import AnyDate, AnyDateTime, AnyTime, FineTime, combined, day_of, make_date, time_of
from engine.feel.literals import read_number
from engine.feel.operators import as_date_time
from engine.feel.problems import Run
from engine.feel.temporal import (
    read_date,
    read_date_time,
    read_duration,
    read_time,
    temporal_text,
    zone_of_offset,
)
from engine.feel.values import Function, Months, Number, Range, is_context, is_list, kind_of, number

# Python refuses to write longer whole numbers.
_LONGEST = 10**4000
_UNCLEAR = re.compile(r'[{}\[\]:,"\\]')
_NUMBER = re.compile(r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


@builtin("date", "from: string")
def date_from_text(_: Run, text: str) -> AnyDate | None:
    """`date(from)` of a text."""
    return read_date(text)


@builtin("date", "from: date|date and time")
def date_from(_: Run, moment: AnyDate | AnyDateTime) -> AnyDate:
    """`date(from)` of a date and time."""
    return day_of(moment)


@builtin("date", "year: number, month: number, day: number")
def date_from_parts(_: Run, year: Number, month: Number, day: Number) -> AnyDate | None:
    """`date(year, month, day)`."""
    try:
        return make_date(_whole(year), _whole(month), _whole(day))
    except (ValueError, OverflowError):
        return None


def _whole(value: Number) -> int:
    if value != int(value):
        raise ValueError(value)
    return int(value)


@builtin("time", "from: string")
def time_from_text(_: Run, text: str) -> AnyTime | None:
    """`time(from)` of a text."""
    return read_time(text)


@builtin("time", "from: time|date and time|date")
def time_from(_: Run, moment: Any) -> AnyTime:
    """`time(from)` of a date and time; of a date, its midnight in UTC."""
    return moment if isinstance(moment, time | FineTime) else time_of(as_date_time(moment))


@builtin("time", "hour: number, minute: number, second: number, offset: days and time duration|Null?")
def time_from_parts(
    _: Run, hour: Number, minute: Number, second: Number, offset: timedelta | None = None
) -> time | None:
    """`time(hour, minute, second, offset)`."""
    try:
        whole = int(second)
        fraction = int((Decimal(second) - whole) * 1_000_000) if 0 <= whole < 60 else 0
        zone = zone_of_offset(offset) if offset is not None else None
        return time(_whole(hour), _whole(minute), whole, fraction, tzinfo=zone)
    except (ValueError, OverflowError):
        return None


@builtin("date and time", "from: string")
def date_time_from_text(_: Run, text: str) -> AnyDateTime | None:
    """`date and time(from)` of a text."""
    return read_date_time(text)


@builtin("date and time", "from: date|date and time")
def date_time_from(_: Run, moment: AnyDate | AnyDateTime) -> AnyDateTime:
    """`date and time(from)` of a date: its midnight in UTC."""
    return as_date_time(moment)


@builtin("date and time", "date: date|date and time, time: time")
def date_time_from_parts(_: Run, day: AnyDate | AnyDateTime, moment: AnyTime) -> AnyDateTime:
    """`date and time(date, time)`."""
    return combined(day, moment)


@builtin("duration", "from: string")
def duration_from_text(_: Run, text: str) -> timedelta | Months | None:
    """`duration(from)` of a text."""
    return read_duration(text)


@builtin("duration", "from: days and time duration|years and months duration")
def duration_from(_: Run, span: timedelta | Months) -> timedelta | Months:
    """`duration(from)` of a duration: itself."""
    return span


@builtin("years and months duration", "from: date|date and time, to: date|date and time")
def months_between(_: Run, start: AnyDate | AnyDateTime, end: AnyDate | AnyDateTime) -> Months | None:
    """`years and months duration(from, to)`: whole months from the day of one to that of the other."""
    first, last = ((day.year, day.month, day.day) for day in (start, end))
    backwards = last < first
    if backwards:
        first, last = last, first
    months = (last[0] - first[0]) * 12 + last[1] - first[1] - (last[2] < first[2])
    return Months(-months if backwards else months)


@builtin("number", "from: number")
def number_from(_: Run, value: Number) -> Number:
    """`number(from)` of a number: itself."""
    return value


@builtin("number", "from: string")
@builtin("number", "from: string, grouping separator: string|Null, decimal separator: string|Null")
def number_from_text(_: Run, text: str, grouping: str | None = None, decimal: str | None = None) -> Number | None:
    """`number(from, grouping separator, decimal separator)`."""
    if (
        grouping not in (None, " ", ",", ".")
        or decimal not in (None, ",", ".")
        or (grouping is not None and grouping == decimal)
    ):
        return None
    plain = text.replace(grouping, "") if grouping else text
    if decimal == ",":
        if "." in plain:
            return None
        plain = plain.replace(",", ".")
    return number(read_number(plain)) if _NUMBER.fullmatch(plain) and len(plain) < 10_000 else None


@builtin("string", "from: any")
def string_from(run: Run, value: Any) -> str | None:
    """`string(from)`: the value as FEEL writes it; null of null."""
    if value is None:
        return None
    text = value if isinstance(value, str) else text_of(value, run)
    run.spend_text(len(text))
    return text


def text_of(value: Any, run: Run, depth: int = 0) -> str:
    """Any value as FEEL writes it, strings between quotation marks."""
    run.spend(1)
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return _quoted(value)
        case int() | float() | Decimal():
            return number_text(value)
        case Range():
            return _range_text(value, run)
        case Function():
            return f"function {value.name}({', '.join(value.parameters)})"
        case _ if is_context(value) and depth < 50:
            entries = (f"{_key_text(key)}: {text_of(item, run, depth + 1)}" for key, item in value.items())
            return "{" + ", ".join(entries) + "}"
        case _ if is_list(value) and depth < 50:
            return "[" + ", ".join(text_of(item, run, depth + 1) for item in value) + "]"
        case _:
            return temporal_text(value) if kind_of(value) != "unknown" else "null"


def _key_text(key: str) -> str:
    """A key as it is, or between quotation marks when it could be read otherwise."""
    return _quoted(key) if not key or _UNCLEAR.search(key) else key


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def number_text(value: int | float | Decimal) -> str:
    """A number in plain decimal notation, without trailing zeros."""
    exact = number(value)
    if exact is None:
        return "null"
    if isinstance(exact, int):
        return str(exact) if abs(exact) < _LONGEST else f"{Decimal(exact):f}"
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _range_text(span: Range, run: Run) -> str:
    start = "" if span.start is None else text_of(span.start, run)
    end = "" if span.end is None else text_of(span.end, run)
    return f"{'[' if span.start_included else '('}{start}..{end}{']' if span.end_included else ')'}"
