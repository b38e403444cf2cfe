"""Resources: rooms and what else can be booked, with their weekly openings and closures. Never books: see
`desk.bookings`."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from desk.errors import ResourceTwice, UnknownResource
from desk.slots import Opening
from desk.store import row, rows, run, transaction
from desk.store.reading import from_json, to_json, to_struct
from engine.ids import new_id

COLUMNS = (
    "slug, name::text AS name, description::text AS description, place, capacity, equipment, active, before_minutes, "
    "after_minutes"
)


class Resource(msgspec.Struct, frozen=True, kw_only=True):
    """Something that can be booked. `name` and `description` by language; `capacity` in persons; between two bookings
    stay the minutes after the first (cleaning) and before the second (setting up)."""

    slug: str
    name: dict[str, str]
    description: dict[str, str] = {}
    place: str = ""
    capacity: int | None = None
    equipment: tuple[str, ...] = ()
    active: bool = True
    before_minutes: int = 0
    after_minutes: int = 0


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """A span in which a resource cannot be booked."""

    id: UUID
    begin: datetime
    until: datetime
    reason: str


INSERT = (
    "INSERT INTO desk_resource (slug, name, description, place, capacity, equipment, active, changed_at, "
    "before_minutes, after_minutes) VALUES ($1, $2::text::jsonb, $3::text::jsonb, $4, $5, $6, $7, $8, $9, $10) "
)


async def define_resource(resource: Resource, openings: tuple[Opening, ...], now: datetime) -> None:
    """Create or replace a resource and its weekly openings; bookings stay."""
    async with transaction():
        await run(
            f"{INSERT} ON CONFLICT (slug) DO UPDATE SET name = excluded.name, description = excluded.description, "
            "place = excluded.place, capacity = excluded.capacity, equipment = excluded.equipment, "
            "active = excluded.active, changed_at = excluded.changed_at, before_minutes = excluded.before_minutes, "
            "after_minutes = excluded.after_minutes",
            *_values(resource, now),
        )
        await _replace_openings(resource.slug, openings)


async def add_resource(resource: Resource, openings: tuple[Opening, ...], now: datetime) -> None:
    """A new resource. Raises `ResourceTwice` when another one has its slug."""
    async with transaction():
        if await row(f"{INSERT} ON CONFLICT DO NOTHING RETURNING slug", *_values(resource, now)) is None:
            raise ResourceTwice(resource=resource.slug)
        await _replace_openings(resource.slug, openings)


async def change_resource(resource: Resource, openings: tuple[Opening, ...], now: datetime) -> None:
    """A resource that is there, and its weekly openings, which keep their labels; bookings stay as they are, also
    those outside the openings. Raises `UnknownResource`."""
    async with transaction():
        labels = {(each.weekday, each.begin, each.until): each.label for each in await week_of(resource.slug)}
        kept = (
            msgspec.structs.replace(each, label=each.label or labels.get((each.weekday, each.begin, each.until), ""))
            for each in openings
        )
        await define_resource(resource, tuple(kept), now)


async def resources(*, active_only: bool = True) -> tuple[Resource, ...]:
    """All resources by French name."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_resource WHERE active OR NOT $1 ORDER BY parvis_fold(name->>'fr'), slug LIMIT 500",
        active_only,
    )
    return tuple(_resource(each) for each in found)


async def resource(slug: str) -> Resource:
    """One resource, active or not. Raises `UnknownResource`."""
    found = await row(f"SELECT {COLUMNS} FROM desk_resource WHERE slug = $1", slug)
    if found is None:
        raise UnknownResource(resource=slug)
    return _resource(found)


async def openings_of(slug: str) -> tuple[Opening, ...]:
    """The weekly openings of an active resource. Raises `UnknownResource`."""
    found = await rows(
        'SELECT o.weekday, o.opens AS "begin", o.closes AS until, o.label FROM desk_resource r '
        "LEFT JOIN desk_opening o ON o.resource = r.slug WHERE r.slug = $1 AND r.active ORDER BY o.weekday, o.opens",
        slug,
    )
    if not found:
        raise UnknownResource(resource=slug)
    return tuple(to_struct(Opening, each) for each in found if each["weekday"] is not None)


async def week_of(slug: str) -> tuple[Opening, ...]:
    """The weekly openings of a resource, lent or not. Raises `UnknownResource`."""
    await resource(slug)
    found = await rows(
        'SELECT weekday, opens AS "begin", closes AS until, label FROM desk_opening WHERE resource = $1 '
        "ORDER BY weekday, opens",
        slug,
    )
    return tuple(to_struct(Opening, each) for each in found)


async def close(resource: str, begin: datetime, until: datetime, reason: str, now: datetime) -> UUID:
    """The resource cannot be booked in this span (works, holidays). Existing bookings stay: the town deals with
    them."""
    closure = new_id(now)
    await run(
        "INSERT INTO desk_closure (id, resource, during, reason, made_at) VALUES ($1, $2, tstzrange($3, $4), $5, $6)",
        *(closure, resource, begin, until, reason, now),
    )
    return closure


async def closures_of(resource: str, now: datetime) -> tuple[Closure, ...]:
    """The closures that are not over, in order."""
    found = await rows(
        'SELECT id, lower(during) AS "begin", upper(during) AS until, reason FROM desk_closure '
        "WHERE resource = $1 AND upper(during) > $2 ORDER BY lower(during) LIMIT 200",
        *(resource, now),
    )
    return tuple(to_struct(Closure, each) for each in found)


async def reopen(closure_id: UUID) -> None:
    """Take a closure back."""
    await run("DELETE FROM desk_closure WHERE id = $1", closure_id)


def _resource(record: Any) -> Resource:
    return to_struct(Resource, record, name=from_json(record["name"]), description=from_json(record["description"]))


def _values(resource: Resource, now: datetime) -> tuple[Any, ...]:
    return (
        *(resource.slug, to_json(resource.name), to_json(resource.description), resource.place, resource.capacity),
        *(list(resource.equipment), resource.active, now, resource.before_minutes, resource.after_minutes),
    )


async def _replace_openings(slug: str, openings: tuple[Opening, ...]) -> None:
    await run("DELETE FROM desk_opening WHERE resource = $1", slug)
    for each in openings:
        await run(
            "INSERT INTO desk_opening (resource, weekday, opens, closes, label) VALUES ($1, $2, $3, $4, $5)",
            *(slug, each.weekday, each.begin, each.until, each.label),
        )
