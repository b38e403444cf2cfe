"""History: what append-only lines answer: which elements, when, by whom, with which values, on which version; and where
an instance stood at any step. Reads only; the folds are pure.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

import msgspec

from engine.encoding import parse_json
from engine.errors import InstanceUnknown
from engine.store.statements import rows, value

# Lists show the newest lines of a case that has done more; a state is always rebuilt from all of them.
MOST_LINES = 50_000

SELECT = """SELECT h.id, h.case_id, h.instance_id, h.token, h.happened, h.element, h.name, h.kind, h.at, h.actor_name,
    h.details::text FROM engine_history h"""
OF_CASE = f"SELECT * FROM ({SELECT} WHERE h.case_id = $1 ORDER BY h.id DESC LIMIT {MOST_LINES}) AS newest ORDER BY id"
OF_INSTANCE = OF_CASE.replace("h.case_id = $1", "h.instance_id = $1")
UNTIL = f"""{SELECT} WHERE h.instance_id = $1 AND ($2::bigint IS NULL OR h.id <= $2)
    AND ($3::timestamptz IS NULL OR h.at <= $3) ORDER BY h.id"""
FIRST_HASH = """SELECT coalesce((SELECT h.details->>'from' FROM engine_history h WHERE h.instance_id = i.id
    AND h.happened = 'migrated' ORDER BY h.id LIMIT 1), i.definition_hash) FROM engine_instance i WHERE i.id = $1"""
VERSIONS = """SELECT i.id, i.definition_hash, (SELECT h.details->>'from' FROM engine_history h
        WHERE h.instance_id = i.id AND h.happened = 'migrated' ORDER BY h.id LIMIT 1) AS first_hash
    FROM engine_instance i WHERE i.case_id = $1"""
NUMBERS = "SELECT hash, version FROM engine_deployment WHERE hash = ANY($1::text[])"
SEARCH = f"""{SELECT} JOIN engine_case c ON c.id = h.case_id
    WHERE h.happened IN ('entered', 'left', 'decided', 'escalated', 'migrated') AND c.procedure = $1
    AND ($2::text IS NULL OR h.element = $2) AND ($3::text IS NULL OR h.actor_name = $3)
    AND ($4::timestamptz IS NULL OR h.at >= $4) AND ($5::timestamptz IS NULL OR h.at < $5)
    AND ($6::bigint IS NULL OR h.id > $6) ORDER BY h.id LIMIT $7"""


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line, as it was written: `happened` is `entered`, `left`, `variables`, `decided`, `escalated` or
    `migrated`.
    """

    id: int
    case_id: UUID
    instance_id: UUID
    token: int | None
    happened: str
    element: str | None
    name: str | None
    kind: str | None
    at: datetime
    actor_name: str
    details: dict[str, Any]


class Visit(msgspec.Struct, frozen=True, kw_only=True):
    """One stay at an element. `outcome` is `completed`, `terminated` or `migrated`; absent while it lasts."""

    instance_id: UUID
    token: int
    element: str
    name: str
    kind: str
    entered_at: datetime
    entered_by: str
    left_at: datetime | None
    left_by: str | None
    outcome: str | None
    version: int | None


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One variable, written at one time. `before` is absent the first time."""

    id: int
    instance_id: UUID
    at: datetime
    by: str
    scope: str
    name: str
    value: Any
    before: Any


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What one command did. `id` is that of its last line: `at_step(instance, id)` is the state it left."""

    id: int
    at: datetime
    by: str
    entered: tuple[str, ...]
    left: tuple[str, ...]
    written: tuple[str, ...]


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """An element an instance stood at, since when."""

    token: int
    element: str
    name: str
    since: datetime


class Rebuilt(msgspec.Struct, frozen=True, kw_only=True):
    """An instance as it was. `variables` are those of the root; `scopes` all that were written, by the name of their
    scope. Values are JSON: dates and durations are their ISO 8601 text.
    """

    elements: tuple[Standing, ...]
    variables: dict[str, Any]
    scopes: dict[str, dict[str, Any]]
    definition_hash: str


async def visits(case_id: UUID) -> list[Visit]:
    """Every stay at an element of the case, in the order they began."""
    lines = await _lines(OF_CASE, case_id)
    first = {
        record["id"]: record["first_hash"] or record["definition_hash"] for record in await rows(VERSIONS, case_id)
    }
    hashes = {*first.values(), *(line.details["to"] for line in lines if line.happened == "migrated")}
    numbers = {record["hash"]: record["version"] for record in await rows(NUMBERS, sorted(hashes))}
    return visits_of(lines, first, numbers)


async def changes(case_id: UUID) -> list[Change]:
    """Every variable written in the case, oldest first."""
    return changes_of(await _lines(OF_CASE, case_id))


async def steps(instance_id: UUID) -> list[Step]:
    """What each command did to an instance, oldest first."""
    return steps_of(await _lines(OF_INSTANCE, instance_id))


async def at_step(instance_id: UUID, step: int) -> Rebuilt:
    """The instance as this step (the id of a line) left it. Raises `InstanceUnknown`."""
    return await _rebuilt(instance_id, step, None)


async def at_time(instance_id: UUID, moment: datetime) -> Rebuilt:
    """The instance as it was at this time. Raises `InstanceUnknown`."""
    return await _rebuilt(instance_id, None, moment)


async def search(
    procedure: str,
    *,
    element: str | None = None,
    actor_name: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: int | None = None,
    limit: int = 500,
) -> list[Line]:
    """Lines of all cases of a procedure, without values, oldest first; `after` is the id of the last one seen."""
    return await _lines(SEARCH, procedure, element, actor_name, since, until, after, limit)


async def _rebuilt(instance_id: UUID, step: int | None, moment: datetime | None) -> Rebuilt:
    first: str | None = await value(FIRST_HASH, instance_id)
    if first is None:
        raise InstanceUnknown(instance_id=instance_id)
    return rebuilt(await _lines(UNTIL, instance_id, step, moment), first)


async def _lines(sql: str, *arguments: Any) -> list[Line]:
    found = await rows(sql, *arguments)
    return [Line(**{**record, "details": parse_json(record["details"])}) for record in found]


# --- the folds -------------------------------------------------------------------------------------------------------


def visits_of(lines: Iterable[Line], first: Mapping[UUID, str], numbers: Mapping[str, int]) -> list[Visit]:
    """Entries and exits paired. `first`: the definition each instance began on; `numbers`: their versions."""
    found: dict[tuple[UUID, int | None, str | None], list[int]] = {}
    stays: list[Visit] = []
    running_on = dict(first)
    for line in lines:
        place = (line.instance_id, line.token, line.element)
        match line.happened:
            case "migrated":
                running_on[line.instance_id] = line.details["to"]
            case "entered":
                found.setdefault(place, []).append(len(stays))
                stays.append(_entered(line, numbers.get(running_on.get(line.instance_id, ""))))
            case "left" if found.get(place):
                number = found[place].pop(0)
                stays[number] = _left(stays[number], line)
            case _:
                continue
    return stays


def _entered(line: Line, version: int | None) -> Visit:
    return Visit(
        instance_id=line.instance_id,
        token=line.token or 0,
        element=line.element or "",
        name=line.name or line.element or "",
        kind=line.kind or "",
        entered_at=line.at,
        entered_by=line.actor_name,
        left_at=None,
        left_by=None,
        outcome=None,
        version=version,
    )


def _left(stay: Visit, line: Line) -> Visit:
    outcome = line.details.get("outcome", "completed")
    return msgspec.structs.replace(stay, left_at=line.at, left_by=line.actor_name, outcome=outcome)


def changes_of(lines: Iterable[Line]) -> list[Change]:
    """Every variable written, with the value it had before in the same scope."""
    known: dict[tuple[UUID, str, str], Any] = {}
    found: list[Change] = []
    for line in lines:
        values: dict[str, Any] = line.details["values"] if line.happened == "variables" else {}
        for name, written in values.items():
            scope: str = line.details["scope"]
            change = Change(
                id=line.id,
                instance_id=line.instance_id,
                at=line.at,
                by=line.actor_name,
                scope=scope,
                name=name,
                value=written,
                before=known.get((line.instance_id, scope, name)),
            )
            found.append(change)
            known[line.instance_id, scope, name] = written
    return found


def steps_of(lines: Iterable[Line]) -> list[Step]:
    """Lines written together, by one author at one time, are one step."""
    found: list[Step] = []
    for (at, by), group in groupby(lines, key=lambda line: (line.at, line.actor_name)):
        together = list(group)
        written = [name for line in together if line.happened == "variables" for name in line.details["values"]]
        found.append(
            Step(
                id=together[-1].id,
                at=at,
                by=by,
                entered=tuple(line.name or line.element or "" for line in together if line.happened == "entered"),
                left=tuple(line.element or "" for line in together if line.happened == "left"),
                written=tuple(dict.fromkeys(written)),
            )
        )
    return found


def rebuilt(lines: Iterable[Line], definition_hash: str) -> Rebuilt:
    """The state these lines lead to, from nothing."""
    standing: dict[tuple[int | None, str | None], Standing] = {}
    scopes: dict[str, dict[str, Any]] = {"root": {}}
    for line in lines:
        match line.happened:
            case "entered":
                standing[line.token, line.element] = Standing(
                    token=line.token or 0,
                    element=line.element or "",
                    name=line.name or line.element or "",
                    since=line.at,
                )
            case "left":
                standing.pop((line.token, line.element), None)
            case "variables":
                scopes.setdefault(line.details["scope"], {}).update(line.details["values"])
            case "migrated":
                definition_hash = line.details["to"]
            case _:
                continue
    return Rebuilt(
        elements=tuple(standing.values()), variables=scopes["root"], scopes=scopes, definition_hash=definition_hash
    )
