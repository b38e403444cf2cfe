"""Calendar functions (DMN 1.5, 10.3.4.10 and 10.3.4.11). The clock is the one given to the evaluation."""

import calendar
from datetime import date, datetime

from engine.feel.builtins.signature import builtin
from engine.feel.far import AnyDate, AnyDateTime, make_date, near_of
from engine.feel.problems import Run

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@builtin("now", "")
def now(run: Run) -> datetime | None:
    """`now()`."""
    return run.now


@builtin("today", "")
def today(run: Run) -> date | None:
    """`today()`: the day of `now()` in its own zone."""
    return run.now.date() if run.now else None


@builtin("day of year", "date: date|date and time")
def day_of_year(_: Run, day: AnyDate | AnyDateTime) -> int:
    """`day of year(date)`."""
    return near_of(day).timetuple().tm_yday


@builtin("day of week", "date: date|date and time")
def day_of_week(_: Run, day: AnyDate | AnyDateTime) -> str:
    """`day of week(date)`: its English name, as the standard says."""
    return _WEEKDAYS[near_of(day).weekday()]


@builtin("month of year", "date: date|date and time")
def month_of_year(_: Run, day: AnyDate | AnyDateTime) -> str:
    """`month of year(date)`: its English name, as the standard says."""
    return _MONTHS[day.month - 1]


@builtin("week of year", "date: date|date and time")
def week_of_year(_: Run, day: AnyDate | AnyDateTime) -> int:
    """`week of year(date)`: the ISO week."""
    return near_of(day).isocalendar().week


@builtin("last day of month", "date: date|date and time")
def last_day_of_month(_: Run, day: AnyDate | AnyDateTime) -> AnyDate:
    """`last day of month(date)` (an addition that modellers of Camunda know)."""
    return make_date(day.year, day.month, calendar.monthrange(near_of(day).year, day.month)[1])
