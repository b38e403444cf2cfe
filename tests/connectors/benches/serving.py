"""Serving: some routes behind a real server of the test."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Any

import uvicorn
from litestar import Litestar
from litestar.types import ControllerRouterHandler

from tests.clients.town import free_port


@contextlib.asynccontextmanager
async def served_routes(routes: Sequence[ControllerRouterHandler], house: Any) -> AsyncIterator[str]:
    """These routes of a house; gives the address."""
    app = Litestar(route_handlers=list(routes), openapi_config=None)
    app.state["house"] = house
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="off"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the server did not start"
        await asyncio.sleep(0.02)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running
