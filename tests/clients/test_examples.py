"""The example workers do what their page says, each in a process of its own."""

import asyncio
import os
import shutil
import sys
from pathlib import Path

import pytest
from camunda_orchestration_sdk import CamundaAsyncClient

from tests.clients.node import folder_of_node
from tests.clients.test_python_client import ORDER, started
from tests.clients.town import Served

EXAMPLES = Path(__file__).parents[2] / "examples"
WORKERS = {
    "worker.py": [sys.executable, str(EXAMPLES / "worker.py")],
    "worker.sh": ["sh", str(EXAMPLES / "worker.sh")],
    "worker.mjs": ["node", "worker.mjs"],
}


# The official clients take seconds to begin: only curl is tried each time.
@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[pytest.mark.proof] if name != "worker.sh" else []) for name in WORKERS]
)
async def test_the_example_does_a_job(name: str, town: Served, camunda: CamundaAsyncClient, tmp_path: Path) -> None:
    command, folder = WORKERS[name], EXAMPLES
    if name == "worker.mjs":
        folder = folder_of_node(tmp_path)
        shutil.copy(EXAMPLES / name, folder / name)
        command = [str(folder / "node"), name]
    await camunda.deploy_resources_from_files([ORDER])
    told = {key: str(value) for key, value in town.environment.items()}
    environment = {**os.environ, **told, "CAMUNDA_TOKEN_CACHE_DIR": str(tmp_path), "WORKER_JOBS": "1"}
    worker = await asyncio.create_subprocess_exec(*command, cwd=folder, env=environment)

    result = await started(
        camunda, variables={"size": 3}, awaitCompletion=True, requestTimeout=60_000, fetchVariables=["price"]
    )

    assert result.variables.to_dict() == {"price": 12}
    async with asyncio.timeout(20):
        assert await worker.wait() == 0
