"""The town in processes that are killed: `python -m tests.bad_input.served web|worker '{…}'`; how tests start one."""

import asyncio
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from connectors.wiring import runner_of
from server.app import create_app
from server.database import bind, open_database
from server.settings import Settings, Smtp

ROOT = Path(__file__).parents[2]


@contextmanager
def process(kind: str, **given: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A process of the town; killed at the end of the block if the test has not done it."""
    words = [sys.executable, "-m", "tests.bad_input.served", kind, json.dumps(given, default=str)]
    with (Path(given["folder"]) / f"{kind}.log").open("ab") as log:
        started = subprocess.Popen(words, cwd=ROOT, stdout=log, stderr=log)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


@contextmanager
def served(database_url: str, folder: Path, **given: Any) -> Iterator[tuple["subprocess.Popen[bytes]", str]]:
    """A web process over this database that answers: the process and its address."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port = trial.getsockname()[1]
    with process("web", database_url=database_url, folder=folder, port=port, **given) as started:
        address, give_up = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while not answers(address):
            assert started.poll() is None and time.monotonic() < give_up, "The town is not served."
            time.sleep(0.05)
        yield started, address


def answers(address: str) -> bool:
    """Whether a ready town answers there."""
    try:
        return httpx.get(f"{address}/sante", timeout=5).status_code == 200
    except httpx.HTTPError:
        return False


async def until(condition: Callable[[], Awaitable[Any]], seconds: float = 30) -> None:
    """Wait until this is so."""
    give_up = time.monotonic() + seconds
    while True:
        if await condition():
            return
        assert time.monotonic() < give_up, f"Not so after {seconds} seconds."
        await asyncio.sleep(0.02)


def settings_of(given: dict[str, Any]) -> Settings:
    """The settings of a town told on the command line."""
    smtp = Smtp(host="127.0.0.1", port=given.get("smtp_port", 9), sender="mairie@town.example")
    return Settings(
        database_url=given["database_url"],
        valkey_url=None,
        data_dir=Path(given["folder"]),
        secret_key="0" * 64,
        smtp=smtp,
    )


async def work_once(given: dict[str, Any]) -> None:
    """One round of a worker at a given moment."""
    now = datetime.fromisoformat(given["now"])
    database = await open_database(given["database_url"], pool_size=2)
    bind(database)
    await runner_of(settings_of(given), lambda: now, f"killed:{os.getpid()}").run_once(now)
    await database.close()


def main() -> None:
    """What the process does until it is killed."""
    kind, given = sys.argv[1], json.loads(sys.argv[2])
    if kind == "worker":
        asyncio.run(work_once(given))
        return
    moment = datetime.fromisoformat(given["now"]) if "now" in given else None
    clock = {"clock": lambda: moment} if moment else {}
    uvicorn.run(create_app(settings_of(given), **clock), host="127.0.0.1", port=given["port"], log_level="error")


if __name__ == "__main__":
    main()
