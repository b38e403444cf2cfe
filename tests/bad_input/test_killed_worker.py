"""A worker killed in the middle of a job: the lease runs out, the job is done once more under the same key, the case
moves once."""

import asyncio
import signal
from datetime import timedelta
from email import message_from_bytes

from connectors.wiring import runner_of
from engine import cases, tasks
from engine.store.statements import value
from tests.bad_input.served import process, settings_of
from tests.connectors.postbox import MailServer
from tests.engine.bundles import AGENT, a_case, a_procedure

LETTERS = {
    "letters/answer.fr.txt": b"Objet : Votre demande\n\nBonjour,\n",
    "letters/answer.en.txt": b"Subject: Your request\n\nHello,\n",
}


class SlowMailServer(MailServer):
    """Never answers the first message; takes the others. `keys` are the Message-IDs it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: list[str] = []
        self.reached = asyncio.Event()

    async def handle_DATA(self, server, session, envelope) -> str:
        self.keys.append(message_from_bytes(envelope.content)["Message-ID"])
        if len(self.keys) > 1:
            return await super().handle_DATA(server, session, envelope)
        self.reached.set()
        await asyncio.sleep(60)
        return "451 too late"


async def test_a_killed_worker_s_letter_leaves_once_under_the_same_key(database, now, tmp_path):
    await a_procedure(now, files=LETTERS)
    filed = await a_case(now)
    await tasks.complete((await tasks.of_case(filed.case_id))[0].id, {}, AGENT, now)

    async with SlowMailServer() as server:
        given = {"database_url": database.url, "folder": str(tmp_path), "smtp_port": server.port}
        with process("worker", **given, now=now.isoformat()) as worker:
            await asyncio.wait_for(server.reached.wait(), 60)
            worker.send_signal(signal.SIGKILL)
            worker.wait()
        while_leased, after = now + timedelta(seconds=60), now + timedelta(seconds=120)
        early = await runner_of(settings_of(given), lambda: while_leased, "second").run_once(while_leased)
        state_before = (await cases.get(filed.case_id)).state
        done = await runner_of(settings_of(given), lambda: after, "second").run_once(after)
        again = await runner_of(settings_of(given), lambda: after, "third").run_once(after + timedelta(hours=1))

    assert (early, done, again) == (0, 1, 0)
    assert len(server.received) == 1
    assert len(server.keys) == 2 and len(set(server.keys)) == 1
    assert (state_before, (await cases.get(filed.case_id)).state) == ("open", "closed")
    assert await value("SELECT count(*) FROM engine_journal WHERE fact LIKE 'A message was sent%'") == 1
