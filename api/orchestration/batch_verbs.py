"""Batches: one looked at, paused, taken up again."""

from typing import Any

from litestar import Request, get, post

from api.errors import Conflict
from api.guards import client_of, scoped
from api.orchestration import lookups
from api.orchestration.batching import BATCHES, BatchOperation, read
from engine import batches

BATCH = "/v2/batch-operations/{batch_operation_key:str}"


@get(BATCH, guards=[scoped("read")], tags=["operations"])
async def get_one(request: Request[Any, Any, Any], batch_operation_key: str) -> BatchOperation:
    """One batch and how far it is."""
    return read(await lookups.get(BATCHES, batch_operation_key, client_of(request)))


@post(f"{BATCH}/suspension", guards=[scoped("operate")], status_code=204, tags=["operations"])
async def suspend(request: Request[Any, Any, Any], batch_operation_key: str) -> None:
    """Nothing more of the batch begins."""
    record = await lookups.get(BATCHES, batch_operation_key, client_of(request))
    if not await batches.pause(record["id"]):
        raise Conflict("The batch is not running.")


@post(f"{BATCH}/resumption", guards=[scoped("operate")], status_code=204, tags=["operations"])
async def resume(request: Request[Any, Any, Any], batch_operation_key: str) -> None:
    """The batch goes on where it was."""
    record = await lookups.get(BATCHES, batch_operation_key, client_of(request))
    if not await batches.go_on(record["id"]):
        raise Conflict("The batch is not paused.")


HANDLERS = [get_one, suspend, resume]
