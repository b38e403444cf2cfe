"""The embedded servers survive what happens to processes: kill -9, stale pid files, several starts, root."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import asyncpg
import pytest
from valkey import Valkey

from server import processes
from server.embedded import Addresses, Servers, attach, is_supervised, read_addresses

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder whose sockets have a short path."""
    path = Path(tempfile.mkdtemp(prefix="parvis-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def ask(servers: Servers, statement: str) -> object:
    async def run() -> object:
        connection = await asyncpg.connect(servers.database_url)
        try:
            return await connection.fetchval(statement)
        finally:
            await connection.close()

    return asyncio.run(run())


T = TypeVar("T")


def eventually(attempt: Callable[[], T], seconds: float = 20) -> T:
    give_up = time.monotonic() + seconds
    while True:
        try:
            found = attempt()
            assert found
            return found
        except Exception:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)


def current(folder: Path) -> Addresses:
    found = read_addresses(folder)
    assert found is not None
    return found


def test_a_cold_start_takes_at_most_six_seconds_and_a_warm_one_two(folder: Path) -> None:
    begun = time.monotonic()
    with attach(folder) as cold:
        cold_seconds = time.monotonic() - begun
        ask(cold, "CREATE TABLE kept (id int)")

    begun = time.monotonic()
    with attach(folder) as warm:
        warm_seconds = time.monotonic() - begun
        kept = ask(warm, "SELECT count(*) FROM kept")

    assert (cold_seconds <= 6, warm_seconds <= 2, kept) == (True, True, 0), (cold_seconds, warm_seconds)


def test_the_last_process_to_leave_stops_both_servers_cleanly(folder: Path) -> None:
    first = attach(folder, durable=False)
    second = attach(folder, durable=False)
    pids = current(folder)

    first.close()
    alive_with_one = processes.is_running(pids.postgresql) and processes.is_running(pids.valkey)
    second.close()

    assert alive_with_one
    assert not is_supervised(folder)
    assert not processes.is_running(pids.postgresql) and not processes.is_running(pids.valkey)
    assert "database system is shut down" in (folder / "logs/postgresql.log").read_text()


def test_several_processes_share_the_same_servers(folder: Path) -> None:
    code = (
        "import sys, pathlib; from server.embedded import attach; s = attach(pathlib.Path(sys.argv[1]), durable=False);"
    )
    code += "print(s.addresses.postgresql, s.addresses.valkey); s.close()"
    start = [sys.executable, "-c", code, str(folder)]

    with attach(folder, durable=False) as mine:
        others = [subprocess.Popen(start, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        told = {other.communicate(timeout=60)[0].strip() for other in others}

        assert told == {f"{mine.addresses.postgresql} {mine.addresses.valkey}"}
        assert ask(mine, "SELECT 1") == 1


def test_a_process_killed_while_attached_does_not_keep_the_servers_running(folder: Path) -> None:
    code = "import sys, pathlib, time; from server.embedded import attach; "
    code += "attach(pathlib.Path(sys.argv[1]), durable=False); "
    code += "print('ready', flush=True); time.sleep(600)"
    killed = subprocess.Popen([sys.executable, "-c", code, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert killed.stdout is not None
    killed.stdout.readline()
    pids = current(folder)

    killed.kill()
    killed.communicate()

    eventually(lambda: not is_supervised(folder))
    assert not processes.is_running(pids.postgresql) and not processes.is_running(pids.valkey)


def test_both_servers_come_back_after_kill_nine_with_what_was_committed(folder: Path) -> None:
    with attach(folder) as servers:
        ask(servers, "CREATE TABLE kept AS SELECT 7 AS number")
        before = current(folder)

        os.kill(before.postgresql, signal.SIGKILL)
        os.kill(before.valkey, signal.SIGKILL)

        assert eventually(lambda: ask(servers, "SELECT number FROM kept")) == 7
        with Valkey.from_url(servers.valkey_url) as client:
            assert eventually(client.ping)
        after = eventually(lambda: current(folder) if current(folder).valkey != before.valkey else None)
        assert after is not None and after.postgresql != before.postgresql


def test_a_killed_supervisor_is_replaced_and_its_servers_are_adopted(folder: Path) -> None:
    with attach(folder, durable=False) as servers:
        before = current(folder)

        os.kill(before.supervisor, signal.SIGKILL)

        eventually(lambda: is_supervised(folder) and current(folder).supervisor != before.supervisor)
        after = current(folder)
        assert (after.postgresql, after.valkey) == (before.postgresql, before.valkey)
        assert ask(servers, "SELECT 1") == 1
    assert not processes.is_running(after.postgresql) and not processes.is_running(after.valkey)


def test_everything_killed_at_once_starts_again(folder: Path) -> None:
    first = attach(folder)
    ask(first, "CREATE TABLE kept AS SELECT 7 AS number")
    pids = current(folder)
    for pid in (pids.supervisor, pids.postgresql, pids.valkey):
        os.kill(pid, signal.SIGKILL)

    with attach(folder) as second:
        kept = eventually(lambda: ask(second, "SELECT number FROM kept"))
        first.close()

    assert kept == 7


def test_a_pid_file_that_names_somebody_else_s_process_is_stale(folder: Path) -> None:
    with attach(folder, durable=False):
        pass
    pid_file = folder / "postgresql" / "postmaster.pid"
    pid_file.write_text(f"{os.getppid()}\n{folder}/postgresql\n1\n5432\n{folder}/run\n\n1 1\nready   \n")

    with attach(folder, durable=False) as servers:
        assert ask(servers, "SELECT 1") == 1
        assert current(folder).postgresql != os.getppid()
    assert processes.is_running(os.getppid())


def test_a_deep_data_folder_keeps_its_sockets_where_their_path_is_short_enough(folder: Path) -> None:
    deep = folder / ("a" * 60) / ("b" * 60)

    with attach(deep, durable=False) as servers:
        assert ask(servers, "SELECT 1") == 1
        with Valkey.from_url(servers.valkey_url) as client:
            assert client.ping()
        sockets = Path((deep / "sockets.txt").read_text())
        assert sockets.stat().st_mode & 0o777 == 0o700
    shutil.rmtree(sockets)


def test_a_folder_and_its_parents_keep_their_modes(folder: Path) -> None:
    folder.chmod(0o711)

    with attach(folder / "town" / "data", durable=False):
        modes = [path.stat().st_mode & 0o777 for path in (folder, folder / "town" / "data")]

    assert modes == [0o711, 0o700]
