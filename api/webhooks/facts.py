"""Facts: what the history of cases tells other systems, read in the order of its ids, none skipped.

A row of the history may tell several facts; each has a number, the row's id and its place among them, that never
changes. Says who and what only by reference: never a name, never an answer.
"""

import asyncio
from datetime import datetime
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from api.store import rows, value

Event = Literal[
    "case.filed", "case.moved", "case.answered", "case.closed", "case.cancelled", "task.opened", "task.completed"
]
EVENTS: tuple[Event, ...] = get_args(Event)
PLACES = 8
"""How many facts one row of the history may tell."""
SETTLING_SECONDS = 2.0
_LOOK_SECONDS = 0.02

NEWEST = "SELECT coalesce(max(id), 0) FROM engine_history"
# Whoever will write a row below the newest holds this lock before the row has its id, and until it is committed.
WRITERS = """SELECT virtualtransaction AS name FROM pg_locks WHERE locktype = 'relation'
    AND relation = 'engine_history'::regclass AND mode = 'RowExclusiveLock' AND granted AND pid <> pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"""
TOLD = """WITH h AS (
        SELECT id, case_id, instance_id, token, happened, element, name, kind, at, details FROM engine_history
        WHERE id >= $1 AND id <= $2 ORDER BY id LIMIT $3)
    SELECT h.id, h.case_id, h.happened, h.element, h.at, h.details->>'public_step' AS step,
        h.details->>'decision' AS decision, h.details->>'outcome' AS outcome, c.reference, c.procedure, c.department,
        NOT EXISTS (SELECT FROM engine_history e WHERE e.case_id = h.case_id AND e.id < h.id) AS is_first,
        h.happened = 'entered' AND h.details ? 'decision' AND NOT EXISTS (SELECT FROM engine_history e
            WHERE e.case_id = h.case_id AND e.id < h.id AND e.happened = 'entered' AND e.details ? 'decision')
            AS answers,
        CASE WHEN i.parent_id IS NULL AND i.status <> 'running' AND NOT EXISTS (SELECT FROM engine_history e
            WHERE e.instance_id = h.instance_id AND e.id > h.id) THEN i.status END AS ended,
        t.id AS task_id, t.name AS task_name, t.department AS task_department, t.audience AS task_audience
    FROM h JOIN engine_case c ON c.id = h.case_id JOIN engine_instance i ON i.id = h.instance_id
    LEFT JOIN LATERAL (SELECT t.id, t.name, t.department, t.audience FROM engine_task t
        WHERE t.instance_id = h.instance_id AND t.token = h.token AND t.element = h.element
            AND (h.kind = 'userTask' OR h.happened = 'left' AND h.details->>'outcome' = 'completed'
                AND t.state = 'completed')
        ORDER BY h.at IN (t.opened_at, t.ended_at) DESC, t.id DESC LIMIT 1) t ON h.happened IN ('entered', 'left')
    ORDER BY h.id"""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact; `details` are what it says beside the case."""

    number: int
    event: Event
    at: datetime
    case_id: UUID
    reference: str
    procedure: str
    department: str
    details: dict[str, Any] = {}

    @property
    def id(self) -> str:
        """The same for every try and every webhook: receivers recognise a repeat by it."""
        return f"evt_{self.number}"

    def body(self) -> bytes:
        """What is sent (Standard Webhooks 1.0: type, timestamp, data)."""
        case = {"id": self.case_id, "reference": self.reference, "procedure": self.procedure}
        told = {"case": {**case, "department": self.department}, **self.details}
        return msgspec.json.encode({"type": self.event, "timestamp": self.at, "data": told})


async def newest() -> int:
    """The number after which everything is still to come."""
    return await value(NEWEST) * PLACES + PLACES - 1


async def settled() -> int | None:
    """An id of the history below which nothing can appear any more; None while somebody writes for a long time.

    Ids are given before they are committed: a row may appear below one that is already there. So whoever may hold such
    an id is waited for.
    """
    top = await value(NEWEST)
    writing = {record["name"] for record in await rows(WRITERS)}
    for _ in range(int(SETTLING_SECONDS / _LOOK_SECONDS)):
        if not writing:
            return top
        await asyncio.sleep(_LOOK_SECONDS)
        writing &= {record["name"] for record in await rows(WRITERS)}
    return None


async def after(number: int, top: int, limit: int) -> tuple[list[Fact], int]:
    """The facts after a number, of at most `limit` rows up to the id `top`; and the number up to which that tells."""
    first = (number + 1) // PLACES
    found = await rows(TOLD, first, top, limit)
    facts = [fact for record in found for fact in facts_of(record) if fact.number > number]
    last = found[-1]["id"] if len(found) == limit else top
    return facts, max(last * PLACES + PLACES - 1, number)


def facts_of(record: Any) -> list[Fact]:
    """The facts one row tells, in their order. Pure."""
    task = {"id": record["task_id"], "name": record["task_name"], "element": record["element"]}
    task |= {"department": record["task_department"], "audience": record["task_audience"]}
    entered, has_task = record["happened"] == "entered", record["task_id"] is not None
    step, decision = {"publicStep": record["step"]}, {"decision": record["decision"]}
    told: list[tuple[Event, bool, dict[str, Any]]] = [
        ("case.filed", record["is_first"], {}),
        ("task.completed", has_task and not entered, {"task": task}),
        ("case.moved", entered and record["step"] is not None, step),
        ("task.opened", has_task and entered, {"task": task}),
        ("case.answered", record["answers"], decision),
        ("case.closed", record["ended"] == "completed", {}),
        ("case.cancelled", record["ended"] == "cancelled", {}),
    ]
    shared = {name: record[name] for name in ("at", "case_id", "reference", "procedure", "department")}
    return [
        Fact(number=record["id"] * PLACES + place, event=event, details=details, **shared)
        for place, (event, happened, details) in enumerate(told)
        if happened
    ]
