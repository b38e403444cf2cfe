"""Migrations: running instances go on with another version of their procedure. First a dry run, that judges every
live instance; then one after the other, each in a transaction of its own, or many as a batch (`engine.batches`).

An instance moves whole, with the instances of the same version it has called, or stays and says why.
"""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine import deployments, dispatch, journal
from engine.actor import Actor
from engine.apply import CaseFacts, Moment, Running, moving
from engine.apply.moving import Place
from engine.bpmn.errors import StateRefused
from engine.definition import Definition
from engine.errors import (
    DeploymentUnknown,
    InstanceEnded,
    InstanceStays,
    InstanceUnknown,
    OtherProcedure,
    ReasonMissing,
)
from engine.migration import Moved, Mover, Obstacle, plan_with
from engine.migration.obstacles import OTHER_VERSION, UNREADABLE
from engine.snapshot import State
from engine.store.statements import row, rows, transaction, value

MIGRATED = "The case goes on with version {version}: {reason}"
PAGE = 200

Said = Mapping[str, str | None]

# Instances called by one of the same version follow their caller.
HEADS = """SELECT i.id, i.case_id, i.state, i.suspended_at, c.reference, c.title
    FROM engine_instance i JOIN engine_case c ON c.id = i.case_id
    LEFT JOIN engine_instance p ON p.id = i.parent_id AND p.definition_hash = i.definition_hash
    WHERE i.definition_hash = $1 AND i.status = 'running' AND p.id IS NULL AND ($2::uuid IS NULL OR i.id > $2)
    ORDER BY i.id LIMIT $3"""
CALLED = """WITH RECURSIVE family AS (
        SELECT id FROM engine_instance WHERE id = $1
        UNION ALL SELECT i.id FROM engine_instance i JOIN family f ON i.parent_id = f.id
            WHERE i.status = 'running' AND i.definition_hash = $2)
    SELECT i.id, i.state FROM engine_instance i JOIN family f ON f.id = i.id WHERE i.id <> $1 ORDER BY i.id"""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a dry run says of one instance: without obstacles, it can move."""

    instance_id: UUID
    case_id: UUID
    reference: str
    title: str
    is_suspended: bool
    obstacles: tuple[Obstacle, ...]

    @property
    def moves(self) -> bool:
        """It can move."""
        return not self.obstacles


async def mover_between(source_hash: str, target_hash: str, said: Said) -> Mover:
    """What moves instances of one version to another of the same procedure, by the automatic plan and what is said.

    Raises `DeploymentUnknown`, `OtherProcedure`, `PlanInvalid`.
    """
    old, new = await deployments.definition_of(source_hash), await deployments.definition_of(target_hash)
    if old.manifest.slug != new.manifest.slug:
        raise OtherProcedure
    return Mover(old, new, plan_with(old, new, said))


async def verdicts(mover: Mover, now: datetime) -> AsyncIterator[Verdict]:
    """The dry run: every live instance of the version to leave, with what keeps it there. Changes nothing."""
    after: UUID | None = None
    while page := await rows(HEADS, mover.old.hash, after, PAGE):
        for head in page:
            states = [head["state"], *(each["state"] for each in await _called(head["id"], mover.old))]
            yield Verdict(
                instance_id=head["id"],
                case_id=head["case_id"],
                reference=head["reference"],
                title=head["title"],
                is_suspended=head["suspended_at"] is not None,
                obstacles=_obstacles(mover, states, now),
            )
        after = page[-1]["id"]


async def migrate(instance_id: UUID, mover: Mover, reason: str, by: Actor, now: datetime) -> None:
    """Move one instance, with what it has called. Raises `InstanceStays` with every obstacle, `InstanceUnknown`,
    `InstanceEnded`, `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing
    version = await _version(mover.new.hash)
    async with transaction():
        running = await _running(instance_id, mover)
        family = [instance_id, *(called["id"] for called in await _called(instance_id, mover.old))]
        members = [locked for each in family if (locked := await dispatch.lock_instance(each)) is not None]
        moved = [mover.move(State.load(member.state, mover.old), now) for member, _ in members]
        obstacles = tuple(each for found in moved if isinstance(found, tuple) for each in found)
        if obstacles:
            raise InstanceStays(obstacles)
        await journal.write(running.case_id, MIGRATED, {"version": version, "reason": reason}, by, now)
        for (member, _), found in zip(members, moved, strict=True):
            assert isinstance(found, Moved)
            await _move(member.id, mover, found, by, now)


async def _running(instance_id: UUID, mover: Mover) -> Running:
    locked = await dispatch.lock_instance(instance_id)
    if locked is None:
        raise InstanceUnknown(instance_id=instance_id)
    if locked[0].status != "running":
        raise InstanceEnded(instance_id=instance_id)
    if locked[0].definition_hash != mover.old.hash:
        raise InstanceStays((Obstacle(OTHER_VERSION),))
    return locked[0]


async def _move(instance_id: UUID, mover: Mover, moved: Moved, by: Actor, now: datetime) -> None:
    # What an earlier member brought about may have moved the case meanwhile; the instance itself is locked.
    locked = await dispatch.lock_instance(instance_id)
    assert locked is not None
    running, case = locked
    running = msgspec.structs.replace(running, definition_hash=mover.new.hash, process=moved.process)
    moment = _moment(running, case, mover.new, by, now)
    await moving.move_rows(moment, moved.process, places_of(moved, mover.new))
    await moving.note_migration(moment, instance_id, {"from": mover.old.hash, "to": mover.new.hash})
    await dispatch.settle(moment, moved.state, moved.effects)


def _moment(running: Running, case: CaseFacts, definition: Definition, by: Actor, now: datetime) -> Moment:
    return Moment(running=running, case=case, term=definition.manifest.term, by=by, now=now)


def places_of(moved: Moved, definition: Definition) -> list[Place]:
    """Where every kept token is, as its rows tell it."""
    starts = {token.number: token.start for token in moved.state.whole().tokens if token.passive}
    return [
        Place(
            token=token,
            element=element,
            name=definition.elements[element].name or element,
            form=definition.elements[element].form_id,
            watched=starts.get(token) or element,
        )
        for token, element in moved.elements.items()
    ]


def _obstacles(mover: Mover, states: list[bytes], now: datetime) -> tuple[Obstacle, ...]:
    try:
        found = [mover.move(State.load(state, mover.old), now) for state in states]
    except StateRefused:
        return (Obstacle(UNREADABLE),)
    return tuple(each for obstacles in found if isinstance(obstacles, tuple) for each in obstacles)


async def _called(instance_id: UUID, old: Definition) -> list[Any]:
    return await rows(CALLED, instance_id, old.hash)


async def _version(content_hash: str) -> int:
    found: int | None = await value("SELECT version FROM engine_deployment WHERE hash = $1", content_hash)
    if found is None:
        raise DeploymentUnknown(hash=content_hash)
    return found


async def live_count(content_hash: str) -> int:
    """How many instances still run on a version."""
    found = await row(
        "SELECT count(*) AS live FROM engine_instance WHERE definition_hash = $1 AND status = 'running'", content_hash
    )
    return int(found["live"]) if found else 0
