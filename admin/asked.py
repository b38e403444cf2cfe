"""Asked: an operation as an administrator asks for it on a page; what is wrong with it, and doing it."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from desk import cancellations
from engine import batches, incidents, modifications, operations, suspensions
from engine.actor import Actor
from engine.commands import Activation
from engine.errors import InstanceUnknown
from web.pages.identifiers import identifier_of
from web.pages.language import translate

OPERATIONS = ("suspendre", "reprendre", "valeur", "parcours", "annuler", "reessayer")

# What a person may type as one value.
LONGEST, DEEPEST = 100_000, 40


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """An operation as it was typed. `value` is JSON; `begin` are elements, `end` numbers of what runs."""

    operation: str
    instance_id: str = ""
    reason: str = ""
    begin: tuple[str, ...] = ()
    within: str = ""
    end: tuple[str, ...] = ()
    name: str = ""
    value: str = ""

    @property
    def instance(self) -> UUID | None:
        """The instance it is for."""
        return identifier_of(self.instance_id)


def problem_of(asked: Asked) -> str:
    """What must be mended before the operation can be confirmed, as the page's word for it; empty when nothing."""
    if asked.operation not in OPERATIONS or (asked.instance is None and asked.operation != "annuler"):
        return "operation"
    if not asked.reason:
        return "reason"
    if asked.operation == "valeur" and (not asked.name or len(asked.name) > 200):
        return "name"
    if asked.operation == "valeur" and not _is_json(asked.value):
        return "value"
    if asked.operation == "parcours" and not _is_change(asked):
        return "change"
    return ""


async def perform(case_id: UUID, asked: Asked, by: Actor, now: datetime) -> None:
    """Do what was asked and confirmed. Raises the engine's refusals."""
    if asked.operation == "annuler":
        await cancellations.cancel(case_id, asked.reason, by=by, now=now)
        return
    instance_id = asked.instance
    if instance_id is None or instance_id not in [one.id for one in await operations.instances_of(case_id)]:
        raise InstanceUnknown(instance_id=asked.instance_id)
    match asked.operation:
        case "suspendre":
            await suspensions.suspend(instance_id, asked.reason, by, now)
        case "reprendre":
            await suspensions.resume(instance_id, asked.reason, by, now)
        case "valeur":
            variables = {asked.name: msgspec.json.decode(asked.value)}
            await operations.set_variables(instance_id, variables, asked.reason, by, now)
        case "parcours":
            await _change(instance_id, asked, by, now)
        case _:
            await incidents.resolve_many(await incidents.of_instance(instance_id), by, now, asked.reason)


async def _change(instance_id: UUID, asked: Asked, by: Actor, now: datetime) -> None:
    within = int(asked.within) if asked.within else None
    begin = [Activation(element=element, inside=within) for element in asked.begin]
    await modifications.modify(
        instance_id, begin, [int(token) for token in asked.end], reason=asked.reason, by=by, now=now
    )


def obstacles_said(refused: Exception) -> list[str]:
    """Why an operation was refused, in the reader's words."""
    return [obstacle.says(translate) for obstacle in batches.obstacles_of(refused)]


def _is_json(text: str) -> bool:
    if len(text) > LONGEST or "\\u0000" in text or "\0" in text:
        return False
    try:
        return _is_shallow(msgspec.json.decode(text), DEEPEST)
    except (msgspec.DecodeError, RecursionError):
        return False


def _is_shallow(value: Any, levels: int) -> bool:
    inner: list[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []
    return levels > 0 and all(_is_shallow(each, levels - 1) for each in inner)


def _is_change(asked: Asked) -> bool:
    numbers = [*asked.end, *([asked.within] if asked.within else [])]
    return bool(asked.begin or asked.end) and all(number.isdecimal() and len(number) < 16 for number in numbers)
