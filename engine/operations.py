"""Operations: what an administrator sees of running instances, and edits: where they stand, their variables.

Suspending, modifying, migrating and batches have modules of their own; each operation has a reason, in the journal.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from engine import deployments, dispatch, journal
from engine.actor import Actor
from engine.bpmn.errors import ElementFailed
from engine.bpmn.runtime.token import FAILED
from engine.bpmn.storable import storable
from engine.commands import SetVariables
from engine.definition import Definition
from engine.errors import (
    InstanceEnded,
    InstanceUnknown,
    ReasonMissing,
    VariableNameInvalid,
    VariableValueInvalid,
)
from engine.snapshot import State
from engine.store.statements import row, rows, transaction

LONGEST_NAME = 200
VARIABLES_EDITED = "Variables were edited ({names}): {reason}"


class InstanceView(msgspec.Struct, frozen=True, kw_only=True):
    """An instance as operators list it. A suspended one is `running` too, since `suspended_at`."""

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
    deployment_id: UUID
    slug: str
    version: int


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """A place where an instance stands: a token at an element. `within` is the token of the container it runs in (0:
    the process); `outside` names that container.
    """

    token: int
    element: str
    name: str
    kind: str
    within: int
    outside: str
    state: Literal["waiting", "blocked", "inside"]


async def instances_of(case_id: UUID) -> list[InstanceView]:
    """The instances of a case, the root first."""
    found = await rows(
        """SELECT i.id, i.case_id, i.parent_id, i.definition_hash, i.process, i.rev, i.status, i.started_at, i.ended_at,
                i.suspended_at, d.id AS deployment_id, d.slug, d.version
            FROM engine_instance i JOIN engine_deployment d ON d.hash = i.definition_hash
            WHERE i.case_id = $1 ORDER BY i.parent_id IS NOT NULL, i.id""",
        case_id,
    )
    return [InstanceView(**record) for record in found]


async def variables_of(instance_id: UUID) -> dict[str, Any]:
    """The variables of the root scope. Raises `InstanceUnknown`."""
    variables: dict[str, Any] = dict((await _state_of(instance_id))[1].variables)
    return variables


async def positions_of(instance_id: UUID) -> list[Position]:
    """Where an instance stands, in the order its tokens began. Raises `InstanceUnknown`."""
    definition, state = await _state_of(instance_id)
    hosts = {frame.host for frame in state.frames if frame.host}
    repeated = {token.body for token in state.tokens if token.body is not None}
    at = {token.number: token.node for token in state.tokens}
    found: list[Position] = []
    for token in sorted(state.tokens, key=lambda token: token.number):
        if token.passive:
            continue
        element = definition.elements[token.node]
        inside = token.number in hosts or token.number in repeated
        found.append(
            Position(
                token=token.number,
                element=token.node,
                name=element.name or token.node,
                kind=element.kind,
                within=token.frame,
                outside=_name(definition, at[token.frame]) if token.frame in at else "",
                state="blocked" if token.state == FAILED else "inside" if inside else "waiting",
            )
        )
    return found


async def tokens_at(instance_id: UUID, elements: Sequence[str]) -> list[int]:
    """The tokens that stand at these elements; of a repeated one, the whole. Raises `InstanceUnknown`."""
    _, state = await _state_of(instance_id)
    return [
        token.number for token in state.tokens if token.node in elements and not token.passive and token.body is None
    ]


async def set_variables(
    instance_id: UUID, variables: dict[str, Any], reason: str, by: Actor, now: datetime, token: int | None = None
) -> None:
    """Edit variables of the root scope, or of the scope of `token`.

    Raises `ReasonMissing`, `InstanceUnknown`, `InstanceEnded`, `VariableNameInvalid`, `VariableValueInvalid`.
    """
    if not reason.strip():
        raise ReasonMissing
    _check(variables)
    async with transaction():
        locked = await dispatch.lock_instance(instance_id)
        if locked is None:
            raise InstanceUnknown(instance_id=instance_id)
        if locked[0].status != "running":
            raise InstanceEnded(instance_id=instance_id)
        told = {"names": ", ".join(sorted(variables)), "reason": reason}
        await journal.write(locked[0].case_id, VARIABLES_EDITED, told, by, now)
        await dispatch.carry(instance_id, SetVariables(variables=variables, token=token), by, now)


def _check(variables: dict[str, Any]) -> None:
    for name, given in variables.items():
        if not name.strip() or len(name) > LONGEST_NAME:
            raise VariableNameInvalid(name=name)
        try:
            storable(given)
        except (ElementFailed, OverflowError, RecursionError) as failure:
            raise VariableValueInvalid(name=name) from failure


async def _state_of(instance_id: UUID) -> tuple[Definition, State]:
    found = await row("SELECT definition_hash, state FROM engine_instance WHERE id = $1", instance_id)
    if found is None:
        raise InstanceUnknown(instance_id=instance_id)
    definition = await deployments.definition_of(found["definition_hash"])
    return definition, State.load(found["state"], definition).whole()


def _name(definition: Definition, element: str) -> str:
    return definition.elements[element].name or element
