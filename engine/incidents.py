"""Incidents: cases that cannot move without a person. They open by themselves (`engine.apply`); here they are listed
and retried.

Retrying runs the failed element again: when its cause is not mended, the incident stays open with what is seen now.
"""

import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine import deployments, dispatch, journal, suspensions
from engine.actor import Actor
from engine.apply import marks
from engine.bpmn.errors import NotWaiting
from engine.commands import Resolve
from engine.encoding import parse_json
from engine.errors import EngineError, IncidentUnknown, InstanceEnded, InstanceNotSuspended
from engine.feel.sentences import Sentence, sentence_kept
from engine.snapshot import State
from engine.store.statements import row, rows, transaction

RETRIED = "The blocked step “{element}” was tried again."
RETRIED_BECAUSE = "The blocked step “{element}” was tried again: {reason}"

COLUMNS = """i.id, i.case_id, i.instance_id, i.token, c.reference, c.title, i.procedure, c.department, i.element,
    i.kind, i.message, i.variables, i.opened_at, i.resolved_at, i.resolved_by_name, c.definition_hash,
    i.sentence::text"""


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """What is blocked, where and why; `variables` are names only."""

    id: UUID
    case_id: UUID
    instance_id: UUID
    token: int
    reference: str
    title: str
    procedure: str
    department: str
    element: str
    kind: str
    message: str
    variables: tuple[str, ...]
    opened_at: datetime
    resolved_at: datetime | None
    resolved_by_name: str | None
    definition_hash: str
    sentence: Sentence | None = None

    def says(self, translate: Callable[[str], str] = str) -> str:
        """The message in the reader's language, as far as it was kept as a sentence or is a gettext id."""
        return translate(self.message) if self.sentence is None else self.sentence.says(translate)


async def get(incident_id: UUID) -> Incident:
    """The incident of this id. Raises `IncidentUnknown`."""
    found = await row(
        f"SELECT {COLUMNS} FROM engine_incident i JOIN engine_case c ON c.id = i.case_id WHERE i.id = $1", incident_id
    )
    if found is None:
        raise IncidentUnknown(incident_id=incident_id)
    return _read(found)


async def open_of(departments: tuple[str, ...] | None = None, limit: int = 200) -> list[Incident]:
    """Open incidents of these departments (None: all), newest first."""
    found = await rows(
        f"""SELECT {COLUMNS} FROM engine_incident i JOIN engine_case c ON c.id = i.case_id
            WHERE i.resolved_at IS NULL AND ($1::text[] IS NULL OR c.departments && $1::text[])
            ORDER BY i.opened_at DESC, i.id LIMIT $2""",
        None if departments is None else list(departments),
        limit,
    )
    return [_read(record) for record in found]


async def of_case(case_id: UUID) -> list[Incident]:
    """All incidents of a case, oldest first."""
    found = await rows(
        f"""SELECT {COLUMNS} FROM engine_incident i JOIN engine_case c ON c.id = i.case_id
            WHERE i.case_id = $1 ORDER BY i.opened_at, i.id""",
        case_id,
    )
    return [_read(record) for record in found]


async def of_instance(instance_id: UUID) -> list[UUID]:
    """The open incidents of an instance, oldest first."""
    found = await rows(
        "SELECT id FROM engine_incident WHERE instance_id = $1 AND resolved_at IS NULL ORDER BY opened_at, id",
        instance_id,
    )
    return [record["id"] for record in found]


async def resolve(incident_id: UUID, by: Actor, now: datetime, reason: str = "") -> bool:
    """Try the failed element again. False: the incident was resolved already. Raises `IncidentUnknown`."""
    async with transaction():
        incident = await get(incident_id)
        await dispatch.lock_instance(incident.instance_id)
        incident = await get(incident_id)
        if incident.resolved_at is not None:
            return False
        told = {"element": incident.element} | ({"reason": reason} if reason else {})
        await journal.write(incident.case_id, RETRIED_BECAUSE if reason else RETRIED, told, by, now)
        if incident.token == marks.WHOLE_INSTANCE:
            await _release(incident, reason or incident.kind, by, now)
            return True
        try:
            await dispatch.carry(incident.instance_id, Resolve(token=incident.token), by, now)
        except NotWaiting:
            # Its token has moved on, or the instance has ended: nothing is left to try.
            await marks.close_incident(incident_id, by, now)
        return True


async def _release(incident: Incident, reason: str, by: Actor, now: datetime) -> None:
    """Resume an instance that could not be moved, if its state can be read now; else the incident stays."""
    if not await _is_readable(incident.instance_id):
        return
    await marks.close_incident(incident.id, by, now)
    with contextlib.suppress(InstanceEnded, InstanceNotSuspended):
        await suspensions.resume(incident.instance_id, reason, by, now)


async def _is_readable(instance_id: UUID) -> bool:
    stored = await row("SELECT definition_hash, state FROM engine_instance WHERE id = $1", instance_id)
    try:
        assert stored is not None, "an incident points at its instance"
        State.load(stored["state"], await deployments.definition_of(stored["definition_hash"])).whole()
    except EngineError:
        return False
    return True


async def resolve_many(incident_ids: list[UUID], by: Actor, now: datetime, reason: str = "") -> int:
    """Try several again, each in a transaction of its own. Returns how many were still open."""
    resolved = 0
    for incident_id in incident_ids:
        resolved += await resolve(incident_id, by, now, reason)
    return resolved


def _read(record: Any) -> Incident:
    columns = dict(record)
    columns["variables"] = tuple(columns["variables"])
    kept = parse_json(columns["sentence"])
    columns["sentence"] = None if kept is None else sentence_kept(kept)
    return Incident(**columns)
