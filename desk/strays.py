"""Strays: bookings to come that the openings of their resource do not cover, after they changed or because an agent
made them so. They stay; people decide. Read only."""

from datetime import datetime
from uuid import UUID

import msgspec

from desk import spans, weeks
from desk.resources import week_of
from desk.slots import ZONE, Slot
from desk.spans import LIVE
from desk.store import rows

MOST_READ = 2_000


class Stray(msgspec.Struct, frozen=True, kw_only=True):
    """One such booking. `case_id` and `reference` are None while a citizen only holds it in a draft."""

    slot: Slot
    state: str
    case_id: UUID | None
    reference: str | None


async def outside_openings(resource: str, now: datetime, *, timezone: str = ZONE) -> tuple[Stray, ...]:
    """Bookings that end after now and are not wholly within the weekly openings, in order (of the next 2,000 bookings).

    Raises `UnknownResource`.
    """
    openings = await week_of(resource)
    found = await rows(
        f"SELECT {spans.COLUMNS}, (SELECT reference FROM engine_case WHERE id = case_id) AS reference "
        f"FROM desk_booking WHERE {LIVE} AND resource = $2 AND upper(during) > $1 "
        "ORDER BY lower(during), id LIMIT $3",
        *(now, resource, MOST_READ),
    )
    live = [(spans.booking_of(each, timezone), each["reference"]) for each in found]
    outside = set(weeks.uncovered((booking.slot for booking, _ in live), openings, timezone=timezone))
    return tuple(
        Stray(slot=booking.slot, state=booking.state, case_id=booking.case_id, reference=reference)
        for booking, reference in live
        if booking.slot in outside
    )
