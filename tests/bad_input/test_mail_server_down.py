"""The mail server down for hours: tries ever further apart, then a case blocked in plain words, mended on the page."""

import asyncio
from datetime import timedelta

import msgspec
from aiosmtpd.smtp import SMTP

from connectors.wiring import runner_of
from engine import cases, tasks
from engine.store.statements import value
from server.settings import Smtp
from tests.bad_input.test_killed_worker import LETTERS
from tests.connectors.postbox import MailServer
from tests.engine.bundles import AGENT, a_case, a_procedure
from tests.web.conftest import hidden_fields


class MailServerOn(MailServer):
    """The same mail server, back at its own port."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    async def __aenter__(self) -> MailServer:
        self._server = await asyncio.get_running_loop().create_server(lambda: SMTP(self), "127.0.0.1", self.port)
        return self


async def test_the_case_is_blocked_in_plain_words_and_goes_on_once_mail_is_back(visitors, settings, now, clock):
    async with MailServer() as server:
        port = server.port
    town = msgspec.structs.replace(settings, smtp=Smtp(host="127.0.0.1", port=port, sender="mairie@town.example"))
    runner = runner_of(town, clock, "test")
    await a_procedure(now, files=LETTERS)
    filed = await a_case(now)
    await tasks.complete((await tasks.of_case(filed.case_id))[0].id, {}, AGENT, now)

    first = await runner.run_once(clock.now)
    at_once = await runner.run_once(clock.now)
    clock.now += timedelta(minutes=1)
    second = await runner.run_once(clock.now)
    administrator = await visitors.administrator()
    blocked = await administrator.open("/admin/blocages")
    retry = {
        "csrf": hidden_fields(blocked.text)["csrf"],
        "incident": str(await value("SELECT id FROM engine_incident")),
    }
    state = (await cases.get(filed.case_id)).state

    async with MailServerOn(port) as server:
        tried = await administrator.client.post("/admin/blocages/reessayer", data=retry)
        sent = [await runner.run_once(clock.now) for _ in range(3)]

    assert (first, at_once, second) == (1, 0, 1)
    assert state == "blocked"
    assert "Le serveur de courriel ne répond pas" in blocked.text
    assert tried.headers["location"] == "/admin/blocages?tries=1&restent=0"
    assert sent == [1, 0, 0]
    assert len(server.received) == 1
    assert (await cases.get(filed.case_id)).state == "closed"


async def test_each_failed_try_waits_longer_than_the_one_before(settings, database, now, clock):
    town = msgspec.structs.replace(settings, smtp=Smtp(host="127.0.0.1", port=9, sender="mairie@town.example"))
    runner, waits = runner_of(town, clock, "test"), []
    await a_procedure(now, files=LETTERS)
    filed = await a_case(now)
    await tasks.complete((await tasks.of_case(filed.case_id))[0].id, {}, AGENT, now)
    await value("UPDATE engine_job SET retries = 5 RETURNING 1")

    for _ in range(4):
        await runner.run_once(clock.now)
        due = await value("SELECT due_at FROM engine_job")
        waits.append(due - clock.now)
        clock.now = due

    assert waits == sorted(waits)
    assert timedelta(seconds=8) <= waits[0] <= timedelta(seconds=12)
    assert waits[-1] >= timedelta(minutes=8)
