"""The whole town in this process, as `server.app` wires it, and API clients with the scopes a test gives them."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from litestar.datastructures import State

from accounts import clients
from accounts.clients import SCOPES
from accounts.departments import Department, upsert
from api import guards
from server.app import LARGEST_BODY, all_routes, openapi
from server.problems import PROBLEMS
from tests.web.conftest import Clock
from web.pages.house import open_house
from web.pages.templates import template_config

Asking = Callable[..., Awaitable[AsyncClient]]


@pytest.fixture(autouse=True)
def quiet() -> None:
    """These tests ask by the hundred."""
    logging.getLogger("httpx").setLevel(logging.WARNING)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@cache
def wired() -> Litestar:
    """Wired once: each test gives it a state of its own."""
    return Litestar(
        route_handlers=all_routes(),
        template_config=template_config(),
        exception_handlers=PROBLEMS,
        request_max_body_size=LARGEST_BODY,
        openapi_config=openapi(),
    )


@pytest.fixture
def application(settings: Any, clock: Clock) -> Litestar:
    guards.forget_all()
    made = wired()
    made.state = State({"house": open_house(settings, None, clock)})
    return made


@pytest.fixture
async def asking(application: Litestar, now: datetime) -> AsyncIterator[Asking]:
    """Makes a client: `await asking(scopes=["read"], procedures=["petition"])`."""
    await upsert(Department(slug="voirie", name_fr="Voirie", name_en="Roads"))
    opened: list[AsyncClient] = []

    async def make(**details: Any) -> AsyncClient:
        given: dict[str, Any] = {"scopes": SCOPES, "department": "voirie", "by_name": "Solène Roux", **details}
        _, secret = await clients.add("Portail voisin", now=now, **given)
        transport = ASGITransport(application, raise_app_exceptions=False)
        headers = {"authorization": f"Bearer {secret}"}
        opened.append(AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", headers=headers))
        return opened[-1]

    yield make
    for each in opened:
        await each.aclose()
