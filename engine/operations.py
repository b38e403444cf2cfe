"""Operations: what an administrator does to a running instance: look inside, edit variables. Each with a reason, in
the journal.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine import deployments, dispatch, journal
from engine.actor import Actor
from engine.commands import SetVariables
from engine.errors import InstanceUnknown, ReasonMissing
from engine.snapshot import State
from engine.store.statements import row, rows, transaction

VARIABLES_EDITED = "Variables were edited ({names}): {reason}"


class InstanceView(msgspec.Struct, frozen=True, kw_only=True):
    """An instance as operators list it."""

    id: UUID
    case_id: UUID
    parent_id: UUID | None
    definition_hash: str
    process: str
    rev: int
    status: str
    started_at: datetime
    ended_at: datetime | None
    suspended_at: datetime | None


async def instances_of(case_id: UUID) -> list[InstanceView]:
    """The instances of a case, the root first."""
    found = await rows(
        """SELECT id, case_id, parent_id, definition_hash, process, rev, status, started_at, ended_at,
                suspended_at FROM engine_instance WHERE case_id = $1 ORDER BY parent_id IS NOT NULL, id""",
        case_id,
    )
    return [InstanceView(**record) for record in found]


async def variables_of(instance_id: UUID) -> dict[str, Any]:
    """The variables of the root scope. Raises `InstanceUnknown`."""
    found = await row("SELECT definition_hash, state FROM engine_instance WHERE id = $1", instance_id)
    if found is None:
        raise InstanceUnknown(instance_id=instance_id)
    definition = await deployments.definition_of(found["definition_hash"])
    variables: dict[str, Any] = dict(State.load(found["state"], definition).variables)
    return variables


async def set_variables(
    instance_id: UUID, variables: dict[str, Any], reason: str, by: Actor, now: datetime, token: int | None = None
) -> None:
    """Edit variables of the root scope, or of the scope of `token`. Raises `ReasonMissing`, `InstanceUnknown`."""
    if not reason.strip():
        raise ReasonMissing
    async with transaction():
        locked = await dispatch.lock_instance(instance_id)
        if locked is None:
            raise InstanceUnknown(instance_id=instance_id)
        told = {"names": ", ".join(sorted(variables)), "reason": reason}
        await journal.write(locked[0].case_id, VARIABLES_EDITED, told, by, now)
        await dispatch.carry(instance_id, SetVariables(variables=variables, token=token), by, now)
