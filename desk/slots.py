"""Slots: spans of time that a resource offers, computed from its weekly openings. Pure: never reads a clock or a
row."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import msgspec

from desk.errors import SlotNotOffered

ZONE = "Europe/Paris"
LONGEST = timedelta(days=7)


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """A slot offered every week: `weekday` 1 (Monday) to 7, local times; `until` not after `begin` means the next
    morning.
    `label` names the slot (`morning`, `afternoon`, `evening`, `day`)."""

    weekday: int
    begin: time
    until: time
    label: str


class Slot(msgspec.Struct, frozen=True, kw_only=True):
    """One bookable span of one resource: aware datetimes in the town's time."""

    resource: str
    begin: datetime
    until: datetime
    label: str = ""

    @property
    def key(self) -> str:
        """Its value in forms and connectors: resource/begin/until, both as local time to the minute
        (2026-12-05T09:00)."""
        return f"{self.resource}/{self.begin:%Y-%m-%dT%H:%M}/{self.until:%Y-%m-%dT%H:%M}"

    def is_same_span(self, other: "Slot") -> bool:
        """The same resource at the same instants, whatever the label or the way the instants are written."""
        return (self.resource, self.begin, self.until) == (other.resource, other.begin, other.until)


class OfferedSlot(msgspec.Struct, frozen=True, kw_only=True):
    """A slot of a day's page: `free`, `mine` (held by this very draft) or `taken`."""

    slot: Slot
    state: Literal["free", "mine", "taken"]


def slot_of_key(key: str, *, timezone: str = ZONE) -> Slot:
    """The slot a form value names. Raises `SlotNotOffered` when it is not a slot key."""
    parts = key.split("/")
    if len(parts) != 3 or not parts[0]:
        raise SlotNotOffered()
    return slot_between(parts[0], parts[1], parts[2], timezone=timezone)


def slot_between(resource: str, begin: str | datetime, until: str | datetime, *, timezone: str = ZONE) -> Slot:
    """The slot of a resource between two instants (ISO 8601; without offset they are local). Raises
    `SlotNotOffered`."""
    try:
        first, last = _instant(begin, timezone), _instant(until, timezone)
    except ValueError as error:
        raise SlotNotOffered() from error
    if not first < last <= first + LONGEST:
        raise SlotNotOffered()
    return Slot(resource=resource, begin=first, until=last)


def keys_in(answers: Any) -> tuple[str, ...]:
    """Every text of the answers that is a slot key, at any depth, in order."""
    match answers:
        case dict():
            return tuple(key for each in answers.values() for key in keys_in(each))
        case list() | tuple():
            return tuple(key for each in answers for key in keys_in(each))
        case str() if answers.count("/") == 2 and len(answers) < 200 and _is_key(answers):
            return (answers,)
        case _:
            return ()


def slots_on(resource: str, day: date, openings: Iterable[Opening], *, timezone: str = ZONE) -> tuple[Slot, ...]:
    """The slots that begin on a local day, in order."""
    offered = [
        Slot(
            resource=resource,
            begin=_local(day, each.begin, timezone),
            until=_end(day, each, timezone),
            label=each.label,
        )
        for each in openings
        if each.weekday == day.isoweekday()
    ]
    return tuple(sorted(offered, key=lambda slot: (slot.begin, slot.until)))


def _end(day: date, opening: Opening, timezone: str) -> datetime:
    return _local(day if opening.until > opening.begin else day + timedelta(days=1), opening.until, timezone)


def _local(day: date, moment: time, timezone: str) -> datetime:
    return datetime.combine(day, moment, ZoneInfo(timezone))


def _instant(written: str | datetime, timezone: str) -> datetime:
    instant = written if isinstance(written, datetime) else datetime.fromisoformat(written.partition("@")[0])
    zone = ZoneInfo(timezone)
    return instant.replace(tzinfo=zone) if instant.tzinfo is None else instant.astimezone(zone)


def _is_key(text: str) -> bool:
    try:
        slot_of_key(text)
    except SlotNotOffered:
        return False
    return True
