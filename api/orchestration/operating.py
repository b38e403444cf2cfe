"""Operating: changing the course of a running instance: modify, migrate. Many at once: `batching`."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from litestar import Request, post

from api import parts
from api.errors import Conflict, InvalidArgument, NothingHere
from api.guards import actor_of, client_of, scoped
from api.house import now_of
from api.keys import read_key
from api.orchestration import lookups
from api.orchestration.elements import ELEMENTS
from api.orchestration.instances import INSTANCES
from api.parts import Part
from api.shapes import Shape
from engine import migrations, modifications, operations
from engine.commands import Activation
from engine.errors import (
    InstanceEnded,
    InstanceStays,
    InstanceSuspended,
    ModificationRefused,
    OtherProcedure,
    PlanInvalid,
)

REASON = "Demandé par l'API."


class VariableInstruction(Shape, frozen=True, kw_only=True):
    """Variables to write with an element that is begun."""

    variables: dict[str, Any]
    scope_id: str = ""


class ActivateInstruction(Shape, frozen=True, kw_only=True):
    """An element to begin, in the container that the ancestor's key names when several run."""

    element_id: str
    variable_instructions: list[VariableInstruction] = []
    ancestor_element_instance_key: str = "-1"


class TerminateInstruction(Shape, frozen=True, kw_only=True):
    """What to end: one element instance by its key, or all of an element."""

    element_instance_key: str | None = None
    element_id: str | None = None


class MoveInstruction(Shape, frozen=True, kw_only=True):
    """What to end, and what to begin in its place."""

    source_element_instruction: dict[str, Any] = {}
    source_element_id: str | None = None
    target_element_id: str
    ancestor_scope_instruction: dict[str, Any] | None = None
    variable_instructions: list[VariableInstruction] = []


class Modification(Shape, frozen=True, kw_only=True):
    """Elements to begin and to end, at once."""

    operation_reference: int | None = None
    activate_instructions: list[ActivateInstruction] = []
    move_instructions: list[MoveInstruction] = []
    terminate_instructions: list[TerminateInstruction] = []


class MappingInstruction(Shape, frozen=True, kw_only=True):
    """Which element of the old version becomes which of the new one."""

    source_element_id: str
    target_element_id: str


class Migration(Shape, frozen=True, kw_only=True):
    """The version to go on with. Elements of equal ids correspond; the mapping says the others."""

    target_process_definition_key: str
    mapping_instructions: list[MappingInstruction] = []
    operation_reference: int | None = None


INSTANCE = "/v2/process-instances/{process_instance_key:str}"


@post(f"{INSTANCE}/modification", guards=[scoped("operate")], status_code=204, tags=["operations"])
async def modify(request: Request[Any, Any, Any], process_instance_key: str, data: Modification) -> None:
    """Begin elements and end what runs, whatever the flows say."""
    record, client = await _running(request, process_instance_key), client_of(request)
    instance_id = record["id"]
    begun = [await _activation(instance_id, each, client) for each in data.activate_instructions]
    ended = [token for each in data.terminate_instructions for token in await _tokens(instance_id, each, client)]
    for move in data.move_instructions:
        source = move.source_element_instruction
        what = TerminateInstruction(
            element_id=source.get("sourceElementId") or move.source_element_id,
            element_instance_key=source.get("sourceElementInstanceKey"),
        )
        tokens = await _tokens(instance_id, what, client)
        written = _variables(move.variable_instructions)
        ended += tokens
        begun += [Activation(element=move.target_element_id, variables=written) for _ in tokens]
    try:
        await modifications.modify(instance_id, begun, ended, reason=REASON, by=actor_of(request), now=now_of(request))
    except ModificationRefused as refused:
        raise InvalidArgument(str(refused)) from refused
    except (InstanceEnded, InstanceSuspended) as refused:
        raise Conflict(str(refused)) from refused


@post(f"{INSTANCE}/migration", guards=[scoped("operate")], status_code=204, tags=["operations"])
async def migrate(request: Request[Any, Any, Any], process_instance_key: str, data: Migration) -> None:
    """Let an instance go on with another version of its procedure, or say why it cannot."""
    record = await _running(request, process_instance_key)
    target = await target_of(request, data)
    try:
        mover = await migrations.mover_between(record["definition_hash"], target.definition_hash, said_of(data))
        await migrations.migrate(record["id"], mover, REASON, actor_of(request), now_of(request))
    except (PlanInvalid, OtherProcedure) as refused:
        raise InvalidArgument(str(refused)) from refused
    except InstanceStays as refused:
        raise Conflict("; ".join(obstacle.sentence for obstacle in refused.obstacles)) from refused
    except (InstanceEnded, InstanceSuspended) as refused:
        raise Conflict(str(refused)) from refused


async def _running(request: Request[Any, Any, Any], key: str) -> Any:
    record = await lookups.get(INSTANCES, key, client_of(request))
    if record["state"] != "ACTIVE":
        raise NothingHere("The process instance has ended.")
    return record


async def _activation(instance_id: UUID, asked: ActivateInstruction, client: Any) -> Activation:
    inside = None
    if asked.ancestor_element_instance_key != "-1" and (read_key(asked.ancestor_element_instance_key) or 0) < 1 << 50:
        inside = await _token_of(instance_id, asked.ancestor_element_instance_key, client)
    return Activation(element=asked.element_id, inside=inside, variables=_variables(asked.variable_instructions))


def _variables(instructions: Iterable[VariableInstruction]) -> dict[str, Any]:
    return {name: value for each in instructions for name, value in each.variables.items()}


async def _tokens(instance_id: UUID, asked: TerminateInstruction, client: Any) -> list[int]:
    if asked.element_instance_key:
        return [await _token_of(instance_id, asked.element_instance_key, client)]
    if not asked.element_id:
        raise InvalidArgument("Expected “elementInstanceKey” or “elementId” to say what to end.")
    found = await operations.tokens_at(instance_id, [asked.element_id])
    if not found:
        raise InvalidArgument(f"Nothing runs at the element “{asked.element_id[:80]}”.")
    return found


async def _token_of(instance_id: UUID, key: str, client: Any) -> int:
    record = await lookups.get(ELEMENTS, key, client)
    if record["instance_id"] != instance_id:
        raise NothingHere("The element instance is of another process instance.")
    return record["token"]


async def target_of(request: Request[Any, Any, Any], asked: Migration) -> Part:
    """The version to reach. Raises `NothingHere`."""
    key = read_key(asked.target_process_definition_key)
    part = await parts.get("process", key) if key is not None else None
    if part is None or not client_of(request).sees(part.slug):
        raise NothingHere("No process definition has the target key.")
    return part


def said_of(asked: Migration) -> dict[str, str | None]:
    """The mapping as the engine takes it."""
    return {each.source_element_id: each.target_element_id for each in asked.mapping_instructions}


HANDLERS = [modify, migrate]
