"""Creations: a case begun by another system, with variables in place of a form's answers. One verb, one transaction."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine import dispatch
from engine.actor import Actor
from engine.cases import FILED
from engine.commands import Start
from engine.commit import Commit, committed
from engine.definition import Definition
from engine.errors import EngineError
from engine.filing import Filing, KeyUsed, file_case
from engine.store.statements import value

ORIGIN = "api"


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
        more=facts,
    )

    async def work(commit: Commit) -> Created:
        filed = await file_case(commit, filing)
        commit.note(filed.facts.id, FILED, {"origin": ORIGIN}, public=True)
        start = Start(variables={"answers": {}, **variables, "case": filed.variable}, process=process)
        return Created(filed.facts.id, await dispatch.begin(commit, filed.facts.id, definition, start), True)

    try:
        return await committed(work, by, now)
    except KeyUsed as used:
        return await _created_before(used.case_id)


def _check_start(definition: Definition, process: str) -> None:
    plain = any(
        element.kind == "startEvent" and element.parent is None and element.process == process and not element.events
        for element in definition.elements.values()
    )
    if not plain:
        raise NothingStarts(process=process)


async def _created_before(case_id: UUID) -> Created:
    instance_id = await value("SELECT id FROM engine_instance WHERE case_id = $1 AND parent_id IS NULL", case_id)
    assert instance_id is not None, "a case that was created so has an instance"
    return Created(case_id, instance_id, False)
