"""Modifications: an administrator begins elements and ends what runs, whatever the diagram's flows say. With a reason,
in the journal.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from engine import deployments, dispatch, journal
from engine.actor import Actor
from engine.commands import Activation, Modify
from engine.definition import Definition
from engine.errors import InstanceEnded, InstanceUnknown, ModificationRefused, ReasonMissing
from engine.snapshot import State
from engine.store.statements import transaction

BEGAN_AND_ENDED = "The course of the case was changed ({begun} begun; {ended} ended): {reason}"
BEGAN = "The course of the case was changed ({begun} begun): {reason}"
ENDED = "The course of the case was changed ({ended} ended): {reason}"
NOTHING = "Say what to begin or what to end."


async def modify(
    instance_id: UUID,
    activate: Sequence[Activation],
    terminate: Sequence[int],
    *,
    reason: str,
    by: Actor,
    now: datetime,
) -> None:
    """Begin elements, then end tokens, then let the instance move.

    Raises `ModificationRefused` with the reason, `InstanceUnknown`, `InstanceEnded`, `ReasonMissing`.
    """
    if not reason.strip():
        raise ReasonMissing
    if not activate and not terminate:
        raise ModificationRefused(NOTHING)
    async with transaction():
        locked = await dispatch.lock_instance(instance_id)
        if locked is None:
            raise InstanceUnknown(instance_id=instance_id)
        if locked[0].status != "running":
            raise InstanceEnded(instance_id=instance_id)
        definition = await deployments.definition_of(locked[0].definition_hash)
        at = {token.number: token.node for token in State.load(locked[0].state, definition).whole().tokens}
        begun = _titles(definition, [each.element for each in activate])
        ended = _titles(definition, [at[token] for token in terminate if token in at])
        fact = BEGAN_AND_ENDED if activate and terminate else BEGAN if activate else ENDED
        await journal.write(locked[0].case_id, fact, {"begun": begun, "ended": ended, "reason": reason}, by, now)
        command = Modify(activate=tuple(activate), terminate=tuple(terminate))
        await dispatch.carry(instance_id, command, by, now)


def _titles(definition: Definition, elements: list[str]) -> str:
    named = [definition.elements[element].name if element in definition.elements else "" for element in elements]
    return ", ".join(f"“{name or element}”" for name, element in zip(named, elements, strict=True))
