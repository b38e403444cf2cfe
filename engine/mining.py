"""Mining: reads the cases of a procedure for an event log, some at a time. What a log looks like: `engine.xes`."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.encoding import parse_json
from engine.history import Line
from engine.store.statements import rows
from engine.xes import Trace

PAGE = 100

CASES = """SELECT c.id, c.reference, d.version, c.filed_at, c.state, c.decision, c.department
    FROM engine_case c LEFT JOIN engine_deployment d ON d.hash = c.definition_hash
    WHERE c.procedure = $1 AND ($2::timestamptz IS NULL OR c.filed_at >= $2)
    AND ($3::timestamptz IS NULL OR c.filed_at < $3) AND ($4::uuid IS NULL OR c.id > $4) ORDER BY c.id LIMIT $5"""
LINES = """SELECT id, case_id, instance_id, token, happened, element, name, kind, at, actor_name, details::text
    FROM engine_history WHERE case_id = ANY($1::uuid[]) AND happened IN ('entered', 'left') ORDER BY case_id, id"""


async def traces(procedure: str, since: datetime | None, until: datetime | None) -> AsyncIterator[Trace]:
    """The cases of a procedure filed in this time, each with its lines, oldest first."""
    after: UUID | None = None
    while found := await rows(CASES, procedure, since, until, after, PAGE):
        lines: dict[UUID, list[Line]] = {}
        for record in await rows(LINES, [case["id"] for case in found]):
            line = Line(**{**record, "details": parse_json(record["details"])})
            lines.setdefault(line.case_id, []).append(line)
        for case in found:
            told: dict[str, Any] = {name: case[name] for name in case.keys() if name != "id"}  # noqa: SIM118
            yield Trace(**told, lines=tuple(lines.get(case["id"], ())))
        after = found[-1]["id"]
