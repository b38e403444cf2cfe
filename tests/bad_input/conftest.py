"""The whole town in this process: pages of every floor over the test's own database, wired as by `server.app`."""

import logging
from collections.abc import AsyncIterator, Iterator
from functools import cache
from typing import Any

import pytest
import structlog
from litestar import Litestar
from litestar.datastructures import State

from connectors import wiring
from server.app import LARGEST_BODY, all_routes, health
from server.problems import PROBLEMS
from server.settings import Settings
from tests.bad_input.visitors import Visitors
from tests.web.conftest import Clock
from web.pages.house import open_house
from web.pages.templates import template_config


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What was logged. Never printed: these tests provoke errors by the hundred, each with its traceback."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    with structlog.testing.capture_logs() as events:
        yield events


@pytest.fixture
def clock(now) -> Clock:
    return Clock(now)


def of_pages(settings: Settings) -> dict[str, Any]:
    """What pages receive of the other floors: see `server.app.connections_of`."""
    return {"settings": settings, "connectors": wiring.available_of(wiring.connections_of(settings))}


@cache
def wired() -> Litestar:
    """Wired once: each test gives it a state of its own."""
    return Litestar(
        route_handlers=[health, *all_routes()],
        template_config=template_config(),
        exception_handlers=PROBLEMS,
        request_max_body_size=LARGEST_BODY,
        openapi_config=None,
    )


@pytest.fixture
def application(settings, database, clock) -> Litestar:
    made = wired()
    made.state = State({"house": open_house(settings, None, clock, of_pages(settings)), "database": database})
    return made


@pytest.fixture
async def visitors(application) -> AsyncIterator[Visitors]:
    """Opens one browser for each person of a test; all are closed at its end."""
    async with Visitors(application) as opened:
        yield opened
