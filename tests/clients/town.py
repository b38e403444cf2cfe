"""A town served over a real socket, with an API client, for the official clients to speak to."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import uvicorn

from accounts import clients, people
from accounts.clients import SCOPES, Client
from accounts.departments import Department, upsert
from server.app import create_app
from server.settings import Settings

DIAGRAMS = Path(__file__).parent / "diagrams"


class Served(msgspec.Struct, frozen=True):
    """Where the town answers, and who may ask."""

    address: str
    client: Client
    secret: str

    @property
    def environment(self) -> dict[str, Any]:
        """What an official client needs to be told."""
        return {
            "CAMUNDA_REST_ADDRESS": self.address,
            "CAMUNDA_AUTH_STRATEGY": "OAUTH",
            "CAMUNDA_OAUTH_URL": f"{self.address}/oauth/token",
            "CAMUNDA_CLIENT_ID": self.client.client_id,
            "CAMUNDA_CLIENT_SECRET": self.secret,
            "CAMUNDA_TOKEN_AUDIENCE": "parvis",
        }


def free_port() -> int:
    """A port nobody listens at."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return trial.getsockname()[1]


@contextlib.asynccontextmanager
async def serving(settings: Settings, *, with_worker: bool = False, **details: Any) -> AsyncIterator[Served]:
    """The town, served by this process while the block lasts; `details` are those of the API client."""
    port = free_port()
    here = msgspec.structs.replace(settings, port=port, public_url=f"http://127.0.0.1:{port}")
    app = create_app(here, with_worker=with_worker)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", lifespan="on"))
    running = asyncio.create_task(server.serve())
    while not server.started:
        assert not running.done(), "the town did not start"
        await asyncio.sleep(0.02)
    try:
        yield await a_client(f"http://127.0.0.1:{port}", **details)
    finally:
        server.should_exit = True
        await running


async def a_client(address: str, **details: Any) -> Served:
    """A department, an agent of it and an API client with every scope."""
    now = datetime.now(UTC)
    await upsert(Department(slug="voirie", name_fr="Voirie", name_en="Roads"))
    if await people.of_email("ana@ville.example") is None:
        await people.add(name="Ana Le Goff", email="ana@ville.example", departments=["voirie"], now=now)
    given: dict[str, Any] = {"scopes": SCOPES, "department": "voirie", "by_name": "Solène Roux", **details}
    client, secret = await clients.add("Portail voisin", now=now, **given)
    return Served(address, client, secret)
