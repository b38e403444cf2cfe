"""Calendar arithmetic of timers: ISO 8601 durations and repetitions, and cron, in the town's time zone.

Years, months, weeks and days move the calendar and keep the time of day across a change of clock; hours, minutes and
seconds are exact. Pure: never reads a clock.
"""

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from croniter import croniter

from engine.feel.sentences import Sentence, plain

TOWN_ZONE = ZoneInfo("Europe/Paris")
END_OF_DAY = time(23, 59, 59)
LONGEST_SHIFT = timedelta(hours=1)
_MACROS = {
    "@yearly": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_DURATION = re.compile(
    r"P(?=.)(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?"
    r"(?:T(?=.)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?$"
)


class NoTime(ValueError):
    """A value means no time. A template, and the words that fill it."""

    def __init__(self, template: str, *words: Any) -> None:
        self.sentence = Sentence(template, words)
        super().__init__(str(self.sentence))


def said_of(failure: Exception) -> Sentence:
    """What is wrong with a time; what only the library says is said as it is."""
    return failure.sentence if isinstance(failure, NoTime) else plain(str(failure))


class Span(msgspec.Struct, frozen=True, array_like=True):
    """An ISO duration: months and days of the calendar, and exact seconds."""

    months: int = 0
    days: int = 0
    seconds: float = 0

    def after(self, moment: datetime) -> datetime:
        """The moment this much later, in UTC."""
        if not self.months and not self.days:
            return moment + timedelta(seconds=self.seconds)
        local = moment.astimezone(TOWN_ZONE)
        month = local.month - 1 + self.months
        year, month = local.year + month // 12, month % 12 + 1
        day = min(local.day, monthrange(year, month)[1])
        shifted = local.replace(year=year, month=month, day=day) + timedelta(days=self.days)
        return shifted.astimezone(UTC) + timedelta(seconds=self.seconds)

    def times(self, count: int) -> "Span":
        """So many of it, one after the other."""
        return Span(self.months * count, self.days * count, self.seconds * count)


class Cycle(msgspec.Struct, frozen=True, array_like=True):
    """A repetition: `left` firings to come (-1: without end), one every `step`, or when `cron` says.

    Steps are counted from `since`, the firing set now being the `turn`-th: what a change of clock, or a short month,
    does to one firing does not stay with those after it. Without `since` (an earlier version), from the last firing.
    """

    left: int
    step: Span
    cron: str = ""
    since: datetime | None = None
    turn: int = 0


def read_span(text: str) -> Span:
    """The duration written in ISO 8601. Raises ValueError for anything else, negative durations included."""
    found = _DURATION.match(text.strip())
    if found is None:
        raise NoTime("Expected an ISO 8601 duration such as P3D or PT1H but found “{0}”", text)
    number = {name: float(value or 0) for name, value in found.groupdict().items()}
    return Span(
        months=int(number["years"] * 12 + number["months"]),
        days=int(number["weeks"] * 7 + number["days"]),
        seconds=number["hours"] * 3600 + number["minutes"] * 60 + number["seconds"],
    )


def span_of(value: Any) -> Span:
    """A duration given as ISO text or as a FEEL duration value."""
    if isinstance(value, timedelta):
        if value < timedelta():
            raise NoTime("Expected a duration that is not negative")
        return _days_kept(value)
    if isinstance(value, str):
        return read_span(value)
    return read_span(str(value))


def _days_kept(value: timedelta) -> Span:
    # A FEEL duration("P3D") means three calendar days, so a timer set before a change of clock fires at the same
    # hour after it.
    return Span(days=value.days, seconds=value.seconds + value.microseconds / 1_000_000)


def moment_of(value: Any, at: time = time()) -> datetime:
    """A date or a date and time, as a value or as ISO text, in UTC. Without zone it is the town's; a date alone means
    `at` that day."""
    if isinstance(value, str):
        value = _read_moment(value.strip())
    if isinstance(value, datetime):
        zoned = value if value.tzinfo is not None else value.replace(tzinfo=TOWN_ZONE)
        return zoned.astimezone(UTC)
    if isinstance(value, date):
        return datetime.combine(value, at, TOWN_ZONE).astimezone(UTC)
    raise NoTime("Expected a date or a date and time but found “{0}”", value)


def _read_moment(text: str) -> date | datetime:
    if len(text) == 10:
        return date.fromisoformat(text)
    text, _, zone = text.partition("@")
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=ZoneInfo(zone)) if zone else moment


def first_of_cycle(value: Any, now: datetime) -> tuple[datetime | None, Cycle]:
    """When a repetition (`R3/PT1H`, `R/2026-12-01T08:00:00/P1D`, cron `0 8 * * MON-FRI`) first fires, and what is left
    of it afterwards. Cron of six fields begins with the seconds.
    """
    text = str(value).strip()
    if text.startswith("@") or len(text.split()) > 1:
        return _after_cron(text, now), Cycle(-1, Span(), text)
    parts = text.split("/")
    if not re.fullmatch(r"R\d*", parts[0]) or len(parts) not in (2, 3):
        raise NoTime("Expected a repetition such as R3/PT1H, or cron such as 0 8 * * 1, but found “{0}”", text)
    times = int(parts[0][1:]) if parts[0][1:] else -1
    step = read_span(parts[-1])
    if step == Span():
        raise NoTime("Expected a repetition with a pause but found “{0}”", text)
    since, turn = (moment_of(parts[1]), 0) if len(parts) == 3 else (now.astimezone(UTC), 1)
    if times == 0:
        return None, Cycle(0, step)
    return step.times(turn).after(since), Cycle(times - 1 if times > 0 else -1, step, since=since, turn=turn)


def next_of_cycle(cycle: Cycle, fired: datetime) -> tuple[datetime | None, Cycle]:
    """The next firing after the one due at `fired`: counted from when it was due, so a late worker shifts nothing, and
    none of those missed meanwhile is left out: each is due, in its order."""
    if cycle.cron:
        return _after_cron(cycle.cron, fired), cycle
    if cycle.left == 0:
        return None, cycle
    left, turn = cycle.left - 1 if cycle.left > 0 else -1, cycle.turn + 1
    due = cycle.step.after(fired) if cycle.since is None else cycle.step.times(turn).after(cycle.since)
    return due, msgspec.structs.replace(cycle, left=left, turn=turn)


def _after_cron(text: str, moment: datetime) -> datetime:
    """The next time after `moment`. An hour of the day is the town's: when a change of clock skips it, the timer fires
    an hour later, when it comes twice, the first time. Every hour (`*`) means every hour that passes.
    """
    if text.startswith("@") and text not in _MACROS:
        raise NoTime("Expected one of {0} but found “{1}”", ", ".join(_MACROS), text)
    fields = _MACROS.get(text, text).split()
    if len(fields) > 4 and fields[-4].startswith("*"):
        exact: datetime = _times(fields, moment.astimezone(TOWN_ZONE)).get_next(datetime)
        return exact.astimezone(UTC)
    # An hour back: in spring the hour that was skipped happens in the one that follows it.
    times = _times(fields, moment.astimezone(TOWN_ZONE).replace(tzinfo=None) - LONGEST_SHIFT)
    while True:
        by_the_clock: datetime = times.get_next(datetime)
        following = by_the_clock.replace(tzinfo=TOWN_ZONE).astimezone(UTC)
        if following > moment:
            return following


def _times(fields: list[str], moment: datetime) -> croniter:
    if not 5 <= len(fields) <= 6:
        raise NoTime("Expected cron of five or six fields but found “{0}”", " ".join(fields))
    return croniter(" ".join(fields), moment, second_at_beginning=True)
