"""Journal: append-only facts of a case, as (message id, parameters) that screens translate; and what its history says
of elements.

Facts are in the past tense, without answers. `public` facts may be shown to the citizen. Nothing here is ever
updated.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine.actor import Actor
from engine.encoding import json_text, parse_json
from engine.store.statements import rows, run

ADD = """INSERT INTO engine_journal (case_id, at, actor_kind, actor_id, actor_name, fact, parameters, public)
    VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8)"""
OF_CASE = """SELECT id, at, actor_kind, actor_id, actor_name, fact, parameters::text, public FROM engine_journal
    WHERE case_id = $1 AND (public OR NOT $2) ORDER BY id"""
STEPS = """SELECT e.element, e.details->>'public_step' AS label, e.at AS entered_at, (
        SELECT min(l.at) FROM engine_history l WHERE l.case_id = e.case_id AND l.instance_id = e.instance_id
        AND l.token = e.token AND l.element = e.element AND l.happened = 'left' AND l.id > e.id) AS left_at
    FROM engine_history e WHERE e.case_id = $1 AND e.happened = 'entered' AND e.details ? 'public_step' ORDER BY e.id"""
PASSAGES = """SELECT id, instance_id, token, happened, element, name, kind, at, actor_name, details::text
    FROM engine_history WHERE case_id = $1 AND happened = ANY($2::text[]) ORDER BY id"""


class Fact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact: `fact` is a gettext message id, `parameters` fill its braces."""

    id: int
    at: datetime
    actor_kind: str
    actor_id: UUID | None
    actor_name: str
    fact: str
    parameters: dict[str, Any]
    public: bool


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the citizen's timeline: the element's `parvis:publicStep`; `left_at` is absent for the current
    ones.
    """

    element: str
    label: str
    entered_at: datetime
    left_at: datetime | None


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the history: an element `entered`, `left`, `decided`, `escalated`, or `variables` written."""

    id: int
    instance_id: UUID
    token: int | None
    happened: str
    element: str | None
    name: str | None
    kind: str | None
    at: datetime
    actor_name: str
    details: dict[str, Any]


async def write(
    case_id: UUID, fact: str, parameters: dict[str, Any], by: Actor, now: datetime, public: bool = False
) -> None:
    """Add a fact, inside the transaction of the verb it tells of."""
    await run(ADD, case_id, now, by.kind, by.id, by.name, fact, json_text(parameters), public)


async def of_case(case_id: UUID, public_only: bool = False) -> list[Fact]:
    """The facts of a case, oldest first."""
    found = await rows(OF_CASE, case_id, public_only)
    return [Fact(**{**record, "parameters": parse_json(record["parameters"])}) for record in found]


async def steps(case_id: UUID) -> list[Step]:
    """The citizen's timeline, oldest first."""
    return [Step(**record) for record in await rows(STEPS, case_id)]


async def elements(case_id: UUID) -> list[Passage]:
    """Elements entered and left, oldest first."""
    return await _passages(case_id, "entered", "left", "escalated")


async def decisions_of(case_id: UUID) -> list[Passage]:
    """What decision tables decided, with the rules that matched."""
    return await _passages(case_id, "decided")


async def variables_written(case_id: UUID) -> list[Passage]:
    """Every value written, by scope."""
    return await _passages(case_id, "variables")


async def _passages(case_id: UUID, *happened: str) -> list[Passage]:
    found = await rows(PASSAGES, case_id, list(happened))
    return [Passage(**{**record, "details": parse_json(record["details"])}) for record in found]
