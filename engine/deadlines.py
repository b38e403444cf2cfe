"""Deadlines: working days of France, terms of procedures, and their pause while the town waits for the citizen.

A term counts from the day after filing and ends at the last second of its last day, in the town's time (CRPA art.
L114-3: a missing piece suspends it). Pure: never reads a clock.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
import msgspec

PARIS = ZoneInfo("Europe/Paris")
_END_OF_DAY = time(23, 59, 59)


class Term(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A promised duration: working days, or calendar days."""

    working_days: int | None = None
    days: int | None = None


def town_time(now: datetime) -> datetime:
    """The same instant on the town's clock: what `today()` and `now()` mean to whoever writes a rule."""
    return now.astimezone(PARIS)


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> frozenset[date]:
    return frozenset(holidays.country_holidays("FR", years=year))


def is_working_day(day: date) -> bool:
    """Monday to Friday, but for French public holidays."""
    return day.weekday() < 5 and day not in _public_holidays(day.year)


def add_working_days(day: date, count: int) -> date:
    """The `count`-th working day after `day`; `day` itself, or the next working day, for 0."""
    while count > 0 or not is_working_day(day):
        day += timedelta(days=1)
        if count > 0 and is_working_day(day):
            count -= 1
    return day


def working_days_between(first: date, last: date) -> int:
    """Working days after `first`, up to and including `last`; 0 when `last` is not after `first`."""
    return sum(is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def due_at(term: Term | None, filed_at: datetime, zone: ZoneInfo = PARIS) -> datetime | None:
    """When the term that starts at `filed_at` ends, in UTC; None without term."""
    return None if term is None else _end_of_term(term, filed_at.astimezone(zone).date(), zone)


@lru_cache(maxsize=1024)
def _end_of_term(term: Term, filed_on: date, zone: ZoneInfo) -> datetime | None:
    """The same for everything that is filed on a day."""
    if term.working_days is not None:
        return _end_of(add_working_days(filed_on, term.working_days), zone)
    if term.days is not None:
        return _end_of(filed_on + timedelta(days=term.days), zone)
    return None


def resume(due: datetime, term: Term | None, since: datetime, now: datetime, zone: ZoneInfo = PARIS) -> datetime:
    """The due date after a wait from `since` to `now`: as many days later as were waited, counted like the term
    counts.
    """
    due_on, since_on, until_on = (moment.astimezone(zone).date() for moment in (due, since, now))
    if term is not None and term.working_days is not None:
        waited = working_days_between(since_on, until_on)
        return _end_of(add_working_days(due_on, waited), zone) if waited else due
    return _end_of(due_on + max(until_on - since_on, timedelta()), zone)


def _end_of(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, _END_OF_DAY, zone).astimezone(UTC)
