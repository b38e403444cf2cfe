"""The official Node client, unmodified: its own validation of every request and answer is strict."""

import asyncio
import json
import os
import shutil
from pathlib import Path

import pytest

from tests.clients.node import HERE, folder_of_node
from tests.clients.town import DIAGRAMS, Served


@pytest.mark.proof
async def test_the_node_client_does_all_that_it_can(town: Served, tmp_path: Path) -> None:
    folder = folder_of_node(tmp_path)
    shutil.copy(HERE / "story.mjs", folder / "story.mjs")
    told = {key: str(value) for key, value in town.environment.items()}
    environment = {**os.environ, **told, "DIAGRAMS": str(DIAGRAMS), "CAMUNDA_SDK_LOG_LEVEL": "error"}

    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.PIPE}
    story = await asyncio.create_subprocess_exec("./node", "story.mjs", cwd=folder, env=environment, **pipes)
    said, complaints = await asyncio.wait_for(story.communicate(), 120)

    assert story.returncode == 0, complaints.decode()[-3000:]
    assert json.loads(said.decode().strip().splitlines()[-1]) == {
        "gateway": "8.9.0",
        "processes": ["order"],
        "reviewed": [1, 1, 1],
        "result": {"price": 12},
        "incident": ["JOB_NO_RETRIES", "broken"],
        "task": "Review it",
        "correlated": True,
        "ended": "COMPLETED",
        "decided": '"light"',
        "variable": '"heavy"',
        "found": [2, 3],
    }
