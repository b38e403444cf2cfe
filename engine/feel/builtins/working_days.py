"""Working days: additions of Parvis to FEEL, over the calendar of `engine.deadlines`. Never reads the clock."""

from datetime import date, datetime
from decimal import Decimal

from engine import deadlines
from engine.feel.builtins.signature import builtin
from engine.feel.problems import Run

_MOST_DAYS = 3660


@builtin("add working days", "date: date|date and time, days: number")
def add_working_days(_: Run, day: date, days: Decimal) -> date | None:
    """`add working days(date, n)`: the n-th working day after, at the same time of day.

    For 0: the day itself, or the next working day.
    """
    count = int(days)
    if count != days or not 0 <= count <= _MOST_DAYS or not _is_in_calendar(day):
        return None
    if isinstance(day, datetime):
        return datetime.combine(deadlines.add_working_days(day.date(), count), day.timetz())
    return deadlines.add_working_days(day, count)


@builtin("is working day", "date: date|date and time")
def is_working_day(_: Run, day: date) -> bool | None:
    """`is working day(date)`: Monday to Friday, but for French public holidays."""
    if not _is_in_calendar(day):
        return None
    return deadlines.is_working_day(day.date() if isinstance(day, datetime) else day)


def _is_in_calendar(day: object) -> bool:
    """Whether public holidays are known for this year; years that Python's dates cannot hold are other values here."""
    return isinstance(day, date) and 1900 <= day.year <= 2200
