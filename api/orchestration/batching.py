"""Batching: one operation on the running instances that a filter finds, done by the workers little by little."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Request, post

from api.errors import InvalidArgument, NotServed
from api.filters import Field
from api.guards import actor_of, client_of, scoped
from api.house import now_of
from api.keys import key_of
from api.orchestration import lookups
from api.orchestration.instances import INSTANCES
from api.orchestration.lookups import ROOT, case_of
from api.orchestration.operating import INSTANCE, REASON, Migration, MoveInstruction, said_of, target_of
from api.searching import PageAsked, PageInfo, Query, Resource
from api.shapes import Shape
from engine import batches, migrations
from engine.errors import (
    OtherProcedure,
    PlanInvalid,
)
from engine.migration.obstacles import Obstacle

MOST_AT_ONCE = 10_000


KINDS = {
    "cancel": "CANCEL_PROCESS_INSTANCE",
    "migrate": "MIGRATE_PROCESS_INSTANCE",
    "modify": "MODIFY_PROCESS_INSTANCE",
    "retry": "RESOLVE_INCIDENT",
    "edit": "UPDATE_VARIABLE",
}


# What 8.9 knows and Parvis never does: asked for, nothing is found.
NEVER = (
    "ADD_VARIABLE",
    "DELETE_DECISION_DEFINITION",
    "DELETE_DECISION_INSTANCE",
    "DELETE_PROCESS_DEFINITION",
    "DELETE_PROCESS_INSTANCE",
)


STATES = ("ACTIVE", "CANCELED", "COMPLETED", "CREATED", "FAILED", "PARTIALLY_COMPLETED", "SUSPENDED")


KIND = case_of("b.kind", KINDS)


COUNT = "(SELECT count(*) FROM engine_batch_item t WHERE t.batch_id = b.id AND t.state = '{state}')"


REFUSED = COUNT.format(state="refused")


STATE = f"""CASE b.state WHEN 'running' THEN 'ACTIVE' WHEN 'paused' THEN 'SUSPENDED'
    ELSE CASE WHEN {REFUSED} > 0 THEN 'PARTIALLY_COMPLETED' ELSE 'COMPLETED' END END"""


ITEM_STATE = "CASE t.state WHEN 'waiting' THEN 'ACTIVE' WHEN 'done' THEN 'COMPLETED' ELSE 'FAILED' END"


# Whoever may not see one of its instances does not see the batch. One that found none belongs to who began it.
SEEN = """CASE WHEN EXISTS (SELECT FROM engine_batch_item t WHERE t.batch_id = b.id)
    THEN NOT EXISTS (SELECT FROM engine_batch_item t JOIN engine_instance i ON i.id = t.instance_id
        LEFT JOIN engine_deployment d ON d.hash = i.definition_hash
        WHERE t.batch_id = b.id AND d.slug = ANY($1::text[]) IS NOT TRUE)
    ELSE b.parameters->'procedures' <@ to_jsonb($1::text[]) END"""


BATCHES = Resource(
    columns=f"""b.id, {KIND} AS kind, {STATE} AS state, b.begun_at, b.finished_at, b.actor->>'name' AS actor_name,
        (SELECT count(*) FROM engine_batch_item t WHERE t.batch_id = b.id) AS total, {REFUSED} AS failed,
        {COUNT.format(state="done")} AS done""",
    source="engine_batch b",
    always=f"b.kind IN ({', '.join(repr(kind) for kind in KINDS)})",
    seen=SEEN,
    key="batchOperationKey",
    fields={
        "batchOperationKey": Field("b.id", "id"),
        "operationType": Field(KIND, "choice", choices=(*KINDS.values(), *NEVER)),
        "state": Field(STATE, "choice", choices=STATES),
        "actorId": Field("(b.actor->>'name')"),
        "actorType": Field("CASE b.actor->>'kind' WHEN 'system' THEN 'CLIENT' ELSE 'USER' END"),
        "startDate": Field("b.begun_at", "moment"),
        "endDate": Field("b.finished_at", "moment"),
    },
)


ITEMS = Resource(
    columns=f"""t.batch_id, t.instance_id, {KIND} AS kind, {ITEM_STATE} AS state, t.at,
        t.obstacles::text AS obstacles, {ROOT} AS root_id""",
    source="""engine_batch_item t JOIN engine_batch b ON b.id = t.batch_id
        JOIN engine_instance i ON i.id = t.instance_id JOIN engine_deployment d ON d.hash = i.definition_hash""",
    procedure="d.slug",
    key="itemKey",
    fields={
        "itemKey": Field("t.instance_id", "id"),
        "batchOperationKey": Field("t.batch_id", "id"),
        "processInstanceKey": Field("t.instance_id", "id"),
        "operationType": Field(KIND, "choice", choices=(*KINDS.values(), *NEVER)),
        "state": Field(ITEM_STATE, "choice", choices=("ACTIVE", "CANCELED", "COMPLETED", "FAILED")),
        "processedDate": Field("t.at", "moment"),
    },
)


class FilteredBatch(Shape, frozen=True, kw_only=True):
    """A batch over the running instances that the filter finds."""

    filter: dict[str, Any]
    operation_reference: int | None = None


class MigrationBatch(Shape, frozen=True, kw_only=True):
    """A migration of the running instances that the filter finds, all of one version."""

    filter: dict[str, Any]
    migration_plan: Migration
    operation_reference: int | None = None


class ModificationBatch(Shape, frozen=True, kw_only=True):
    """Moves in the running instances that the filter finds."""

    filter: dict[str, Any]
    move_instructions: list[MoveInstruction]
    operation_reference: int | None = None


class BatchBegun(Shape, frozen=True, kw_only=True):
    """The batch: the workers do it little by little."""

    batch_operation_key: str
    batch_operation_type: str


class BatchOperation(Shape, frozen=True, kw_only=True):
    """A batch and how far it is."""

    batch_operation_key: str
    state: str
    batch_operation_type: str
    start_date: datetime | None
    end_date: datetime | None
    actor_type: str = "CLIENT"
    actor_id: str | None
    operations_total_count: int
    operations_failed_count: int
    operations_completed_count: int
    errors: list[dict[str, Any]]


class BatchOperations(Shape, frozen=True, kw_only=True):
    """A page of batches."""

    items: list[BatchOperation]
    page: PageInfo


class BatchItem(Shape, frozen=True, kw_only=True):
    """One instance of a batch."""

    operation_type: str
    batch_operation_key: str
    item_key: str
    process_instance_key: str | None
    root_process_instance_key: str | None
    state: str
    processed_date: datetime | None
    error_message: str | None


class BatchItems(Shape, frozen=True, kw_only=True):
    """A page of instances of batches."""

    items: list[BatchItem]
    page: PageInfo


@post(f"{INSTANCE}/incident-resolution", guards=[scoped("operate")], status_code=200, tags=["operations"])
async def retry(request: Request[Any, Any, Any], process_instance_key: str) -> BatchBegun:
    """Try all blocked elements of an instance again, as a batch."""
    record = await lookups.get(INSTANCES, process_instance_key, client_of(request))
    return await _begin(request, "retry", [record["id"]])


@post("/v2/process-instances/cancellation", guards=[scoped("operate")], status_code=200, tags=["operations"])
async def cancel_many(request: Request[Any, Any, Any], data: FilteredBatch) -> BatchBegun:
    """Cancel the running instances that the filter finds."""
    found = await _filtered(request, data.filter)
    return await _begin(request, "cancel", [record["id"] for record in found if record["parent_id"] is None])


@post("/v2/process-instances/incident-resolution", guards=[scoped("operate")], status_code=200, tags=["operations"])
async def retry_many(request: Request[Any, Any, Any], data: FilteredBatch) -> BatchBegun:
    """Try the blocked elements of the running instances that the filter finds again."""
    found = await _filtered(request, {**data.filter, "hasIncident": True})
    return await _begin(request, "retry", [record["id"] for record in found])


@post("/v2/process-instances/migration", guards=[scoped("operate")], status_code=200, tags=["operations"])
async def migrate_many(request: Request[Any, Any, Any], data: MigrationBatch) -> BatchBegun:
    """Let the running instances that the filter finds go on with another version."""
    target = await target_of(request, data.migration_plan)
    found = await _filtered(request, data.filter)
    sources = {record["definition_hash"] for record in found}
    if len(sources) > 1:
        raise InvalidArgument("Expected instances of one version: name it by “processDefinitionKey” in the filter.")
    source = next(iter(sources), target.definition_hash)
    said = said_of(data.migration_plan)
    try:
        await migrations.mover_between(source, target.definition_hash, said)
    except (PlanInvalid, OtherProcedure) as refused:
        raise InvalidArgument(str(refused)) from refused
    parameters = {"source": source, "target": target.definition_hash, "said": said}
    return await _begin(request, "migrate", [record["id"] for record in found], parameters)


@post("/v2/process-instances/modification", guards=[scoped("operate")], status_code=200, tags=["operations"])
async def modify_many(request: Request[Any, Any, Any], data: ModificationBatch) -> BatchBegun:
    """Move tokens in the running instances that the filter finds."""
    ended = [move.source_element_id for move in data.move_instructions]
    if not ended or any(element is None for element in ended):
        raise InvalidArgument("Expected “moveInstructions” with “sourceElementId” and “targetElementId”.")
    parameters = {"begin": [move.target_element_id for move in data.move_instructions], "end": ended}
    found = await _filtered(request, data.filter)
    return await _begin(request, "modify", [record["id"] for record in found], parameters)


@post("/v2/batch-operations/search", guards=[scoped("read")], status_code=200, tags=["operations"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> BatchOperations:
    """Batches, running and finished."""
    found = await lookups.search(BATCHES, data or Query(), client_of(request))
    return BatchOperations(items=[read(record) for record in found.found], page=found.page)


@post("/v2/batch-operation-items/search", guards=[scoped("read")], status_code=200, tags=["operations"])
async def items(request: Request[Any, Any, Any], data: Query | None = None) -> BatchItems:
    """The instances of batches, and how each went."""
    found = await lookups.search(ITEMS, data or Query(), client_of(request))
    return BatchItems(items=[read_item(record) for record in found.found], page=found.page)


async def _filtered(request: Request[Any, Any, Any], given: dict[str, Any]) -> list[Any]:
    """The running instances that a filter finds. An empty filter would mean everything: it is refused."""
    if not given:
        raise InvalidArgument("Expected a filter that names some instances.")
    query = Query(filter={**given, "state": "ACTIVE"}, page=PageAsked(limit=MOST_AT_ONCE))
    found = await lookups.search(INSTANCES, query, client_of(request))
    if found.page.has_more_total_items or found.page.total_items > MOST_AT_ONCE:
        raise NotServed(f"A batch takes at most {MOST_AT_ONCE} instances: narrow the filter.")
    return found.found


async def _begin(
    request: Request[Any, Any, Any], kind: str, ids: list[UUID], parameters: dict[str, Any] | None = None
) -> BatchBegun:
    slugs = client_of(request).procedures
    batch_id = await batches.begin(
        kind,
        ids,
        reason=REASON,
        by=actor_of(request),
        now=now_of(request),
        parameters=(parameters or {}) | ({"procedures": slugs} if slugs else {}),
        procedure=slugs[0] if len(slugs) == 1 else None,
    )
    return BatchBegun(batch_operation_key=key_of(batch_id), batch_operation_type=KINDS[kind])


def read(record: Any) -> BatchOperation:
    """A row as clients read it."""
    return BatchOperation(
        batch_operation_key=key_of(record["id"]),
        state=record["state"],
        batch_operation_type=record["kind"],
        start_date=record["begun_at"],
        end_date=record["finished_at"],
        actor_id=record["actor_name"],
        operations_total_count=record["total"],
        operations_failed_count=record["failed"],
        operations_completed_count=record["done"],
        errors=[],
    )


def read_item(record: Any) -> BatchItem:
    """A row as clients read it."""
    return BatchItem(
        operation_type=record["kind"],
        batch_operation_key=key_of(record["batch_id"]),
        item_key=key_of(record["instance_id"]),
        process_instance_key=key_of(record["instance_id"]),
        root_process_instance_key=lookups.root_key(record),
        state=record["state"],
        processed_date=record["at"],
        error_message=_said(record["obstacles"]),
    )


HANDLERS = [retry, cancel_many, retry_many, migrate_many, modify_many, search, items]


def _said(obstacles: str | None) -> str | None:
    """Why an instance stayed, in English."""
    found = msgspec.json.decode(obstacles, type=list[Obstacle]) if obstacles else []
    return "; ".join(each.sentence for each in found) or None
