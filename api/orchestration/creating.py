"""Creating process instances, and waiting for their result when that is asked."""

import asyncio
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, post

from accounts.clients import Client
from api import parts
from api.errors import Conflict, InvalidArgument, NothingHere, NotServed, TookTooLong
from api.guards import actor_of, client_of, scoped, seen_by
from api.house import house_of, now_of, rest, waiting_of
from api.keys import key_of, read_key
from api.parts import Part
from api.shapes import TENANT, Shape
from api.store import value
from engine import creations, deployments, variables
from engine.creations import NothingStarts

USUAL_WAIT, LONGEST_WAIT = 10.0, 300.0


class StartInstruction(Shape, frozen=True, kw_only=True):
    """Where to begin instead of the start event."""

    element_id: str


class Creation(Shape, frozen=True, kw_only=True):
    """What to create: a process by its id (its latest version, or the one named) or by the key of its version."""

    process_definition_id: str | None = None
    process_definition_key: str | None = None
    process_definition_version: Annotated[int, msgspec.Meta(ge=-1, le=(1 << 31) - 1)] = -1
    variables: dict[str, Any] = {}
    tenant_id: str = TENANT
    operation_reference: int | None = None
    start_instructions: list[StartInstruction] = []
    runtime_instructions: list[dict[str, Any]] = []
    await_completion: bool = False
    fetch_variables: list[str] = []
    request_timeout: Annotated[int, msgspec.Meta(ge=-1, le=86_400_000)] = 0
    tags: Annotated[list[Annotated[str, msgspec.Meta(max_length=100)]], msgspec.Meta(max_length=10)] = []
    business_id: Annotated[str, msgspec.Meta(min_length=1, max_length=256)] | None = None


class CreatedInstance(Shape, frozen=True, kw_only=True):
    """The instance. `variables` are its results, when its completion was awaited."""

    process_definition_id: str
    process_definition_version: int
    tenant_id: str = TENANT
    variables: dict[str, Any]
    process_definition_key: str
    process_instance_key: str
    tags: list[str]
    business_id: str | None


@post("/v2/process-instances", guards=[scoped("start")], status_code=200, tags=["process instances"])
async def create(request: Request[Any, Any, Any], data: Creation) -> CreatedInstance:
    """File a case and start its process. With `Idempotency-Key`, a repeat returns the instance created first."""
    if data.start_instructions or data.runtime_instructions:
        raise NotServed("Starting elsewhere than at the start event is not served: create, then modify the instance.")
    client, part = client_of(request), await _part(data, client_of(request))
    if part is None or not client.sees(part.slug):
        raise NothingHere("No process definition that the API client may start has this id or key.")
    given = request.headers.get("idempotency-key")
    facts: dict[str, Any] = {"businessId": data.business_id} if data.business_id else {}
    try:
        created = await creations.create(
            await deployments.definition_of(part.definition_hash),
            data.variables,
            process=part.part,
            facts=facts | ({"tags": data.tags} if data.tags else {}),
            by=actor_of(request),
            now=now_of(request),
            key=f"api:{client.id}:{given}" if given else None,
            follow_url=f"{house_of(request).public_url}/suivi/{{tracking_code}}",
        )
    except NothingStarts as refused:
        raise Conflict(str(refused)) from refused
    results = await _results(request, created.case_id, created.instance_id, data) if data.await_completion else {}
    return CreatedInstance(
        process_definition_id=part.part,
        process_definition_version=part.version,
        variables=results,
        process_definition_key=str(part.key),
        process_instance_key=key_of(created.instance_id),
        tags=data.tags,
        business_id=data.business_id,
    )


async def _part(data: Creation, client: Client) -> Part | None:
    if data.process_definition_key is not None:
        key = read_key(data.process_definition_key)
        if key is None:
            raise InvalidArgument("Expected “processDefinitionKey” to be a key: a whole number, as a text.")
        return await parts.get("process", key)
    if not data.process_definition_id:
        raise InvalidArgument("Expected “processDefinitionId” or “processDefinitionKey”.")
    version = data.process_definition_version
    chosen = version if version > 0 else None
    return await parts.latest("process", data.process_definition_id, seen_by(client), chosen)


async def _results(request: Request[Any, Any, Any], case_id: UUID, instance_id: UUID, data: Creation) -> dict[str, Any]:
    """The variables of the instance once it has ended. Raises `TookTooLong`."""
    seconds = min(data.request_timeout / 1000, LONGEST_WAIT) if data.request_timeout > 0 else USUAL_WAIT
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    with waiting_of(request).bell(f"case:{case_id}") as bell:
        while await value("SELECT status FROM engine_instance WHERE id = $1", instance_id) == "running":
            if (left := until - loop.time()) <= 0:
                raise TookTooLong(f"The instance {key_of(instance_id)} has not ended within {seconds:.0f} seconds.")
            await rest(bell, left)
    return variables.visible(await variables.state_of(instance_id), None, tuple(data.fetch_variables))


HANDLERS = [create]
