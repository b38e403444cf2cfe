"""Valkey stopped in the middle of the day: people file, sign in, follow and work as before, and wait no longer."""

import asyncio
import shutil
import tempfile
import time
from pathlib import Path

import msgspec
import pytest

from accounts import passwords, people
from server.app import create_app
from server.embedded_valkey import Valkey
from tests.bad_input.visitors import Visitors, a_report_procedure, a_task_to_answer, filed
from tests.web.conftest import hidden_fields

PASSWORD = "le marché du samedi"
LONGEST = 5.0
"""Seconds for all of a filing: seven pages. A page that waited for Valkey each time would take longer."""


@pytest.fixture
def own_valkey():
    """A Valkey of this test alone, which it may stop."""
    folder = Path(tempfile.mkdtemp(prefix="parvis-valkey-"))
    (folder / "logs").mkdir()
    server = Valkey(folder, folder)
    server.launch()
    server.wait_ready()
    yield server
    server.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def test_filing_signing_in_and_the_inbox_work_without_it(settings, database, now, own_valkey):
    hashed = await passwords.hash_password(PASSWORD)
    await a_report_procedure(now)
    case, task = await a_task_to_answer(now)
    await people.add(name="Ana", email="ana@ville.example", password_hash=hashed, departments=["voirie"], now=now)
    with_it = msgspec.structs.replace(settings, valkey_url=own_valkey.url)
    application = create_app(with_it, clock=lambda: now)

    async with application.lifespan(), Visitors(application) as visitors:
        before = await visitors.agent("Bruno", "voirie")
        assert (await before.open("/agent")).status_code == 200
        await asyncio.to_thread(own_valkey.stop)

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

    assert took < LONGEST
    assert followed.status_code == signed_in.status_code == still.status_code == 200
    assert signed_in.url.path == "/agent"
    assert done.status_code == 303


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
