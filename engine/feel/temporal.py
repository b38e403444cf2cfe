"""Temporal values: reading and writing dates, times and durations (DMN 1.5, 10.3.2.3.4 to 10.3.2.3.8), and their
properties.

Values that Python cannot hold are those of `far`. A time zone is an offset or an IANA name; both stay as written.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from engine.feel.far import (
    AnyDate,
    AnyDateTime,
    AnyTime,
    FarDate,
    FarDateTime,
    FineTime,
    combined,
    make_date,
    make_time,
    near_of,
    plus_days,
)
from engine.feel.values import Months

_DATE = r"(-?)([1-9]\d{4,8}|\d{4})-(\d\d)-(\d\d)"
_TIME = r"(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|z|[+-]\d\d:\d\d(?::\d\d)?|@[A-Za-z][\w/+-]*)?"
_DATE_ONLY = re.compile(_DATE, re.ASCII)
_TIME_ONLY = re.compile(_TIME, re.ASCII)
_DATE_TIME = re.compile(f"{_DATE}T{_TIME}", re.ASCII)
_DAYS = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:\.(\d*))?S)?)?", re.ASCII)
_MONTHS = re.compile(r"(-?)P(?:(\d+)Y)?(?:(\d+)M)?", re.ASCII)
_MICROSECOND = timedelta(microseconds=1)
MIDNIGHT = time(0)


def read_date(text: str) -> AnyDate | None:
    """The date that a text writes, or None."""
    found = _DATE_ONLY.fullmatch(text)
    return _date(*found.groups()) if found else None


def _date(sign: str, year: str, month: str, day: str) -> AnyDate | None:
    try:
        return make_date(-int(year) if sign else int(year), int(month), int(day))
    except ValueError:
        return None


def read_time(text: str) -> AnyTime | None:
    """The time of day that a text writes, or None."""
    found = _TIME_ONLY.fullmatch(text.removeprefix("T"))
    if found is None:
        return None
    hours, minutes, seconds, fraction, zone = found.groups()
    return _time(hours, minutes, seconds, fraction, zone)


def _time(hours: str, minutes: str, seconds: str, fraction: str | None, zone: str | None) -> AnyTime | None:
    digits = ((fraction or "") + "000000000")[:9]
    try:
        zoned = read_zone(zone) if zone else None
        near = time(int(hours), int(minutes), int(seconds), int(digits[:6]), tzinfo=zoned)
        return make_time(near, int(digits[6:]))
    except ValueError:
        return None


def read_zone(text: str) -> tzinfo:
    """The zone that `Z`, `+02:00` or `@Europe/Paris` writes. Raises ValueError."""
    if text in ("Z", "z"):
        return UTC
    if text.startswith("@"):
        return _zone(text[1:])
    hours, minutes, *seconds = (int(part) for part in text[1:].split(":"))
    if hours > 18 or minutes > 59 or any(part > 59 for part in seconds):
        raise ValueError(text)
    offset = timedelta(hours=hours, minutes=minutes, seconds=seconds[0] if seconds else 0)
    return zone_of_offset(-offset if text[0] == "-" else offset)


def zone_of_offset(offset: timedelta) -> tzinfo:
    """The fixed zone with this offset from UTC. Raises ValueError for a day or more."""
    return timezone(offset) if offset else UTC


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as unknown:
        raise ValueError(name) from unknown


def read_date_time(text: str) -> AnyDateTime | None:
    """The date and time that a text writes, or None. A date alone is its midnight."""
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        day = read_date(text)
        return combined(day, MIDNIGHT) if day else None
    sign, year, month, day_text, *clock = found.groups()
    day = _date(sign, year, month, day_text)
    if day is None:
        return None
    if clock[:3] == ["24", "00", "00"]:
        return _midnight_after(day, clock[4])
    moment = _time(clock[0], clock[1], clock[2], clock[3], clock[4])
    return combined(day, moment) if moment is not None else None


def _midnight_after(day: AnyDate, zone: str | None) -> AnyDateTime | None:
    moment = _time("00", "00", "00", None, zone)
    try:
        return combined(plus_days(day, timedelta(days=1)), moment) if moment is not None else None
    except OverflowError:
        return None


def read_duration(text: str) -> timedelta | Months | None:
    """The duration that a text writes, or None."""
    if not text or text[-1] in "PT":
        return None
    found = _MONTHS.fullmatch(text)
    if found:
        sign, years, months = found.groups()
        total = int((years or "0")[:12]) * 12 + int((months or "0")[:12])
        return Months(-total if sign else total)
    found = _DAYS.fullmatch(text)
    return _days(*found.groups()) if found else None


def _days(
    sign: str, days: str | None, hours: str | None, minutes: str | None, seconds: str | None, fraction: str | None
) -> timedelta | None:
    try:
        span = timedelta(
            days=int(days or 0),
            hours=int(hours or 0),
            minutes=int(minutes or 0),
            seconds=int(seconds or 0),
            microseconds=int(((fraction or "") + "000000")[:6]),
        )
    except (OverflowError, ValueError):
        return None
    return -span if sign else span


def read_temporal(text: str) -> Any:
    """The value of `@"text"`, or None when the text writes no temporal value."""
    return read_date(text) or _not_none(read_time(text), text)


def _not_none(moment: AnyTime | None, text: str) -> Any:
    if moment is not None:
        return moment
    found = read_date_time(text)
    return found if found is not None else read_duration(text)


def zone_text(zone: tzinfo | None) -> str:
    """A zone as FEEL writes it after a time; empty for a local time."""
    if zone is None:
        return ""
    if isinstance(zone, ZoneInfo):
        return f"@{zone.key}"
    offset = zone.utcoffset(None) or timedelta(0)
    return "Z" if not offset else _offset_text(offset)


def _offset_text(offset: timedelta) -> str:
    seconds = int(abs(offset).total_seconds())
    text = f"{'-' if offset < timedelta(0) else '+'}{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def time_text(moment: AnyTime | AnyDateTime) -> str:
    """A time of day as FEEL writes it."""
    nanos = moment.nanos if isinstance(moment, FineTime | FarDateTime) else 0
    fraction = f".{moment.microsecond:06}{nanos:03}".rstrip("0") if moment.microsecond or nanos else ""
    return f"{moment.hour:02}:{moment.minute:02}:{moment.second:02}{fraction}{zone_text(moment.tzinfo)}"


def date_text(day: AnyDate | AnyDateTime) -> str:
    """A date as FEEL writes it."""
    return f"{'-' if day.year < 0 else ''}{abs(day.year):04}-{day.month:02}-{day.day:02}"


def duration_text(span: timedelta | Months) -> str:
    """A duration as FEEL writes it, in its shortest form."""
    return str(span) if isinstance(span, Months) else _days_text(span)


def _days_text(span: timedelta) -> str:
    size = abs(span)
    hours, rest = divmod(size.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{size.microseconds:06}".rstrip("0") if size.microseconds else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    parts = (f"{size.days}D" if size.days else "") + (f"T{clock}" if clock else "")
    return f"{'-' if span < timedelta(0) else ''}P{parts or 'T0S'}"


def temporal_text(value: Any) -> str:
    """Any temporal value as FEEL writes it."""
    match value:
        case datetime() | FarDateTime():
            return f"{date_text(value)}T{time_text(value)}"
        case date() | FarDate():
            return date_text(value)
        case time() | FineTime():
            return time_text(value)
        case _:
            return duration_text(value)


def offset_of(moment: AnyTime | AnyDateTime) -> timedelta | None:
    """The offset from UTC, or None for a local time. A zoned time of day uses the zone's offset of 1 January 1970."""
    near = moment.near if isinstance(moment, FarDateTime | FineTime) else moment
    if isinstance(near, datetime) or near.tzinfo is None:
        return near.utcoffset()
    return datetime.combine(date(1970, 1, 1), near).utcoffset()


def microseconds(span: timedelta) -> int:
    """A days and time duration in microseconds."""
    return span // _MICROSECOND


def from_microseconds(count: int) -> timedelta:
    """The duration of so many microseconds. Raises OverflowError."""
    return timedelta(microseconds=count)


def since_midnight(moment: AnyTime) -> int:
    """Microseconds since midnight, in UTC where the time has a zone."""
    count = ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000_000 + moment.microsecond
    offset = offset_of(moment)
    return count - microseconds(offset) if offset else count


def property_of(value: Any, name: str) -> Any:
    """The value of a temporal property such as `year` or `time offset`. Raises KeyError for one the value does not
    have."""
    return _PROPERTIES[type(value)][name](value)


def _second(value: AnyTime | AnyDateTime) -> Any:
    nanos = value.nanos if isinstance(value, FineTime | FarDateTime) else 0
    fraction = value.microsecond * 1000 + nanos
    return value.second + Decimal(fraction) / 1_000_000_000 if fraction else value.second


def _zone_name(value: AnyTime | AnyDateTime) -> str | None:
    return value.tzinfo.key if isinstance(value.tzinfo, ZoneInfo) else None


def _part(unit: int, size: int) -> Any:
    def read(span: timedelta) -> int:
        whole = abs(microseconds(span)) // (unit * 1_000_000)
        whole = whole % size if size else whole
        return -whole if span < timedelta(0) else whole

    return read


def _months_part(years: bool) -> Any:
    def read(span: Months) -> int:
        parts = divmod(abs(span.months), 12)
        part = parts[0] if years else parts[1]
        return -part if span.months < 0 else part

    return read


def _weekday(day: AnyDate | AnyDateTime) -> int:
    return near_of(day).isoweekday()


def _plain(name: str) -> Callable[[Any], Any]:
    return attrgetter(name)


_DATE_PARTS: dict[str, Callable[[Any], Any]] = {
    "year": _plain("year"),
    "month": _plain("month"),
    "day": _plain("day"),
    "weekday": _weekday,
}
_TIME_PARTS: dict[str, Callable[[Any], Any]] = {
    "hour": _plain("hour"),
    "minute": _plain("minute"),
    "second": _second,
    "time offset": offset_of,
    "timezone": _zone_name,
}
_PROPERTIES: dict[type, dict[str, Callable[[Any], Any]]] = {
    date: _DATE_PARTS,
    time: _TIME_PARTS,
    datetime: _DATE_PARTS | _TIME_PARTS,
    FarDate: _DATE_PARTS,
    FarDateTime: _DATE_PARTS | _TIME_PARTS,
    FineTime: _TIME_PARTS,
    timedelta: {"days": _part(86400, 0), "hours": _part(3600, 24), "minutes": _part(60, 60), "seconds": _part(1, 60)},
    Months: {"years": _months_part(years=True), "months": _months_part(years=False)},
}
