"""Held: what reaches a suspended instance is kept with it, in order, until it is resumed. Nothing is lost, nothing
moves.

Administrators' own commands move a suspended instance: they suspended it to mend it. Whoever completes a task is told.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine.actor import Actor
from engine.commands import (
    Cancel,
    ChildEnded,
    ChildEscalated,
    Command,
    CompleteJob,
    Deliver,
    FailJob,
    Modify,
    Resolve,
    SetVariables,
    ThrowError,
)
from engine.encoding import json_text
from engine.errors import InstanceSuspended
from engine.snapshot import tagged, untagged
from engine.store.statements import rows, run

Holdable = CompleteJob | ThrowError | FailJob | Deliver | ChildEnded | ChildEscalated

ADD = "INSERT INTO engine_held (instance_id, command, actor, held_at) VALUES ($1, $2, $3::text::jsonb, $4)"
TAKE = "DELETE FROM engine_held WHERE instance_id = $1 RETURNING id, command, actor::text"

_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Holdable, ext_hook=untagged)


class Held(msgspec.Struct, frozen=True):
    """One command that waited for the resumption, and who gave it."""

    command: Holdable
    by: Actor


def moves_suspended(command: Command) -> bool:
    """Whether the command is an administrator's, who may move what is suspended."""
    return isinstance(command, (Cancel, SetVariables, Resolve, Modify))


async def hold(instance_id: UUID, command: Command, by: Actor, now: datetime) -> None:
    """Keep a command for the resumption. Raises `InstanceSuspended` for one that its giver must give again."""
    if not isinstance(command, Holdable):
        raise InstanceSuspended(instance_id=instance_id)
    await run(ADD, instance_id, encoded(command), json_text(by), now)


async def take(instance_id: UUID) -> list[Held]:
    """What was kept for this instance, in the order it came; it is kept no longer."""
    found = sorted(await rows(TAKE, instance_id), key=lambda record: int(record["id"]))
    return [Held(_decoder.decode(each["command"]), msgspec.json.decode(each["actor"], type=Actor)) for each in found]


async def count(instance_ids: list[UUID]) -> dict[UUID, int]:
    """How much was kept, by instance."""
    found = await rows(
        "SELECT instance_id, count(*) AS held FROM engine_held WHERE instance_id = ANY($1::uuid[]) GROUP BY 1",
        instance_ids,
    )
    return {record["instance_id"]: record["held"] for record in found}


def encoded(command: Holdable) -> bytes:
    """A command as bytes; temporal values of its variables are tagged as in a stored state."""
    loose: dict[str, Any] = {
        name: tagged(getattr(command, name)) for name in ("variables", "case") if hasattr(command, name)
    }
    return _encoder.encode(msgspec.structs.replace(command, **loose))


def decoded(stored: bytes) -> Holdable:
    """The command in these bytes."""
    return _decoder.decode(stored)
