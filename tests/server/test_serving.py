"""`parvis serve` and `parvis worker` as an operator starts them: real processes, real signals."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from server.embedded import is_supervised

PARVIS = str(Path(sys.executable).with_name("parvis"))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder of its own."""
    path = Path(tempfile.mkdtemp(prefix="parvis-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def start(*arguments: str) -> "subprocess.Popen[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PARVIS_", "DATABASE_"))}
    return subprocess.Popen([PARVIS, *arguments], stderr=subprocess.PIPE, text=True, env=environment)


def wait_until_ready(served: "subprocess.Popen[str]", port: int, seconds: float = 90) -> None:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if served.poll() is not None:
            raise AssertionError(served.communicate()[1])
        try:
            if httpx.get(f"http://127.0.0.1:{port}/sante", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("not ready")


def test_the_town_is_served_and_everything_stops_on_ctrl_c(folder: Path) -> None:
    port = free_port()
    served = start("serve", "--port", str(port), "--data-dir", str(folder))
    wait_until_ready(served, port)

    home = httpx.get(f"http://127.0.0.1:{port}/", timeout=10)
    served.send_signal(signal.SIGINT)
    _, said = served.communicate(timeout=90)

    assert home.status_code == 200
    assert f"http://127.0.0.1:{port}" in said
    assert not is_supervised(folder)


def test_a_worker_shares_the_databases_and_ends_on_sigterm(folder: Path) -> None:
    port = free_port()
    served = start("serve", "--port", str(port), "--data-dir", str(folder), "--no-worker")
    wait_until_ready(served, port)
    worker = start("worker", "--data-dir", str(folder))
    assert worker.stderr is not None
    for line in worker.stderr:
        if "worker_started" in line:
            break

    worker.terminate()
    _, said = worker.communicate(timeout=90)
    still = httpx.get(f"http://127.0.0.1:{port}/sante", timeout=5).status_code
    served.terminate()
    served.communicate(timeout=90)

    assert "worker_stopped" in said
    assert (worker.returncode, still) == (0, 200)
    assert not is_supervised(folder)


def test_a_port_in_use_is_said_with_what_to_do(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        refused = start("serve", "--port", str(port), "--data-dir", str(folder))
        _, said = refused.communicate(timeout=90)

    assert refused.returncode == 1
    assert "--port" in said
