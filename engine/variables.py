"""Variables: what the scopes of a stored instance hold, for those who look in from outside. Only reads.

Values leave as plain JSON: temporal values of FEEL become their text.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from engine import deployments
from engine.errors import InstanceUnknown
from engine.feel.json import to_json
from engine.snapshot import State
from engine.store.statements import rows

STATES = "SELECT id, definition_hash, state FROM engine_instance WHERE id = ANY($1::uuid[])"


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """One variable. `scope` 0 is the root's; `token` is that of the element whose scope it is (None: the process)."""

    scope: int
    token: int | None
    name: str
    value: Any


async def states_of(instance_ids: list[UUID]) -> dict[UUID, State]:
    """The stored states of these instances."""
    found = await rows(
        "SELECT id, definition_hash, state FROM engine_instance WHERE id = ANY($1::uuid[])", instance_ids
    )
    return {
        record["id"]: State.load(record["state"], await deployments.definition_of(record["definition_hash"])).whole()
        for record in found
    }


async def state_of(instance_id: UUID) -> State:
    """The stored state of an instance. Raises `InstanceUnknown`."""
    found = await states_of([instance_id])
    if instance_id not in found:
        raise InstanceUnknown(instance_id=instance_id)
    return found[instance_id]


def every(state: State) -> list[Variable]:
    """All variables, scope by scope, each scope by name."""
    owners = _owners(state)
    root = state.scopes[0].number if state.scopes else 0
    return [
        Variable(
            scope=0 if scope.number == root else scope.number, token=owners.get(scope.number), name=name, value=value
        )
        for scope in state.scopes
        for name, value in ((name, to_json(scope.values[name])) for name in sorted(scope.values))
    ]


def visible(state: State, token: int | None, only: tuple[str, ...] = ()) -> dict[str, Any]:
    """What an element sees: its own scope, then outwards; `only` these names, when some are given."""
    scopes = {scope.number: scope for scope in state.scopes}
    at = next((each for each in state.tokens if each.number == token), None)
    number: int | None = (at.scope if at.local is None else at.local) if at else _root(state)
    found: dict[str, Any] = {}
    while number is not None and number in scopes:
        for name, value in scopes[number].values.items():
            if name not in found and (not only or name in only):
                found[name] = to_json(value)
        number = scopes[number].outer
    return found


def _root(state: State) -> int | None:
    return state.scopes[0].number if state.scopes else None


def _owners(state: State) -> Mapping[int, int]:
    owners = {frame.scope: frame.host for frame in state.frames if frame.host}
    return owners | {token.local: token.number for token in state.tokens if token.local is not None}
