"""Recurrence: the dates of a rule (RFC 5545, section 3.3.10) in the town's time. Pure.

Only days, weeks and months repeat, for at most `MOST` dates within `LONGEST`: what a hall is lent for. Times are local:
18:00 stays 18:00 when the clocks change.
"""

import re
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from desk.errors import RuleRefused
from desk.slots import ZONE, Slot

MOST = 200
LONGEST = timedelta(days=400)
FREQUENCIES = frozenset({"DAILY", "WEEKLY", "MONTHLY"})
PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYDAY", "BYMONTHDAY", "BYSETPOS", "WKST"})
PART = re.compile(r"[A-Z]+=[A-Z0-9,+-]+")


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
    # COUNT is applied here and an end is always set, so that a rule without dates (30 February) ends too.
    bounded = {name: each for name, each in parts.items() if name not in ("COUNT", "UNTIL")}
    bounded["UNTIL"] = f"{min(until, last).astimezone(UTC):%Y%m%dT%H%M%SZ}"
    try:
        rule = rrulestr(";".join(f"{name}={each}" for name, each in bounded.items()), dtstart=begin)
        found = list(islice(rule, min(count, MOST + 1)))
    except (ValueError, TypeError, OverflowError) as error:
        raise RuleRefused() from error
    if until > last or not 0 < len(found) <= MOST or ("UNTIL" not in parts and len(found) < count):
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
    if not all(each.isdigit() and 0 < int(each) <= 1_000 for each in numbers):
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
