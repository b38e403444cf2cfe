"""Waiting: cases in line for a span that others have. When it is freed, the first in line has it in the same
transaction, so that nobody slips in between; its case is told after the commit, by a message with the place's id.

A place that could not be told, or a hold that lapsed unseen, is dealt with by the sweep (`desk.background`).
"""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
import structlog

from desk import spans
from desk.resources import resource
from desk.slots import ZONE, Slot
from desk.spans import AROUND, Keeper
from desk.store import after_commit, row, rows, run, transaction, value
from engine import messages
from engine.ids import new_id

log = structlog.get_logger(__name__)

MESSAGE = "parvis.slot_freed"
KEPT_FOR = timedelta(days=30)
"""How long the message waits for a case that does not listen yet."""
AT_ONCE = 50

Wanted = Literal["option", "booked"]

COLUMNS = 'id, resource, lower(during) AS "begin", upper(during) AS until, wanted, case_id, job_id, state, asked_at'
FREE_NOW = f"""
SELECT w.id, w.resource, lower(w.during) AS "begin", upper(w.during) AS until, w.wanted, w.case_id, w.job_id
FROM desk_waiting w JOIN desk_resource r ON r.slug = w.resource
WHERE ($2::text IS NULL OR w.resource = $2) AND w.state = 'waiting' AND lower(w.during) > $1
  AND NOT EXISTS (SELECT FROM desk_booking b WHERE b.resource = w.resource AND b.state <> 'released'
    AND (b.state <> 'hold' OR b.held_until > $1)
    AND coalesce(b.kept, b.during) && {AROUND.format(begin="lower(w.during)", until="upper(w.during)")})
  AND NOT EXISTS (SELECT FROM desk_closure c WHERE c.resource = w.resource AND c.during && w.during)
ORDER BY w.asked_at, w.id LIMIT {AT_ONCE} FOR UPDATE OF w
"""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A place in line; `number` 1 is the next to be served, 0 once it is no longer waiting."""

    id: UUID
    slot: Slot
    wanted: Wanted
    case_id: UUID
    state: Literal["waiting", "served", "left"]
    number: int


async def join(case_id: UUID, slot: Slot, wanted: Wanted, now: datetime, *, job_id: UUID) -> Place:
    """Stand in line, or be served at once when the span is free. The same job stands once. Raises `UnknownResource`."""
    async with transaction():
        await resource(slot.resource)
        await run(
            "INSERT INTO desk_waiting (id, resource, during, wanted, case_id, job_id, state, asked_at) "
            "VALUES ($1, $2, tstzrange($3, $4), $5, $6, $7, 'waiting', $8) ON CONFLICT (job_id) DO NOTHING",
            *(new_id(now), slot.resource, slot.begin, slot.until, wanted, case_id, job_id, now),
        )
        await serve(slot.resource, now)
        return await _place(job_id)


async def leave(case_id: UUID, now: datetime) -> None:
    """The case waits no more."""
    await run("UPDATE desk_waiting SET state = 'left' WHERE case_id = $1 AND state = 'waiting'", case_id)


async def serve(resource: str | None, now: datetime) -> int:
    """Give what is free to whoever waits for it, in order; returns to how many. Joins the open transaction."""
    async with transaction():
        served = [each for each in await rows(FREE_NOW, now, resource) if await _give(each, now)]
        if served:
            await after_commit(lambda: _tell_quietly(now))
    return len(served)


async def tell(now: datetime) -> int:
    """Wake the cases that were served and do not know it yet; returns how many were told."""
    found = await rows(
        f"SELECT {COLUMNS}, served_at FROM desk_waiting WHERE state = 'served' AND told_at IS NULL "
        "ORDER BY served_at, id LIMIT 100"
    )
    told = 0
    for each in found:
        try:
            await messages.publish(
                MESSAGE, str(each["id"]), {"agenda": _told(each)}, now=now, message_id=str(each["id"]), ttl=KEPT_FOR
            )
        except Exception as failure:  # one case that cannot take it keeps no other waiting
            log.warning("slot_not_told", waiting_id=str(each["id"]), reason=type(failure).__name__)
            continue
        await run("UPDATE desk_waiting SET told_at = $2 WHERE id = $1", each["id"], now)
        told += 1
    return told


async def sweep(now: datetime) -> int:
    """What no other event did: lapsed holds given on, cases told. Returns how many places moved."""
    return await serve(None, now) + await tell(now)


async def line_of(resource: str, now: datetime) -> int:
    """How many wait for a span of this resource that is still to come."""
    return int(
        await value(
            "SELECT count(*) FROM desk_waiting WHERE resource = $1 AND state = 'waiting' AND lower(during) > $2",
            *(resource, now),
        )
    )


async def _give(record: Any, now: datetime) -> bool:
    slot = _slot(record)
    await spans.drop_expired(slot, now)
    keeper = Keeper(case_id=record["case_id"], job_id=record["job_id"])
    if await spans.insert(slot, record["wanted"], keeper, now) is None:
        return False
    await run("UPDATE desk_waiting SET state = 'served', served_at = $2 WHERE id = $1", record["id"], now)
    return True


async def _tell_quietly(now: datetime) -> None:
    try:
        await tell(now)
    except Exception as failure:  # whoever freed the slot has done so: the sweep tells the case
        log.warning("slots_not_told", reason=type(failure).__name__)


async def _place(job_id: UUID) -> Place:
    found = await row(
        f"SELECT {COLUMNS}, (SELECT count(*) FROM desk_waiting o WHERE o.resource = w.resource AND o.state = 'waiting' "
        "AND w.state = 'waiting' AND o.during && w.during AND (o.asked_at, o.id) <= (w.asked_at, w.id)) AS number "
        "FROM desk_waiting w WHERE w.job_id = $1",
        job_id,
    )
    assert found is not None
    return Place(
        id=found["id"],
        slot=_slot(found),
        wanted=found["wanted"],
        case_id=found["case_id"],
        state=found["state"],
        number=found["number"],
    )


def _slot(record: Any) -> Slot:
    zone = ZoneInfo(ZONE)
    return Slot(
        resource=record["resource"], begin=record["begin"].astimezone(zone), until=record["until"].astimezone(zone)
    )


def _told(record: Any) -> dict[str, str]:
    slot = _slot(record)
    begin, until = slot.begin.isoformat(), slot.until.isoformat()
    told = {"slot": slot.key, "resource": slot.resource, "begin": begin, "until": until}
    return {**told, "state": record["wanted"], "place": str(record["id"])}
