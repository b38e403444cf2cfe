"""Calling: connectors that call an HTTP server."""

from typing import Any

from connectors.errors import (
    AnswerGarbled,
    CredentialsRefused,
    ServerFailed,
    ServerTooSlow,
    ServerUnreachable,
)
from engine.connector import BusinessError, Job, TryLater
from tests.connectors.benches.bench import PERSON, SECRET, Bench
from tests.connectors.servers import HttpServer, answering


class HttpBench(Bench):
    """A connector that calls an HTTP server."""

    def __init__(self, now: Any, type: str, server: HttpServer) -> None:
        from tests.connectors import test_contract

        super().__init__(now)
        self.type, self.server, self.one = type, server, test_contract.connector(type)
        self.body = test_contract.PLACES if type == "parvis:address" else {"ok": True}
        self._job_of = test_contract.job_of

    def job(self) -> Job:
        self.server.behaviour = "answer"
        self.server.answer = answering(200, self.body, content_type="application/json")
        return self._job_of(self.type)

    async def success(self) -> None:
        job, before = self.job(), len(self.server.received)
        assert (await self.one.run(job, self.now)).variables
        assert len(self.server.received) == before + 1

    async def refusal(self) -> None:
        job = self.job()
        for status, error in (
            *((500, ServerFailed), (401, CredentialsRefused), (400, BusinessError), (404, BusinessError)),
            (429, TryLater),
        ):
            self.server.answer = answering(status, {"name": PERSON["name"], "key": SECRET}, retry_after="120")
            await self.told(self.one.run(job, self.now), job, error)

    async def timeout(self) -> None:
        await self._behaving("silent", ServerTooSlow)

    async def cut(self) -> None:
        await self._behaving("cut", ServerUnreachable)

    async def slow(self) -> None:
        await self._behaving("drip", ServerTooSlow)

    async def garbage(self) -> None:
        await self._behaving("garbage", AnswerGarbled)
        if self.type not in ("parvis:webhook", "parvis:sms"):  # those read the status alone
            job = self.job()
            self.server.answer = lambda _: (200, {"content-type": "application/json"}, b"{nonsense " + SECRET.encode())
            await self.told(self.one.run(job, self.now), job, AnswerGarbled)

    async def replay(self) -> None:
        job, before = self.job(), len(self.server.received)
        outcomes = [await self.one.run(job, self.now) for _ in range(2)]
        calls = self.server.received[before:]
        keys = {each.headers.get("idempotency-key") for each in calls}
        assert outcomes[0] == outcomes[1]
        # Reading twice changes nothing over there; else the second is not made, or bears the first one's key.
        assert keys == ({None} if self.type == "parvis:address" else {str(job.id)})
        assert len(calls) == (1 if self.type in ("parvis:webhook", "parvis:sms") else 2)

    async def _behaving(self, behaviour: str, error: type[BaseException]) -> None:
        job = self.job()
        self.server.behaviour = behaviour
        await self.told(self.one.run(job, self.now), job, error)
        self.server.behaviour = "answer"
        assert (await self.one.run(job, self.now)).variables, "the next try succeeds"
