"""Bookings: who has what when. PostgreSQL alone prevents a double booking (exclusion constraint `desk_booking_alone`).

A row is a `hold` of a draft, an `option` of a case under review, `booked`, or `released`. A hold whose time is over
still
stands in the table until somebody wants its span: whoever is first takes it.
"""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import asyncpg
import msgspec

from desk.calendars import calendar_file
from desk.errors import SlotNotOffered, SlotTaken
from desk.resources import Resource, close, define_resource, resource, resources
from desk.slots import ZONE, OfferedSlot, Opening, Slot, keys_in, slot_between, slot_of_key
from desk.store import row, rows, run, transaction, value
from desk.vacancies import free_days, is_free, slots_between, slots_of_day
from engine.ids import new_id

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
    "resource",
    "resources",
    "slot_between",
    "slot_of_key",
    "slots_between",
    "slots_of_day",
    "turn_into_option",
]

COLUMNS = (
    'id, resource, lower(during) AS "begin", upper(during) AS until, label, state, draft_id, case_id, job_id, '
    "held_until"
)


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """A span that is kept: `hold` for a draft until `held_until`, `option` of a case under review, `booked`, or
    `released`."""

    id: UUID
    slot: Slot
    state: Literal["hold", "option", "booked", "released"]
    draft_id: UUID | None
    case_id: UUID | None
    held_until: datetime | None


async def hold(draft_id: UUID, slot: Slot, now: datetime, *, minutes: int = 20, timezone: str = ZONE) -> Booking:
    """Keep the slot for the draft; an earlier hold of the same draft is dropped, the same slot again is prolonged.

    Raises `SlotTaken` (somebody was first; the earlier hold of this draft is kept), `SlotNotOffered` (not an
    opening, closed, past),
    `UnknownResource`.
    """
    label = await _offered_label(slot, now, timezone)
    try:
        async with transaction():
            await _drop_expired(slot, now)
            await drop_hold(draft_id)
            found = await _insert(
                slot, label, "hold", now, draft_id=draft_id, held_until=now + timedelta(minutes=minutes)
            )
            if found is None:
                raise SlotTaken(resource=slot.resource)
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


async def drop_hold(draft_id: UUID) -> None:
    """Forget what the draft holds, if anything."""
    await run("DELETE FROM desk_booking WHERE draft_id = $1 AND case_id IS NULL", draft_id)


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
        await _drop_expired(slot, now)
        found = await _insert(slot, slot.label, state, now, case_id=case_id, job_id=job_id)
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
    """Free all the case holds; returns how many were freed now (a repeat: 0)."""
    freed = await rows(
        "UPDATE desk_booking SET state = 'released', held_until = NULL, changed_at = $2 "
        "WHERE case_id = $1 AND state <> 'released' RETURNING id",
        *(case_id, now),
    )
    return len(freed)


async def of_case(case_id: UUID) -> tuple[Booking, ...]:
    """The case's bookings in order of time, released ones left out."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_booking WHERE case_id = $1 AND state <> 'released' ORDER BY lower(during) "
        f"LIMIT 100",
        case_id,
    )
    return tuple(_booking(each) for each in found)


async def of_resource(resource: str, first: datetime, last: datetime) -> tuple[Booking, ...]:
    """The options and bookings of a resource between two instants, for the agents' calendar; at most 500."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_booking WHERE resource = $1 AND during && tstzrange($2, $3) "
        "AND state IN ('option', 'booked') ORDER BY lower(during) LIMIT 500",
        *(resource, first, last),
    )
    return tuple(_booking(each) for each in found)


async def _offered_label(slot: Slot, now: datetime, timezone: str) -> str:
    day = slot.begin.astimezone(ZoneInfo(timezone)).date()
    for offered in await slots_of_day(slot.resource, day, now, timezone=timezone):
        if offered.slot.is_same_span(slot):
            return offered.slot.label
    raise SlotNotOffered(resource=slot.resource)


async def _drop_expired(slot: Slot, now: datetime) -> None:
    # Released, not deleted: the draft that lost its hold is told so at filing.
    await run(
        "UPDATE desk_booking SET state = 'released', changed_at = $4 WHERE resource = $1 AND during && "
        "tstzrange($2, $3) "
        "AND state = 'hold' AND held_until <= $4",
        *(slot.resource, slot.begin, slot.until, now),
    )


async def _insert(
    slot: Slot,
    label: str,
    state: str,
    now: datetime,
    *,
    draft_id: UUID | None = None,
    case_id: UUID | None = None,
    job_id: UUID | None = None,
    held_until: datetime | None = None,
) -> Any | None:
    # DO NOTHING instead of an error, because an error would doom the caller's transaction.
    return await row(
        "INSERT INTO desk_booking (id, resource, during, label, state, draft_id, case_id, job_id, held_until, "
        "made_at, changed_at) "
        f"VALUES ($1, $2, tstzrange($3, $4), $5, $6, $7, $8, $9, $10, $11, $11) ON CONFLICT DO NOTHING RETURNING "
        f"{COLUMNS}",
        *(new_id(now), slot.resource, slot.begin, slot.until, label, state, draft_id, case_id, job_id, held_until, now),
    )


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


def _booking(record: Any, timezone: str = ZONE) -> Booking:
    zone = ZoneInfo(timezone)
    slot = Slot(
        resource=record["resource"],
        begin=record["begin"].astimezone(zone),
        until=record["until"].astimezone(zone),
        label=record["label"],
    )
    return Booking(
        id=record["id"],
        slot=slot,
        state=record["state"],
        draft_id=record["draft_id"],
        case_id=record["case_id"],
        held_until=record["held_until"],
    )
