"""Valkey stopped, or frozen, in the middle of the day: people file, sign in, follow and work as before."""

import asyncio
import contextlib
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import msgspec
import pytest
from valkey.exceptions import ValkeyError

from accounts import passwords, people
from server.app import create_app
from server.channels import HintChannels
from server.embedded_valkey import Valkey
from server.opened import open_valkey
from tests.bad_input.visitors import Visitors, a_report_procedure, a_task_to_answer, filed
from tests.web.conftest import hidden_fields

PASSWORD = "le marché du samedi"
LONGEST = {"stopped": 5.0, "frozen": 15.0}
"""Seconds for all of a filing: seven pages. A frozen server is waited for a quarter of a second, a few times a page."""


@pytest.fixture
def own_valkey():
    """A Valkey of this test alone, which it may stop."""
    folder = Path(tempfile.mkdtemp(prefix="parvis-valkey-"))
    (folder / "logs").mkdir()
    server = Valkey(folder, folder)
    server.launch()
    server.wait_ready()
    yield server
    with contextlib.suppress(ProcessLookupError):
        os.kill(server.pid, signal.SIGCONT)
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def gone(server: Valkey, how: str) -> None:
    """It ends, or it takes connections and never answers."""
    if how == "stopped":
        await asyncio.to_thread(server.stop)
    else:
        os.kill(server.pid, signal.SIGSTOP)


@pytest.mark.parametrize("how", ["stopped", "frozen"])
async def test_filing_signing_in_and_the_inbox_work_without_it(settings, database, now, own_valkey, how):
    hashed = await passwords.hash_password(PASSWORD)
    await a_report_procedure(now)
    case, task = await a_task_to_answer(now)
    await people.add(name="Ana", email="ana@ville.example", password_hash=hashed, departments=["voirie"], now=now)
    with_it = msgspec.structs.replace(settings, valkey_url=own_valkey.url)
    application = create_app(with_it, clock=lambda: now)

    async with application.lifespan(), Visitors(application) as visitors:
        before = await visitors.agent("Bruno", "voirie")
        assert (await before.open("/agent")).status_code == 200
        await gone(own_valkey, how)

        began = time.monotonic()
        code = await filed(citizen := await visitors.stranger())
        took = time.monotonic() - began
        followed = await citizen.open(f"/suivi/{code}")
        agent = await visitors.stranger()
        signed_in = await agent.sign_in("ana@ville.example", PASSWORD)
        shown = await agent.open(f"/agent/dossiers/{case.case_id}?tache={task.id}")
        done = await agent.client.post(
            f"/agent/taches/{task.id}", data={"csrf": hidden_fields(shown.text)["csrf"], "/note": "Favorable"}
        )
        still = await before.open("/agent")

    assert took < LONGEST[how]
    assert followed.status_code == signed_in.status_code == still.status_code == 200
    assert signed_in.url.path == "/agent"
    assert done.status_code == 303


async def test_a_call_to_a_frozen_server_is_given_up_within_a_quarter_of_a_second(own_valkey):
    client, channels = open_valkey(own_valkey.url), HintChannels(own_valkey.url)
    assert client is not None
    await channels.on_startup()
    await client.set("known", 1)
    os.kill(own_valkey.pid, signal.SIGSTOP)
    heard: list[str] = []
    channels.listen(heard.append)

    began = time.monotonic()
    with pytest.raises((ValkeyError, TimeoutError)):
        await client.get("known")
    waited = time.monotonic() - began
    await channels.publish(b"", ["jobs"])
    both = time.monotonic() - began

    await client.aclose()
    await channels.on_shutdown()
    assert heard == ["jobs"]
    assert waited < 0.25 * 3 and both < 0.25 * 6  # Thrice, for a machine that does other things.


async def test_guessing_is_still_counted_without_it(settings, database, now, own_valkey):
    application = create_app(msgspec.structs.replace(settings, valkey_url=own_valkey.url), clock=lambda: now)

    async with application.lifespan(), Visitors(application) as visitors:
        await asyncio.to_thread(own_valkey.stop)
        stranger = await visitors.stranger()
        csrf = hidden_fields((await stranger.open("/suivi")).text)["csrf"]
        answers = [
            await stranger.client.post("/suivi", data={"csrf": csrf, "code": "AAAAAAAA", "email": "a@b.example"})
            for _ in range(6)
        ]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
