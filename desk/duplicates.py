"""Duplicates: reports about the same thing nearby. Never shows who reported or what they wrote; never links by
itself."""

import math
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from desk import notifications
from desk.errors import LinkRefused, ReportNotFound
from desk.store import row, rows, run, transaction, value
from desk.store.reading import from_json, to_struct
from desk.tokens import digest
from engine.ids import new_id

EARTH_RADIUS = 6_371_008.8
"""Metres, the mean of the WGS 84 ellipsoid: an error below 0.5 % is nothing at a hundred metres."""

METRES_PER_DEGREE = EARTH_RADIUS * math.pi / 180

NEARBY = """
SELECT r.case_id, c.reference, r.category, r.place, round(metres)::integer AS metres, r.filed_at, c.state,
    (SELECT count(*) FROM desk_follower f WHERE f.case_id = r.case_id) AS followers
FROM desk_report r JOIN engine_case c ON c.id = r.case_id, LATERAL (SELECT 2 * $1 * asin(least(1, sqrt(
    sin(radians(r.latitude - $2) / 2) ^ 2
    + cos(radians($2)) * cos(radians(r.latitude)) * sin(radians(r.longitude - $3) / 2) ^ 2))) AS metres) AS distance
WHERE r.procedure = $4 AND r.category = $5 AND r.filed_at > $6 AND r.filed_at <= $7 AND c.state <> 'cancelled'
    AND r.latitude BETWEEN $2 - $8 AND $2 + $8 AND r.longitude BETWEEN $3 - $9 AND $3 + $9
    AND r.original IS NULL AND ($10::uuid IS NULL OR r.case_id <> $10) AND metres <= $11
ORDER BY metres, r.filed_at DESC LIMIT $12
"""


class Position(msgspec.Struct, frozen=True):
    """Degrees, WGS 84."""

    latitude: float
    longitude: float


class NearbyReport(msgspec.Struct, frozen=True, kw_only=True):
    """An earlier report, without a word of its author. `followers` counts those who said "me too"."""

    case_id: UUID
    reference: str
    category: str
    place: str
    metres: int
    filed_at: datetime
    state: str
    followers: int


async def register(
    case_id: UUID, position: Position, *, procedure: str, category: str, place: str = "", now: datetime
) -> None:
    """Remember where a report is; done by filing when the manifest gives a `position`. Again: replaces."""
    await run(
        "INSERT INTO desk_report (case_id, procedure, category, place, latitude, longitude, filed_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (case_id) DO UPDATE SET category = excluded.category, "
        "place = excluded.place, latitude = excluded.latitude, longitude = excluded.longitude",
        *(case_id, procedure, category, place, position.latitude, position.longitude, now),
    )


async def nearby(
    position: Position,
    category: str,
    now: datetime,
    *,
    procedure: str = "incident_report",
    within_metres: int = 100,
    days: int = 30,
    limit: int = 5,
    excluding: UUID | None = None,
) -> tuple[NearbyReport, ...]:
    """Reports of the category filed in the last days around the position, nearest first.

    Cancelled ones and known repeats are left out: the original is the one to join.
    """
    tall = within_metres / METRES_PER_DEGREE
    wide = tall / max(math.cos(math.radians(position.latitude)), 0.01)
    found = await rows(
        NEARBY,
        *(EARTH_RADIUS, position.latitude, position.longitude, procedure, category, now - timedelta(days=days), now),
        *(tall, wide, excluding, float(within_metres), limit),
    )
    return tuple(to_struct(NearbyReport, each) for each in found)


async def near_case(case_id: UUID, now: datetime, *, limit: int = 5) -> tuple[NearbyReport, ...]:
    """The same for the agent: reports near this case's own position; none when it has none."""
    known = await row("SELECT procedure, category, latitude, longitude FROM desk_report WHERE case_id = $1", case_id)
    if known is None:
        return ()
    where = Position(known["latitude"], known["longitude"])
    return await nearby(where, known["category"], now, procedure=known["procedure"], limit=limit, excluding=case_id)


async def follow(case_id: UUID, *, key: str, email: str | None, language: str, now: datetime) -> int:
    """Say "me too": count one more person (`key` tells them apart: browser token or person id) and, with an address,
    tell them
    when the report is closed. Returns how many follow. Raises `ReportNotFound`."""
    async with transaction():
        await _check_report(case_id)
        await run(
            "INSERT INTO desk_follower (id, case_id, key, email, language, followed_at) VALUES ($1, $2, $3, $4, "
            "$5, $6) "
            "ON CONFLICT (case_id, key) DO UPDATE SET email = coalesce(excluded.email, desk_follower.email)",
            *(new_id(now), case_id, digest(key), email, language, now),
        )
        return await value("SELECT count(*) FROM desk_follower WHERE case_id = $1", case_id)


async def tell_followers(now: datetime, limit: int = 200) -> int:
    """Enqueue one mail to each follower of a report that is closed; returns how many. Run periodically."""
    async with transaction():
        untold = await rows(
            "SELECT f.id, f.case_id, f.email, f.language, c.reference, r.place, (d.manifest->'title')::text AS title "
            "FROM desk_follower f JOIN desk_report r ON r.case_id = f.case_id JOIN engine_case c ON c.id = f.case_id "
            "LEFT JOIN engine_deployment d ON d.hash = c.definition_hash "
            "WHERE f.told_at IS NULL AND f.email IS NOT NULL AND c.closed_at IS NOT NULL LIMIT $1 FOR UPDATE OF f "
            "SKIP LOCKED",
            limit,
        )
        for each in untold:
            await _tell(each, now)
    return len(untold)


async def link(case_id: UUID, original: UUID, *, now: datetime) -> None:
    """An agent says this report repeats another. Links do not chain: a repeat of a repeat points to the first original,
    and the repeats of this one follow it there.

    Raises `ReportNotFound`, `LinkRefused` (a report cannot repeat itself or its own repeats).
    """
    async with transaction():
        await _check_report(case_id)
        await _check_report(original)
        first = await original_of(original) or original
        if first == case_id:
            raise LinkRefused(case_id=case_id)
        await run("UPDATE desk_report SET original = $2 WHERE case_id = $1 OR original = $1", case_id, first)


async def unlink(case_id: UUID, *, now: datetime) -> None:
    """The agent was wrong: this report stands on its own again."""
    await run("UPDATE desk_report SET original = NULL WHERE case_id = $1", case_id)


async def repeats_of(case_id: UUID) -> tuple[UUID, ...]:
    """The cases linked to this one as repeats, oldest first."""
    found = await rows("SELECT case_id FROM desk_report WHERE original = $1 ORDER BY filed_at LIMIT 500", case_id)
    return tuple(each["case_id"] for each in found)


async def original_of(case_id: UUID) -> UUID | None:
    """The case this one repeats."""
    return await value("SELECT original FROM desk_report WHERE case_id = $1", case_id)


async def _check_report(case_id: UUID) -> None:
    if await value("SELECT true FROM desk_report WHERE case_id = $1", case_id) is None:
        raise ReportNotFound(case_id=case_id)


async def _tell(follower: Any, now: datetime) -> None:
    title = from_json(follower["title"]) or {"fr": "", "en": ""}
    values = {
        "reference": follower["reference"],
        "place": follower["place"],
        "title": title.get(follower["language"]) or "",
    }
    await notifications.enqueue(
        "report_closed",
        follower["case_id"],
        to=follower["email"],
        language=follower["language"],
        values=values,
        now=now,
        key=f"follower:{follower['id']}",
    )
    await run("UPDATE desk_follower SET told_at = $2 WHERE id = $1", follower["id"], now)
