"""Offers: choices that only the town knows at this moment, for fields with option `source`.
`free_slots`: what can still be booked."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from desk import bookings
from desk.bookings import OfferedSlot, Slot
from desk.errors import SlotNotOffered
from forms import Choice, Field, Page, ReviewSection
from forms.rules import every_question
from web.pages import language

DAYS_SHOWN = 14


async def sources_of(
    page: Page, answers: dict[str, Any], now: datetime, timezone: ZoneInfo, *, draft_id: UUID | None, first: date | None
) -> dict[str, Sequence[Choice]]:
    """The offered choices of a page, by source."""
    wanted = {question.options.source for question in every_question(page.elements) if isinstance(question, Field)}
    if "free_slots" not in wanted:
        return {}
    return {"free_slots": await free_slots(answers, now, timezone, draft_id=draft_id, first=first)}


async def free_slots(
    answers: dict[str, Any], now: datetime, timezone: ZoneInfo, *, draft_id: UUID | None, first: date | None
) -> list[Choice]:
    """The free slots of the resource the answers name, two weeks from `first`, day by day; the draft's own is
    always there."""
    known = {one.slug for one in await bookings.resources()}
    resource = next((value for value in answers.values() if isinstance(value, str) and value in known), None)
    if resource is None:
        return []
    today = now.astimezone(timezone).date()
    begin = max(first or today, today)
    offered: list[OfferedSlot] = []
    for day, free in (await bookings.free_days(resource, begin, begin + timedelta(days=DAYS_SHOWN), now)).items():
        if free:
            offered += await bookings.slots_of_day(resource, day, now, draft_id=draft_id)
    held = await bookings.held_by(draft_id, now) if draft_id is not None else None
    slots = [one.slot for one in offered if one.state != "taken"]
    if held is not None and held.slot.resource == resource and not any(slot.is_same_span(held.slot) for slot in slots):
        slots.insert(0, held.slot)
    return [_choice(slot, timezone, today) for slot in slots]


def value_of(slot: Slot, timezone: ZoneInfo) -> str:
    """The slot as forms write it: resource/2026-12-05T09:00/2026-12-05T13:00, in local time."""
    begin, until = slot.begin.astimezone(timezone), slot.until.astimezone(timezone)
    return f"{slot.resource}/{begin:%Y-%m-%dT%H:%M}/{until:%Y-%m-%dT%H:%M}"


def worded(sections: Iterable[ReviewSection], timezone: ZoneInfo, now: datetime) -> tuple[ReviewSection, ...]:
    """The same answers with slots in words (“samedi 5 décembre, 9 h à 13 h”) instead of their keys."""
    today = now.astimezone(timezone).date()
    return tuple(
        msgspec.structs.replace(
            section,
            rows=tuple(
                msgspec.structs.replace(row, values=tuple(_worded(value, timezone, today) for value in row.values))
                for row in section.rows
            ),
        )
        for section in sections
    )


def _worded(value: Any, timezone: ZoneInfo, today: date) -> Any:
    if not isinstance(value, str) or value.count("/") != 2:
        return value
    try:
        choice = _choice(bookings.slot_of_key(value), timezone, today)
    except SlotNotOffered:
        return value
    return f"{choice.group}, {choice.label}"


def _choice(slot: Slot, timezone: ZoneInfo, today: date) -> Choice:
    # An hour is never cut at the end of a line: “18 h 30”.
    begin, until = (language.say_hour(each, timezone).replace(" ", "\u00a0") for each in (slot.begin, slot.until))
    day = language.say_day(slot.begin, timezone, today)
    joint = " to " if language.spoken() == "en" else " à "
    return Choice(value_of(slot, timezone), f"{begin}{joint}{until}", "", day)
