"""Batches: one operation on many instances, done by the workers little by little, each instance in a transaction of its
own.

A batch may be paused and goes on where it was, also after a crash: an instance is done together with the mark that says
so. One that refuses is marked with the reason, and the others go on.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import structlog

from engine import cases, incidents, migrations, modifications, operations, suspensions
from engine.actor import Actor
from engine.commands import Activation
from engine.encoding import json_text, parse_json
from engine.errors import (
    BatchUnknown,
    EngineError,
    InstanceStays,
    InstanceUnknown,
    ModificationRefused,
    PlanInvalid,
    ReasonMissing,
)
from engine.feel.problems import ToldError
from engine.ids import new_id
from engine.migration import Mover, Obstacle
from engine.quarantine import is_lasting
from engine.store.statements import row, rows, run, run_many, transaction, value
from engine.wake import hint

TOPIC = "batches"
UNEXPECTED = "An unexpected error kept it from being done ({error})."

ADD = """INSERT INTO engine_batch (id, kind, procedure, parameters, reason, actor, state, begun_at)
    VALUES ($1, $2, $3, $4::text::jsonb, $5, $6::text::jsonb, 'running', $7)"""
ADD_ITEM = """INSERT INTO engine_batch_item (batch_id, instance_id, state, obstacles)
    VALUES ($1, $2, 'waiting', '[]'::jsonb) ON CONFLICT DO NOTHING"""
CLAIM = """SELECT b.id, b.kind, b.parameters::text, b.reason, b.actor::text, i.instance_id
    FROM engine_batch b JOIN engine_batch_item i ON i.batch_id = b.id AND i.state = 'waiting'
    WHERE b.state = 'running'
    ORDER BY b.id, i.instance_id LIMIT 1 FOR UPDATE OF i SKIP LOCKED"""
MARK = """UPDATE engine_batch_item SET state = $3, obstacles = $4::text::jsonb, at = $5
    WHERE batch_id = $1 AND instance_id = $2 AND state = 'waiting'"""
FINISH = """UPDATE engine_batch b SET state = 'finished', finished_at = $1 WHERE state = 'running'
    AND NOT EXISTS (SELECT FROM engine_batch_item i WHERE i.batch_id = b.id AND i.state = 'waiting')"""
COLUMNS = """b.id, b.kind, b.procedure, b.parameters::text, b.reason, b.actor->>'name' AS actor_name, b.state,
    b.begun_at, b.finished_at, (SELECT count(*) FROM engine_batch_item i WHERE i.batch_id = b.id) AS total,
    (SELECT count(*) FROM engine_batch_item i WHERE i.batch_id = b.id AND i.state = 'done') AS done,
    (SELECT count(*) FROM engine_batch_item i WHERE i.batch_id = b.id AND i.state = 'refused') AS refused"""
RECENT = f"""SELECT {COLUMNS} FROM engine_batch b WHERE $1::text IS NULL OR b.procedure = $1
    ORDER BY b.begun_at DESC, b.id DESC LIMIT $2"""

Parameters = dict[str, Any]

log = structlog.get_logger()


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch and how far it is. `state` is `running`, `paused` or `finished`."""

    id: UUID
    kind: str
    procedure: str | None
    parameters: Parameters
    reason: str
    actor_name: str
    state: str
    begun_at: datetime
    finished_at: datetime | None
    total: int
    done: int
    refused: int

    @property
    def waiting(self) -> int:
        """How many instances are still to come."""
        return self.total - self.done - self.refused


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """An instance of a batch that stayed as it was, and why."""

    instance_id: UUID
    case_id: UUID
    reference: str
    title: str
    obstacles: tuple[Obstacle, ...]


class _Item(msgspec.Struct, frozen=True, kw_only=True):
    batch_id: UUID
    kind: str
    parameters: Parameters
    reason: str
    by: Actor
    instance_id: UUID


async def begin(
    kind: str,
    instance_ids: Sequence[UUID],
    *,
    reason: str,
    by: Actor,
    now: datetime,
    parameters: Parameters | None = None,
    procedure: str | None = None,
) -> UUID:
    """Ask for an operation on these instances: `migrate`, `cancel`, `suspend`, `resume`, `edit`, `modify` or `retry`.

    `parameters`: `source`, `target` (content hashes) and `said` of a migration; `variables` of an edit; `begin`
    (elements) and `end` (elements) of a modification. Raises `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing
    if kind not in KINDS:
        raise ValueError(f"expected one of {', '.join(KINDS)} but found {kind}")
    batch_id = new_id(now)
    async with transaction():
        await run(ADD, batch_id, kind, procedure, json_text(parameters or {}), reason, json_text(by), now)
        await run_many(ADD_ITEM, [(batch_id, instance_id) for instance_id in instance_ids])
        await hint(TOPIC)
    return batch_id


async def pause(batch_id: UUID) -> bool:
    """Nothing more of the batch begins. False: it is not running."""
    return await _set_state(batch_id, "running", "paused")


async def go_on(batch_id: UUID) -> bool:
    """The batch goes on where it was. False: it is not paused."""
    gone_on = await _set_state(batch_id, "paused", "running")
    await hint(TOPIC)
    return gone_on


async def advance(limit: int, now: datetime) -> int:
    """Do up to `limit` instances of the running batches. Returns how many were done or refused. Called by workers."""
    did = 0
    while did < limit and await _do_one(now):
        did += 1
    if did < limit:
        await run(FINISH, now)
    return did


async def _do_one(now: datetime) -> bool:
    """Do the next instance, or mark it refused. False: none waits."""
    item: _Item | None = None
    try:
        async with transaction():
            item = await _claim()
            if item is None:
                return False
            await KINDS[item.kind](item, now)
            await run(MARK, item.batch_id, item.instance_id, "done", "[]", now)
    except Exception as failure:
        # The database is away, or another command was faster: the instance waits for its turn again.
        if item is None or not is_lasting(failure):
            raise
        await _refuse(item, failure, now)
    return True


async def get(batch_id: UUID) -> Batch:
    """The batch and how far it is. Raises `BatchUnknown`."""
    found = await row(f"SELECT {COLUMNS} FROM engine_batch b WHERE b.id = $1", batch_id)
    if found is None:
        raise BatchUnknown(batch_id=batch_id)
    return _read(found)


async def recent(procedure: str | None = None, limit: int = 20) -> list[Batch]:
    """The last batches of a procedure (None: of all), newest first."""
    return [_read(record) for record in await rows(RECENT, procedure, limit)]


async def refused(batch_id: UUID, limit: int = 500) -> list[Refused]:
    """The instances that stayed as they were, with the reasons."""
    found = await rows(
        """SELECT b.instance_id, c.id AS case_id, c.reference, c.title, b.obstacles::text
            FROM engine_batch_item b JOIN engine_instance i ON i.id = b.instance_id
            JOIN engine_case c ON c.id = i.case_id
            WHERE b.batch_id = $1 AND b.state = 'refused' ORDER BY b.instance_id LIMIT $2""",
        batch_id,
        limit,
    )
    return [_read_refused(record) for record in found]


async def _set_state(batch_id: UUID, before: str, after: str) -> bool:
    if await value("SELECT id FROM engine_batch WHERE id = $1", batch_id) is None:
        raise BatchUnknown(batch_id=batch_id)
    changed = await value(
        "UPDATE engine_batch SET state = $3 WHERE id = $1 AND state = $2 RETURNING id", batch_id, before, after
    )
    return changed is not None


async def _claim() -> _Item | None:
    found = await row(CLAIM)
    if found is None:
        return None
    return _Item(
        batch_id=found["id"],
        kind=found["kind"],
        parameters=parse_json(found["parameters"]),
        reason=found["reason"],
        by=msgspec.json.decode(found["actor"], type=Actor),
        instance_id=found["instance_id"],
    )


async def _refuse(item: _Item, failure: Exception, now: datetime) -> None:
    if not isinstance(failure, EngineError):
        log.error("batch_item_failed", batch=str(item.batch_id), error=type(failure).__name__, exc_info=failure)
    obstacles = json_text([msgspec.to_builtins(each) for each in obstacles_of(failure)])
    await run(MARK, item.batch_id, item.instance_id, "refused", obstacles, now)


def obstacles_of(failure: Exception) -> tuple[Obstacle, ...]:
    """Why an operation was refused, as sentences that screens translate."""
    match failure:
        case InstanceStays(obstacles=obstacles):
            return obstacles
        case (
            ModificationRefused(reason=reason, parameters=parameters)
            | PlanInvalid(reason=reason, parameters=parameters)
        ):
            return (Obstacle(reason, parameters),)
        case ToldError():
            return (Obstacle.telling(failure.sentence),)
        case EngineError():
            return (Obstacle(str(failure)),)
        case _:
            return (Obstacle(UNEXPECTED, {"error": type(failure).__name__}),)


# --- the kinds -------------------------------------------------------------------------------------------------------


async def _migrate(item: _Item, now: datetime) -> None:
    parameters = item.parameters
    mover: Mover = await migrations.mover_between(
        parameters["source"], parameters["target"], parameters.get("said", {})
    )
    await migrations.migrate(item.instance_id, mover, item.reason, item.by, now)


async def _cancel(item: _Item, now: datetime) -> None:
    await cases.cancel(await _case_of(item), item.reason, item.by, now)


async def _suspend(item: _Item, now: datetime) -> None:
    await suspensions.suspend(item.instance_id, item.reason, item.by, now)


async def _resume(item: _Item, now: datetime) -> None:
    await suspensions.resume(item.instance_id, item.reason, item.by, now)


async def _edit(item: _Item, now: datetime) -> None:
    await operations.set_variables(item.instance_id, item.parameters["variables"], item.reason, item.by, now)


async def _modify(item: _Item, now: datetime) -> None:
    begun = [Activation(element=element) for element in item.parameters.get("begin", [])]
    ended = await operations.tokens_at(item.instance_id, item.parameters.get("end", []))
    await modifications.modify(item.instance_id, begun, ended, reason=item.reason, by=item.by, now=now)


async def _retry(item: _Item, now: datetime) -> None:
    for incident in await incidents.of_instance(item.instance_id):
        await incidents.resolve(incident, item.by, now, item.reason)


async def _case_of(item: _Item) -> UUID:
    found: UUID | None = await value("SELECT case_id FROM engine_instance WHERE id = $1", item.instance_id)
    if found is None:
        raise InstanceUnknown(instance_id=item.instance_id)
    return found


KINDS: dict[str, Callable[[_Item, datetime], Awaitable[None]]] = {
    "migrate": _migrate,
    "cancel": _cancel,
    "suspend": _suspend,
    "resume": _resume,
    "edit": _edit,
    "modify": _modify,
    "retry": _retry,
}


def _read(record: Any) -> Batch:
    return Batch(**{**record, "parameters": parse_json(record["parameters"])})


def _read_refused(record: Any) -> Refused:
    columns: dict[str, Any] = dict(record)
    columns["obstacles"] = msgspec.convert(parse_json(columns["obstacles"]), tuple[Obstacle, ...])
    return Refused(**columns)
