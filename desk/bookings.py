"""Bookings: who has what when. PostgreSQL alone prevents a double booking (exclusion constraint `desk_booking_alone`).

A row is a `hold` of a draft, an `option` of a case under review, `booked`, or `released`. A hold whose time is over
still stands in the table until somebody wants its span: who waits in line for it has it, else whoever is first.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg

from desk import spans, waiting
from desk.calendars import calendar_file
from desk.errors import SlotNotOffered, SlotTaken
from desk.resources import Resource, close, define_resource, resource, resources
from desk.slots import ZONE, OfferedSlot, Opening, Slot, keys_in, slot_between, slot_of_key
from desk.spans import COLUMNS, Booking, Keeper
from desk.spans import booking_of as _booking
from desk.store import row, rows, run, transaction, value
from desk.vacancies import free_days, is_free, slots_between, slots_of_day

__all__ = [
    "Booking",
    "OfferedSlot",
    "Opening",
    "Resource",
    "Slot",
    "book",
    "calendar_file",
    "close",
    "confirm",
    "define_resource",
    "drop_hold",
    "free_days",
    "held_by",
    "hold",
    "is_free",
    "keys_in",
    "of_case",
    "of_resource",
    "purge_lapsed",
    "release",
    "release_slot",
    "resource",
    "resources",
    "slot_between",
    "slot_of_key",
    "slots_between",
    "slots_of_day",
    "turn_into_option",
]


async def hold(draft_id: UUID, slot: Slot, now: datetime, *, minutes: int = 20, timezone: str = ZONE) -> Booking:
    """Keep the slot for the draft; an earlier hold of the same draft is dropped, the same slot again is prolonged.

    Raises `SlotTaken` (somebody was first; the earlier hold of this draft is kept), `SlotNotOffered` (not an
    opening, closed, past),
    `UnknownResource`.
    """
    offered = await _offered(slot, now, timezone)
    keeper = Keeper(draft_id=draft_id, held_until=now + timedelta(minutes=minutes))
    try:
        async with transaction():
            await _make_room(offered, now)
            freed = await _delete_hold(draft_id)
            found = await spans.insert(offered, "hold", keeper, now)
            if found is None:
                raise SlotTaken(resource=slot.resource)
            await _serve(freed, now)
    except asyncpg.DeadlockDetectedError as error:
        # Two drafts exchanging their slots at the same instant: PostgreSQL chose this one to lose.
        raise SlotTaken(resource=slot.resource) from error
    return _booking(found)


async def held_by(draft_id: UUID, now: datetime) -> Booking | None:
    """What the draft holds now."""
    found = await row(
        f"SELECT {COLUMNS} FROM desk_booking WHERE draft_id = $2 AND state = 'hold' AND held_until > $1", now, draft_id
    )
    return _booking(found) if found else None


async def drop_hold(draft_id: UUID, now: datetime) -> None:
    """Forget what the draft holds, if anything; who waits for it has it."""
    async with transaction():
        await _serve(await _delete_hold(draft_id), now)


async def purge_lapsed(now: datetime, limit: int = 1_000) -> int:
    """Delete holds that lapsed more than a day ago: nobody files with them any more. Returns how many."""
    gone = await rows(
        "DELETE FROM desk_booking WHERE id = ANY(ARRAY(SELECT id FROM desk_booking WHERE case_id IS NULL "
        "AND held_until < $1 LIMIT $2)) RETURNING id",
        *(now - timedelta(days=1), limit),
    )
    return len(gone)


async def turn_into_option(draft_id: UUID, case_id: UUID, now: datetime) -> Booking | None:
    """Filing: the draft's hold becomes the case's option; None when it held nothing.

    A hold whose time is over still counts if nobody has taken the span since; else `SlotTaken`.
    """
    async with transaction():
        found = await row(
            "UPDATE desk_booking SET state = 'option', case_id = $2, held_until = NULL, changed_at = $3 "
            f"WHERE draft_id = $1 AND state = 'hold' RETURNING {COLUMNS}",
            *(draft_id, case_id, now),
        )
        if found is None and await value(
            "SELECT EXISTS (SELECT FROM desk_booking WHERE draft_id = $1 AND state = 'released' AND case_id IS NULL)",
            draft_id,
        ):
            raise SlotTaken()
    return _booking(found) if found else None


async def book(
    case_id: UUID, slot: Slot, now: datetime, *, job_id: UUID | None = None, confirmed: bool = True
) -> Booking:
    """Book for a case (connector): the case's option of that slot is confirmed, else a new booking is made;
    `confirmed=False`
    makes an option. The same job id returns the same booking. Raises `SlotTaken`, `UnknownResource`.

    An agent may book outside the openings, so these are not checked here.
    """
    state = "booked" if confirmed else "option"
    async with transaction():
        known = await _known(case_id, slot, job_id)
        if known and known["state"] in (state, "booked"):
            return _booking(known)
        if known and known["state"] == "option":
            return _booking(await _change(known["id"], state, now, job_id))
        await resource(slot.resource)
        await _make_room(slot, now)
        found = await spans.insert(slot, state, Keeper(case_id=case_id, job_id=job_id), now)
        if found is None:
            raise SlotTaken(resource=slot.resource)
    return _booking(found)


async def confirm(case_id: UUID, now: datetime) -> tuple[Booking, ...]:
    """The case's options become booked; returns all its live bookings."""
    await run(
        "UPDATE desk_booking SET state = 'booked', changed_at = $2 WHERE case_id = $1 AND state = 'option'",
        case_id,
        now,
    )
    return await of_case(case_id)


async def release(case_id: UUID, now: datetime) -> int:
    """Free all the case holds and leave every line; returns how many were freed now (a repeat: 0). Who waits for them
    has them."""
    async with transaction():
        await waiting.leave(case_id, now)
        freed = await rows(
            "UPDATE desk_booking SET state = 'released', held_until = NULL, changed_at = $2 "
            "WHERE case_id = $1 AND state <> 'released' RETURNING resource",
            *(case_id, now),
        )
        await _serve(freed, now)
    return len(freed)


async def release_slot(case_id: UUID, slot: Slot, now: datetime) -> int:
    """Free one slot of the case (a date of a season, say); returns 1, or 0 when it does not hold it (a repeat)."""
    async with transaction():
        freed = await rows(
            "UPDATE desk_booking SET state = 'released', held_until = NULL, changed_at = $2 WHERE case_id = $1 "
            "AND resource = $3 AND during = tstzrange($4, $5) AND state <> 'released' RETURNING resource",
            *(case_id, now, slot.resource, slot.begin, slot.until),
        )
        await _serve(freed, now)
    return len(freed)


async def of_case(case_id: UUID) -> tuple[Booking, ...]:
    """The case's bookings in order of time, released ones left out."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_booking WHERE case_id = $1 AND state <> 'released' ORDER BY lower(during) "
        "LIMIT 500",
        case_id,
    )
    return tuple(_booking(each) for each in found)


async def of_resource(resource: str, first: datetime, last: datetime) -> tuple[Booking, ...]:
    """The options and bookings of a resource between two instants, for calendars, at most 5,000 (a season is up
    to 200 of them)."""
    # The index is over the kept span, which holds the span itself.
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_booking WHERE resource = $1 AND {spans.KEPT} && tstzrange($2, $3) "
        "AND during && tstzrange($2, $3) "
        "AND state IN ('option', 'booked') ORDER BY lower(during) LIMIT 5000",
        *(resource, first, last),
    )
    return tuple(_booking(each) for each in found)


async def _offered(slot: Slot, now: datetime, timezone: str) -> Slot:
    """The slot with its label. Raises `SlotNotOffered`."""
    day = slot.begin.astimezone(ZoneInfo(timezone)).date()
    for offered in await slots_of_day(slot.resource, day, now, timezone=timezone):
        if offered.slot.is_same_span(slot):
            return offered.slot
    raise SlotNotOffered(resource=slot.resource)


async def _delete_hold(draft_id: UUID) -> list[Any]:
    return await rows("DELETE FROM desk_booking WHERE draft_id = $1 AND case_id IS NULL RETURNING resource", draft_id)


async def _make_room(slot: Slot, now: datetime) -> None:
    """What was held too long is free; who waited for it comes before who asks now."""
    if await spans.drop_expired(slot, now):
        await waiting.serve(slot.resource, now)


async def _serve(freed: list[Any], now: datetime) -> None:
    for resource_freed in sorted({each["resource"] for each in freed}):
        await waiting.serve(resource_freed, now)


async def _known(case_id: UUID, slot: Slot, job_id: UUID | None) -> Any | None:
    return await row(
        f"SELECT {COLUMNS} FROM desk_booking WHERE job_id = $1 OR (case_id = $2 AND resource = $3 "
        "AND during = tstzrange($4, $5) AND state <> 'released') ORDER BY (job_id = $1) DESC NULLS LAST LIMIT 1",
        *(job_id, case_id, slot.resource, slot.begin, slot.until),
    )


async def _change(booking_id: UUID, state: str, now: datetime, job_id: UUID | None) -> Any:
    return await row(
        f"UPDATE desk_booking SET state = $2, changed_at = $3, job_id = coalesce(job_id, $4) WHERE id = $1 "
        f"RETURNING {COLUMNS}",
        *(booking_id, state, now, job_id),
    )
