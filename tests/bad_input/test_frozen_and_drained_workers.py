"""Workers that freeze past their lease, or are told to stop: real processes, real signals; every job's case moves
once."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from connectors.wiring import runner_of
from engine import cases, tasks
from engine.store.statements import value
from tests.bad_input.served import process, settings_of, until
from tests.bad_input.test_killed_worker import LETTERS
from tests.connectors.postbox import MailServer
from tests.engine.bundles import AGENT, a_case, a_procedure

PARVIS = Path(sys.executable).with_name("parvis")
SENT = "SELECT count(*) FROM engine_journal WHERE fact LIKE 'A message was sent%'"


class HeldMailServer(MailServer):
    """Takes every message at once, but the first: only when told to."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.released = asyncio.Event(), asyncio.Event()

    async def handle_DATA(self, server, session, envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.received) == 1:
            self.reached.set()
            await self.released.wait()
        return answer


async def a_letter_to_send(now: datetime, key: str) -> cases.CaseFiled:
    """A case whose letter is due."""
    filed = await a_case(now, key=key)
    await tasks.complete((await tasks.of_case(filed.case_id))[0].id, {}, AGENT, now)
    return filed


async def test_a_worker_frozen_past_its_lease_wakes_up_and_changes_nothing(database, now, tmp_path):
    await a_procedure(now, files=LETTERS)
    filed = await a_letter_to_send(now, "k1")

    async with HeldMailServer() as server:
        given = {"database_url": database.url, "folder": str(tmp_path), "smtp_port": server.port}
        with process("worker", **given, now=now.isoformat()) as worker:
            await asyncio.wait_for(server.reached.wait(), 120)
            worker.send_signal(signal.SIGSTOP)
            later = now + timedelta(seconds=120)
            taken_over = await runner_of(settings_of(given), lambda: later, "second").run_once(later)
            moved = (await cases.get(filed.case_id)).state, await value(SENT)
            server.released.set()
            worker.send_signal(signal.SIGCONT)
            ended = await asyncio.to_thread(worker.wait, 60)

    assert (taken_over, ended) == (1, 0)
    assert moved == ((await cases.get(filed.case_id)).state, await value(SENT)) == ("closed", 1)
    assert len({message["Message-ID"] for message in server.received}) == 1


@contextmanager
def a_worker(database_url: str, folder: Path, smtp_port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """`parvis worker` as an operator starts it."""
    kept = {name: text for name, text in os.environ.items() if not name.startswith(("PARVIS_", "DATABASE_", "VALKEY_"))}
    given = {"DATABASE_URL": database_url, "PARVIS_SMTP_HOST": "127.0.0.1", "PARVIS_SMTP_PORT": str(smtp_port)}
    words = [str(PARVIS), "worker", "--data-dir", str(folder)]
    with (folder / "worker.log").open("ab") as log:
        started = subprocess.Popen(words, stdout=log, stderr=log, env=kept | given)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


async def test_a_worker_told_to_stop_ends_its_job_takes_no_other_and_leaves(database, tmp_path):
    now = datetime.now(UTC) - timedelta(minutes=1)
    await a_procedure(now, files=LETTERS)
    begun = await a_letter_to_send(now, "k1")

    async with HeldMailServer() as server:
        with a_worker(database.url, tmp_path, server.port) as worker:
            await asyncio.wait_for(server.reached.wait(), 120)
            worker.terminate()
            await until(lambda: value("SELECT count(*) FROM engine_job WHERE state = 'leased'"))
            left = await a_letter_to_send(now, "k2")
            await asyncio.sleep(0.5)
            still = worker.poll()
            server.released.set()
            ended = await asyncio.to_thread(worker.wait, 60)

    assert (still, ended) == (None, 0)
    assert ((await cases.get(begun.case_id)).state, (await cases.get(left.case_id)).state) == ("closed", "open")
    waiting = await value("SELECT state FROM engine_job WHERE case_id = $1", left.case_id)
    assert (waiting, len(server.received)) == ("queued", 1)
