"""Creations: a case begun by another system, with variables in place of a form's answers. One verb, one transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine import dispatch, journal
from engine.actor import Actor
from engine.cases import FILED
from engine.commands import Start
from engine.definition import Definition
from engine.encoding import json_text
from engine.errors import EngineError
from engine.filing import Filing, file_case
from engine.store.statements import row, run, transaction

ORIGIN = "api"
ADD_FACTS = "UPDATE engine_case SET context = context || $2::text::jsonb WHERE id = $1"


class NothingStarts(EngineError):
    """The process has no start event that begins without a message, a signal or a time."""


class Created(msgspec.Struct, frozen=True):
    """The case and its first instance; not `is_new` when the key was used before."""

    case_id: UUID
    instance_id: UUID
    is_new: bool


async def create(
    definition: Definition,
    variables: dict[str, Any],
    *,
    process: str,
    facts: dict[str, Any],
    by: Actor,
    now: datetime,
    key: str | None,
    follow_url: str = "",
) -> Created:
    """File a case and start `process` of the definition; the same `key` again returns what it created first.

    `variables` become those of the root scope. Among them `answers`, if it is an object, is what the manifest's
    expressions look at; `case` is ours, with `facts` added. Raises `NothingStarts`.
    """
    _check_start(definition, process)
    answers = variables.get("answers")
    filing = Filing(
        manifest=definition.manifest,
        definition_hash=definition.hash,
        answers=answers if isinstance(answers, dict) else {},  # pyright: ignore[reportUnknownArgumentType]
        form="",
        origin=ORIGIN,
        language="fr",
        channel="email",
        applicant=None,
        by=by,
        now=now,
        key=key,
        follow_url=follow_url,
    )
    async with transaction():
        filed = await file_case(filing)
        if filed is None:
            return await _created_before(key)
        if facts:
            await run(
                "UPDATE engine_case SET context = context || $2::text::jsonb WHERE id = $1",
                filed.facts.id,
                json_text(facts),
            )
        case = msgspec.structs.replace(filed.facts, context={**filed.facts.context, **facts})
        await journal.write(case.id, FILED, {"origin": ORIGIN}, by, now, public=True)
        given = {"answers": {}, **variables, "case": {**filed.variable, **facts}}
        instance_id = await dispatch.begin(case, definition, Start(variables=given, process=process), by, now)
        return Created(case.id, instance_id, True)


def _check_start(definition: Definition, process: str) -> None:
    plain = any(
        element.kind == "startEvent" and element.parent is None and element.process == process and not element.events
        for element in definition.elements.values()
    )
    if not plain:
        raise NothingStarts(process=process)


async def _created_before(key: str | None) -> Created:
    found = await row(
        """SELECT c.id AS case_id, i.id AS instance_id FROM engine_case c JOIN engine_instance i ON i.case_id = c.id
            AND i.parent_id IS NULL WHERE c.key = $1""",
        key,
    )
    assert found is not None, "the key was refused because this case has it"
    return Created(found["case_id"], found["instance_id"], False)
