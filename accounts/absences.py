"""Absences: departments and people who are away between two days, and who takes their place. Kept by administrators,
read by the routing. No reason is kept: it is nobody's business."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

import msgspec

from accounts.errors import AbsenceRefused, AbsenceTwice
from accounts.ids import new_id
from accounts.store import CheckViolationError, ExclusionViolationError, ForeignKeyViolationError, rows

Kind = Literal["department", "person"]
LONGEST_CHAIN = 10

_KNOWN = """
SELECT a.id, CASE WHEN a.department IS NULL THEN 'person' ELSE 'department' END AS kind,
    coalesce(a.department, a.person::text) AS who, coalesce(d.name_fr, p.name) AS name,
    coalesce(a.substitute_department, a.substitute_person::text) AS substitute,
    coalesce(sd.name_fr, sp.name, '') AS substitute_name, p.email, a.first_day, a.last_day, a.created_by_name
FROM absence a LEFT JOIN department d ON d.slug = a.department LEFT JOIN person p ON p.id = a.person
LEFT JOIN department sd ON sd.slug = a.substitute_department LEFT JOIN person sp ON sp.id = a.substitute_person
"""


class Absence(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody is away from `first_day` to `last_day`, both included. `who` and `substitute`: a department's slug, or a
    person's id as text; `email` is a person's. Without substitute, work waits for their return."""

    id: UUID
    kind: Kind
    who: str
    name: str
    substitute: str | None
    substitute_name: str
    email: str | None
    first_day: date
    last_day: date
    created_by_name: str


async def add(
    kind: Kind, who: str, first_day: date, last_day: date, *, substitute: str | None, by_name: str, now: datetime
) -> UUID:
    """Somebody will be away. Raises `AbsenceTwice` (a day of it is known already), `AbsenceRefused` (unknown, their own
    substitute, or it ends before it begins)."""
    absence_id = new_id(now)
    columns = (
        ("department", "substitute_department", "text")
        if kind == "department"
        else ("person", "substitute_person", "uuid")
    )
    given = f"{{}}::{columns[2]}"
    try:
        await rows(
            f"INSERT INTO absence (id, {columns[0]}, {columns[1]}, first_day, last_day, created_at, created_by_name) "
            f"VALUES ({{}}, {given}, {given}, {{}}, {{}}, {{}}, {{}})",
            *(absence_id, _key(kind, who), _key(kind, substitute), first_day, last_day, now, by_name),
        )
    except ExclusionViolationError as error:
        raise AbsenceTwice from error
    except (CheckViolationError, ForeignKeyViolationError) as error:
        raise AbsenceRefused from error
    return absence_id


async def remove(absence_id: UUID) -> None:
    """They are back, or never left; nothing when it is gone already."""
    await rows("DELETE FROM absence WHERE id = {}", absence_id)


async def current_and_coming(today: date) -> list[Absence]:
    """The absences that are not over, the next first."""
    found = await rows(f"{_KNOWN} WHERE a.last_day >= {{}} ORDER BY a.first_day, a.last_day, a.id LIMIT 500", today)
    return [msgspec.convert(each, Absence) for each in found]


async def on(day: date) -> list[Absence]:
    """Who is away on this day."""
    return [each for each in await current_and_coming(day) if each.first_day <= day]


async def forget_old(today: date) -> int:
    """Delete absences that ended a year ago or more. Returns how many."""
    return len(await rows("DELETE FROM absence WHERE last_day < {}::date - 365 RETURNING id", today))


def standing_in(absences: Sequence[Absence], kind: Kind, who: str) -> tuple[Absence, ...]:
    """The absences to go through from `who` to somebody who is there: the substitute of the last one works, or, when it
    has none, nobody does. Empty: `who` is there. Substitutes may be away too; a circle ends without substitute. Pure.
    """
    away = {each.who: each for each in absences if each.kind == kind}
    chain: list[Absence] = []
    while (found := away.get(who)) is not None and len(chain) < LONGEST_CHAIN:
        if any(each.id == found.id for each in chain):
            return tuple(msgspec.structs.replace(each, substitute=None, substitute_name="") for each in chain)
        chain.append(found)
        if found.substitute is None:
            break
        who = found.substitute
    return tuple(chain)


def names(absences: Iterable[Absence], kind: Kind) -> list[str]:
    """How decisions name those away: departments by slug, people by e-mail address. Pure."""
    return sorted((each.who if kind == "department" else each.email or "") for each in absences if each.kind == kind)


def _key(kind: Kind, who: str | None) -> str | UUID | None:
    if who is None or kind == "department":
        return who
    try:
        return UUID(who)
    except ValueError as error:
        raise AbsenceRefused from error
