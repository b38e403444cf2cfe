"""Vacancies: which slots of a resource are free, mine or taken. Read only: see `desk.bookings` for keeping one."""

from datetime import date, datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from desk.resources import openings_of
from desk.slots import ZONE, OfferedSlot, Slot, slots_on
from desk.spans import AROUND, KEPT, LIVE
from desk.store import rows

MOST_DAYS = 62


async def slots_of_day(
    resource: str, day: date, now: datetime, *, draft_id: UUID | None = None, timezone: str = ZONE
) -> tuple[OfferedSlot, ...]:
    """The day's slots in order with their state; past ones and those of a closure are left out.

    Raises `UnknownResource`.
    """
    return await slots_between(resource, day, day, now, draft_id=draft_id, timezone=timezone)


async def slots_between(
    resource: str, first: date, last: date, now: datetime, *, draft_id: UUID | None = None, timezone: str = ZONE
) -> tuple[OfferedSlot, ...]:
    """The slots from one day to another (at most 62 days), as `slots_of_day`, in two statements whatever the span."""
    openings = await openings_of(resource)
    days = min((last - first).days + 1, MOST_DAYS)
    offered = [
        slot
        for count in range(days)
        for slot in slots_on(resource, first + timedelta(days=count), openings, timezone=timezone)
        if slot.begin > now
    ]
    if not offered:
        return ()
    busy = await _busy(resource, offered[0].begin, max(slot.until for slot in offered), now)
    return tuple(
        OfferedSlot(slot=slot, state=_state(slot, busy, draft_id)) for slot in offered if not _is_closed(slot, busy)
    )


async def free_days(resource: str, first: date, last: date, now: datetime, *, timezone: str = ZONE) -> dict[date, int]:
    """How many slots are free on each day from `first` to `last` (at most 62 days); a full day is there with 0, a day
    without opening is not."""
    free: dict[date, int] = {}
    for offered in await slots_between(resource, first, last, now, timezone=timezone):
        day = offered.slot.begin.astimezone(ZoneInfo(timezone)).date()
        free[day] = free.get(day, 0) + (offered.state == "free")
    return free


async def is_free(slot: Slot, now: datetime, *, case_id: UUID | None = None) -> bool:
    """Whether nobody else has it and no closure covers it (the case's own booking does not count)."""
    busy = await _busy(slot.resource, slot.begin, slot.until, now)
    return not any(each["case_id"] is None or each["case_id"] != case_id for each in busy)


async def closed_spans(resource: str, begin: datetime, until: datetime) -> list[tuple[datetime, datetime]]:
    """The closures between two instants."""
    found = await rows(
        'SELECT lower(during) AS "begin", upper(during) AS until FROM desk_closure '
        "WHERE resource = $1 AND during && tstzrange($2, $3)",
        *(resource, begin, until),
    )
    return [(each["begin"], each["until"]) for each in found]


async def _busy(resource: str, begin: datetime, until: datetime, now: datetime) -> list[Any]:
    # `begin` to `until` is where no slot may touch: the kept span, and the time the slot itself would ask around it.
    return await rows(
        f'SELECT lower({KEPT}) - make_interval(mins => r.after_minutes) AS "begin", '
        f"upper({KEPT}) + make_interval(mins => r.before_minutes) AS until, lower(during) AS own_begin, "
        "upper(during) AS own_until, draft_id, case_id, false AS closed "
        f"FROM desk_booking JOIN desk_resource r ON r.slug = resource WHERE resource = $2 "
        f"AND {KEPT} && {AROUND.format(begin='$3', until='$4')} AND {LIVE} "
        "UNION ALL SELECT lower(during), upper(during), NULL, NULL, NULL, NULL, true FROM desk_closure "
        "WHERE resource = $2 AND during && tstzrange($3, $4)",
        *(now, resource, begin, until),
    )


def _overlaps(slot: Slot, span: Any) -> bool:
    return span["begin"] < slot.until and slot.begin < span["until"]


def _is_closed(slot: Slot, busy: list[Any]) -> bool:
    return any(each["closed"] and _overlaps(slot, each) for each in busy)


def _state(slot: Slot, busy: list[Any], draft_id: UUID | None) -> Literal["free", "mine", "taken"]:
    against = [each for each in busy if not each["closed"] and _overlaps(slot, each)]
    if any(draft_id is None or each["draft_id"] != draft_id or each["case_id"] for each in against):
        return "taken"
    return (
        "mine"
        if any((each["own_begin"], each["own_until"]) == (slot.begin, slot.until) for each in against)
        else "free"
    )
