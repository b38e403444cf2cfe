"""The database restarted while people file: pages say 503 for seconds at most, what was acknowledged is there, once."""

import asyncio
import hashlib
import hmac
import os
import shutil
import signal
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
from httpx import AsyncClient, HTTPError

from desk import drafts
from desk.drafts import Owner
from engine import deployments
from engine.store.statements import rows, value
from server.database import bind, open_database
from server.embedded import Servers, attach
from server.migrate import migrate
from tests.bad_input.served import served, until
from tests.bad_input.visitors import a_report_procedure

ANSWERS = {
    "category": "road",
    "place": {"address": "12 rue des Mariniers", "latitude": 47.5862, "longitude": 1.3359},
    "district": "centre",
    "danger": False,
    "description": "Un trou d’une main de profondeur.",
    "contact": "none",
}
CITIZENS, AT_ONCE, BEFORE_RESTART = 48, 6, 12
SECONDS_TO_RECOVER = 15.0


@pytest.fixture
async def own_servers() -> AsyncIterator[Servers]:
    """A database server of this test alone, as durable as a town's, migrated and bound."""
    folder = Path(tempfile.mkdtemp(prefix="parvis-restart-"))
    with attach(folder, durable=True) as servers:
        database = await open_database(servers.database_url, pool_size=4)
        await migrate(database)
        bind(database)
        yield servers
        await database.close()
        bind(None)
    shutil.rmtree(folder, ignore_errors=True)


class Citizens:
    """Forty-eight people who press “send” until they have a receipt, a few at a time."""

    def __init__(self, client: AsyncClient, waiting: list[tuple[str, str]]) -> None:
        self.client, self.waiting = client, waiting
        self.acknowledged: dict[str, float] = {}
        self.seen: set[int | str] = set()

    async def send_all(self) -> None:
        async with asyncio.timeout(90):
            await asyncio.gather(*(self._send_some() for _ in range(AT_ONCE)))

    async def _send_some(self) -> None:
        while self.waiting:
            visitor, draft = self.waiting.pop()
            await until(partial(self._send, visitor, draft))

    async def _send(self, visitor: str, draft: str) -> bool:
        token = hmac.new(b"0" * 64, f"csrf\x1f{visitor}".encode(), hashlib.sha256).hexdigest()
        headers = {"cookie": f"parvis-visitor={visitor}", "x-csrf": token}
        try:
            answer = await self.client.post(f"/demandes/{draft}/envoyer", headers=headers)
        except HTTPError as failure:
            self.seen.add(type(failure).__name__)
            return False
        self.seen.add(answer.status_code)
        if answer.status_code == 303 and answer.headers["location"].endswith("/recu"):
            self.acknowledged[draft] = time.monotonic()
            return True
        return False


async def waiting_drafts(now: datetime) -> list[tuple[str, str]]:
    """A finished draft for each citizen: (browser, draft)."""
    await a_report_procedure(now)
    version, made = await deployments.active("incident_report"), []
    for number in range(CITIZENS):
        owner = Owner(browser=f"visitor-{number}")
        draft = await drafts.begin(
            "incident_report", form="report", definition_hash=version.hash, owner=owner, now=now, answers=ANSWERS
        )
        made.append((f"visitor-{number}", str(draft.id)))
    return made


async def restart(servers: Servers, citizens: Citizens) -> float:
    """Restart PostgreSQL once some have a receipt; the moment it was told to stop."""

    async def some_have_a_receipt() -> bool:
        return len(citizens.acknowledged) >= BEFORE_RESTART

    await until(some_have_a_receipt)
    os.kill(servers.addresses.postgresql, signal.SIGINT)
    return time.monotonic()


@pytest.mark.proof
async def test_no_acknowledged_filing_is_lost_and_pages_recover_by_themselves(own_servers, tmp_path):
    waiting = await waiting_drafts(datetime.now(UTC))
    with served(own_servers.database_url, tmp_path) as (_, address):
        async with AsyncClient(base_url=address, timeout=30) as client:
            citizens = Citizens(client, waiting)
            sending = asyncio.create_task(citizens.send_all())

            stopped = await restart(own_servers, citizens)
            await sending

    first_after = min(moment for moment in citizens.acknowledged.values() if moment > stopped + 0.5)
    filed = {str(row["id"]): row["case_id"] for row in await rows("SELECT id, case_id FROM desk_draft")}
    assert len(citizens.acknowledged) == CITIZENS
    assert {draft for draft in citizens.acknowledged if filed[draft] is None} == set()
    assert await value("SELECT count(*) FROM engine_case") == len(set(filed.values())) == CITIZENS
    assert citizens.seen <= {303, 503}
    assert first_after - stopped < SECONDS_TO_RECOVER
