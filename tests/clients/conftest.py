"""The town, and the official Python client, for each test of this folder."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from camunda_orchestration_sdk import CamundaAsyncClient

from server.settings import Settings
from tests.clients.town import Served, serving


@pytest.fixture
async def town(settings: Settings) -> AsyncIterator[Served]:
    logging.getLogger("httpx").setLevel(logging.WARNING)
    async with serving(settings) as served:
        yield served


@pytest.fixture
async def camunda(town: Served, tmp_path: Path) -> AsyncIterator[CamundaAsyncClient]:
    """The official client, unmodified, with an access token of its own."""
    configuration = {**town.environment, "CAMUNDA_TOKEN_CACHE_DIR": str(tmp_path), "CAMUNDA_SDK_LOG_LEVEL": "error"}
    async with CamundaAsyncClient(configuration=configuration) as client:
        yield client
