"""Spans: rows of bookings. PostgreSQL alone prevents a double booking (exclusion constraint `desk_booking_alone`), with
the time a resource asks before and after. Joins the caller's transaction; see `desk.bookings` for the verbs."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from desk.slots import ZONE, Slot
from desk.store import row, rows
from engine.ids import new_id

COLUMNS = (
    'id, resource, lower(during) AS "begin", upper(during) AS until, label, state, draft_id, case_id, job_id, '
    "held_until, season_id"
)
KEPT = "coalesce(kept, during)"
AROUND = (
    "tstzrange({begin}::timestamptz - make_interval(mins => r.before_minutes), "
    "{until}::timestamptz + make_interval(mins => r.after_minutes))"
)
"""A span with the time that resource `r` asks around it."""
LIVE = "state <> 'released' AND (state <> 'hold' OR held_until > $1)"
"""A span is live at $1 when it is not released and is no hold whose time is over."""


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """A span that is kept: `hold` for a draft until `held_until`, `option` of a case under review, `booked`, or
    `released`. `season_id`: it is one date of a season."""

    id: UUID
    slot: Slot
    state: Literal["hold", "option", "booked", "released"]
    draft_id: UUID | None
    case_id: UUID | None
    held_until: datetime | None
    season_id: UUID | None = None


class Keeper(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a span is kept: a draft until `held_until`, or a case, by a job."""

    draft_id: UUID | None = None
    held_until: datetime | None = None
    case_id: UUID | None = None
    job_id: UUID | None = None
    season_id: UUID | None = None


async def insert(slot: Slot, state: str, keeper: Keeper, now: datetime) -> Any | None:
    """A new row, or None when the span, or the time around it, is another's."""
    # DO NOTHING instead of an error, because an error would doom the caller's transaction.
    return await row(
        "INSERT INTO desk_booking (id, resource, during, kept, label, state, draft_id, case_id, job_id, held_until, "
        "made_at, changed_at, season_id) "
        f"SELECT $1, r.slug, tstzrange($3, $4), {AROUND.format(begin='$3', until='$4')}, $5, $6, $7, $8, $9, $10, "
        "$11, $11, $12 FROM desk_resource r WHERE r.slug = $2 "
        f"ON CONFLICT DO NOTHING RETURNING {COLUMNS}",
        *(new_id(now), slot.resource, slot.begin, slot.until, slot.label, state, keeper.draft_id, keeper.case_id),
        *(keeper.job_id, keeper.held_until, now, keeper.season_id),
    )


async def drop_expired(slot: Slot, now: datetime) -> bool:
    """Free what is held too long in the way of this slot; whether anything was."""
    # Released, not deleted: the draft that lost its hold is told so at filing.
    freed = await rows(
        "UPDATE desk_booking SET state = 'released', changed_at = $4 FROM desk_resource r WHERE r.slug = $1 "
        f"AND resource = $1 AND {KEPT} && {AROUND.format(begin='$2', until='$3')} "
        "AND state = 'hold' AND held_until <= $4 RETURNING id",
        *(slot.resource, slot.begin, slot.until, now),
    )
    return bool(freed)


def booking_of(record: Any, timezone: str = ZONE) -> Booking:
    """The row as a booking, in the town's time."""
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
        season_id=record["season_id"],
    )
