"""The web process killed in the middle of filing: no half case; the draft is intact and is sent again."""

import asyncio
import signal

import asyncpg
import pytest
from httpx import AsyncClient, HTTPError

from engine.store.statements import rows, value
from tests.bad_input.served import served, until
from tests.bad_input.visitors import a_report_procedure, begun
from tests.web.conftest import Browser, hidden_fields

WRITTEN = ("engine_case", "engine_submission", "engine_instance", "engine_journal", "engine_job", "desk_notification")

NOBODY_WRITES = """SELECT NOT EXISTS (SELECT FROM pg_stat_activity
    WHERE datname = current_database() AND (state LIKE 'idle in trans%' OR wait_event_type = 'Lock'))"""


async def until_it_waits_for_the_lock() -> None:
    """Filing has written the case and now waits to write the receipt."""
    await until(lambda: value("SELECT count(*) FROM pg_locks WHERE NOT granted"))


@pytest.mark.proof
async def test_killed_while_filing_there_is_no_half_case_and_it_is_sent_again(database, now, tmp_path):
    await a_report_procedure(now)
    holder = await asyncpg.connect(database.url)
    with served(database.url, tmp_path, now=now) as (web, address):
        async with AsyncClient(base_url=address, timeout=30) as client:
            citizen = Browser(client)
            review = await begun(citizen)
            path, fields, cookies = review.url.path, hidden_fields(review.text), dict(client.cookies)
            barrier = holder.transaction()
            await barrier.start()
            await holder.execute("LOCK TABLE desk_notification IN ACCESS EXCLUSIVE MODE")
            sending = asyncio.create_task(client.post(path.replace("verifier", "envoyer"), data=fields))

            await until_it_waits_for_the_lock()
            web.send_signal(signal.SIGKILL)
            with pytest.raises(HTTPError):
                await sending
    await barrier.rollback()
    await holder.close()
    await until(lambda: value(NOBODY_WRITES))
    left = {table: await value(f"SELECT count(*) FROM {table}") for table in WRITTEN}

    with served(database.url, tmp_path, now=now) as (_, address):
        async with AsyncClient(base_url=address, cookies=cookies, timeout=30) as client:
            receipt = await client.post(path.replace("verifier", "envoyer"), data=fields, follow_redirects=True)

    assert left == dict.fromkeys(WRITTEN, 0)
    assert receipt.status_code == 200 and "code--large" in receipt.text
    assert [tuple(row) for row in await rows("SELECT count(*), count(DISTINCT case_id) FROM desk_draft")] == [(1, 1)]
