"""Recurrence: the dates of a rule (RFC 5545, section 3.3.10) in the town's time. Pure.

Only days, weeks and months repeat, for at most `MOST` dates within `LONGEST`: what a hall is lent for. Times are local:
18:00 stays 18:00 when the clocks change. The library steps through days, weeks and months, which always ends; what a
rule leaves out of them is filtered here: left to the library, a rule without dates is searched up to the year 9999.
"""

import calendar
import re
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import msgspec
from dateutil.rrule import DAILY, MONTHLY, WEEKLY, rrule

from desk.errors import RuleRefused
from desk.slots import ZONE, Slot

MOST = 200
LONGEST = timedelta(days=400)
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY"})
PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST"})
PART = re.compile(r"[A-Z]+=[A-Z0-9,+-]+")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
DAY = re.compile(rf"([+-]?[1-5])?({'|'.join(DAYS)})")
NUMBER = re.compile(r"[+-]?\d{1,2}")


class Filters(msgspec.Struct, frozen=True, kw_only=True):
    """What a rule keeps: weekdays (0 Monday), each of them or the n-th in a month; days of the month (negative: from
    its end); and of what is left in a month, the n-th."""

    weekdays: tuple[tuple[int | None, int], ...] = ()
    days: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()

    def keeps(self, day: datetime) -> bool:
        """Whether the day is one of the rule's, its place among the others of the month left aside."""
        length = calendar.monthrange(day.year, day.month)[1]
        is_day = not self.days or day.day in self.days or day.day - length - 1 in self.days
        first, last = (day.day - 1) // 7 + 1, -((length - day.day) // 7 + 1)
        return is_day and (
            not self.weekdays
            or any(weekday == day.weekday() and nth in (None, first, last) for nth, weekday in self.weekdays)
        )


def written(rule: str, first: Slot, *, timezone: str = ZONE) -> str:
    """The rule as calendars read it: parts in capitals, UNTIL in UTC. Raises `RuleRefused`."""
    parts = _parts(rule)
    if "UNTIL" in parts:
        parts["UNTIL"] = f"{_until(parts['UNTIL'], timezone).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    _dates(parts, first, timezone)
    return ";".join(f"{name}={each}" for name, each in parts.items())


def occurrences(first: Slot, rule: str, *, without: Collection[date] = (), timezone: str = ZONE) -> tuple[Slot, ...]:
    """The slots of the rule in order, `first` among them when it obeys it; days of `without` are left out.

    Raises `RuleRefused`: no rule, no end, no date, too many.
    """
    begins = _dates(_parts(rule), first, timezone)
    zone = ZoneInfo(timezone)
    # Wall-clock length: an evening that ends at one ends at one, also in the night when the clocks change.
    length = first.until.astimezone(zone).replace(tzinfo=None) - first.begin.astimezone(zone).replace(tzinfo=None)
    kept = [begin for begin in begins if begin.date() not in without]
    if not kept:
        raise RuleRefused()
    return tuple(Slot(resource=first.resource, begin=each, until=each + length, label=first.label) for each in kept)


def _dates(parts: dict[str, str], first: Slot, timezone: str) -> list[datetime]:
    begin = first.begin.astimezone(ZoneInfo(timezone))
    count = int(parts.get("COUNT", MOST + 1))
    last = begin + LONGEST
    until = _until(parts["UNTIL"], timezone) if "UNTIL" in parts else last
    found = list(islice(_begins(parts, begin, min(until, last)), min(count, MOST + 1)))
    if until > last or not 0 < len(found) <= MOST or ("UNTIL" not in parts and len(found) < count):
        raise RuleRefused()
    return found


def _begins(parts: dict[str, str], begin: datetime, last: datetime) -> Iterator[datetime]:
    filters, interval = _filters(parts), int(parts.get("INTERVAL", "1"))
    match parts["FREQ"]:
        case "DAILY":
            yield from filter(filters.keeps, rrule(DAILY, begin, interval=interval, until=last))
        case "WEEKLY":
            days = [weekday for _, weekday in filters.weekdays] or [begin.weekday()]
            start = DAYS.index(parts.get("WKST", "MO"))
            yield from rrule(WEEKLY, begin, interval=interval, wkst=start, until=last, byweekday=days)
        case _:
            for month in rrule(MONTHLY, begin.replace(day=1), interval=interval, until=last):
                yield from (each for each in _days_of(month, filters, begin) if begin <= each <= last)


def _days_of(month: datetime, filters: Filters, begin: datetime) -> list[datetime]:
    length = calendar.monthrange(month.year, month.month)[1]
    if not filters.weekdays and not filters.days:
        filters = msgspec.structs.replace(filters, days=(begin.day,))
    kept = [each for each in (month.replace(day=day + 1) for day in range(length)) if filters.keeps(each)]
    if not filters.positions:
        return kept
    places = {place - 1 if place > 0 else len(kept) + place for place in filters.positions}
    return [each for place, each in enumerate(kept) if place in places]


def _filters(parts: dict[str, str]) -> Filters:
    """What the parts leave out. Raises `RuleRefused` for what makes no sense in a rule of this frequency."""
    weekdays = [DAY.fullmatch(each) for each in parts.get("BYDAY", "").split(",") if each]
    numbers = [each for name in ("BYMONTHDAY", "BYSETPOS") for each in parts.get(name, "").split(",") if each]
    if not all(weekdays) or not all(NUMBER.fullmatch(each) and 0 < abs(int(each)) <= 31 for each in numbers):
        raise RuleRefused()
    found = Filters(
        weekdays=tuple((int(each[1]) if each[1] else None, DAYS.index(each[2])) for each in weekdays if each),
        days=tuple(int(each) for each in parts.get("BYMONTHDAY", "").split(",") if each),
        positions=tuple(int(each) for each in parts.get("BYSETPOS", "").split(",") if each),
    )
    is_monthly, is_nth = parts["FREQ"] == "MONTHLY", any(nth for nth, _ in found.weekdays)
    if (not is_monthly and (is_nth or found.positions)) or (parts["FREQ"] == "WEEKLY" and found.days):
        raise RuleRefused()
    return found


def _parts(rule: str) -> dict[str, str]:
    texts = rule.strip().upper().removeprefix("RRULE:").rstrip(";").split(";")
    if len(rule) > 200 or not all(PART.fullmatch(each) for each in texts):
        raise RuleRefused()
    parts = dict(each.split("=", 1) for each in texts)
    has_end = ("COUNT" in parts) != ("UNTIL" in parts)
    numbers = [parts.get(name, "1") for name in ("COUNT", "INTERVAL")]
    if len(parts) < len(texts) or not parts.keys() <= PARTS or not has_end or parts.get("FREQ") not in FREQUENCIES:
        raise RuleRefused()
    if not all(each.isdigit() and 0 < int(each) <= 1_000 for each in numbers) or parts.get("WKST", "MO") not in DAYS:
        raise RuleRefused()
    return parts


def _until(text: str, timezone: str) -> datetime:
    """The last instant; a day without time is meant whole, a time without Z is local."""
    zone = ZoneInfo(timezone)
    day = text[:-1] if re.fullmatch(r"\d{8}Z", text) else text
    try:
        if len(day) == 8:
            return datetime.combine(datetime.strptime(day, "%Y%m%d"), time(23, 59, 59), zone)
        if day.endswith("Z"):
            return datetime.strptime(day, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        return datetime.strptime(day, "%Y%m%dT%H%M%S").replace(tzinfo=zone)
    except ValueError as error:
        raise RuleRefused() from error
