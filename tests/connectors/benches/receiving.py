"""Receiving: webhook in, called over the network."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx

from api.inbound import ROUTES
from connectors import signatures
from engine.store.statements import value
from tests.connectors.benches.bench import PERSON, SECRET, Bench
from tests.connectors.benches.serving import served_routes


class InboundBench(Bench):
    """Webhook in: the other side calls us, over the network."""

    def __init__(self, now: Any, address: str) -> None:
        super().__init__(now)
        self.address, self.number = address, 0

    async def send(self, content: bytes, *, secret: str = SECRET, id: str = "", slug: str = "treasury", **how: Any):
        """One notice; what we answer is kept."""
        self.number += 1
        headers = signatures.headers_of(secret, id or f"m{self.number}", content, self.now)
        async with httpx.AsyncClient(timeout=how.get("timeout", 10)) as client:
            sent = how.get("sent", content)
            answer = await client.post(f"{self.address}/api/inbound/{slug}", content=sent, headers=headers)
        self.said.append(answer.text)
        return answer

    async def success(self) -> None:
        assert (await self.send(NOTICE)).status_code == 202

    async def refusal(self) -> None:
        answers = [await self.send(NOTICE, secret="x" * 30), await self.send(NOTICE, slug="nowhere")]
        assert [each.status_code for each in answers] == [401, 401]

    async def timeout(self) -> None:
        """The caller's time runs out before it hears us; it calls again: taken once."""
        with contextlib.suppress(httpx.TimeoutException):
            await self.send(NOTICE, id="late", timeout=0.001)
        again = await self.send(NOTICE, id="late")
        last = await self.send(NOTICE, id="late")
        assert (again.status_code, last.json()["repeated"]) == (202, True)

    async def cut(self) -> None:
        before = await self.taken()
        host, port = self.address.removeprefix("http://").split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        signed = signatures.headers_of(SECRET, "cut", NOTICE, self.now)
        lines = "".join(f"{name}: {said}\r\n" for name, said in signed.items())
        head = f"POST /api/inbound/treasury HTTP/1.1\r\nhost: x\r\n{lines}content-length: {len(NOTICE)}\r\n\r\n"
        writer.write(head.encode() + NOTICE[:10])
        await writer.drain()
        writer.transport.abort()
        await asyncio.sleep(0.1)
        assert await self.taken() == before, "half a notice is none"

    async def slow(self) -> None:
        async def drip() -> AsyncIterator[bytes]:
            for at in range(0, len(NOTICE), 16):
                yield NOTICE[at : at + 16]
                await asyncio.sleep(0.02)

        assert (await self.send(NOTICE, sent=drip())).status_code == 202

    async def garbage(self) -> None:
        broken = (b"{nonsense", b"[]", b"\xff\xfe\x00", b'{"a":' * 5_000)
        answers = [await self.send(each) for each in broken]
        assert [each.status_code for each in answers] == [400] * len(broken)

    async def replay(self) -> None:
        answers = [await self.send(NOTICE, id="same") for _ in range(2)]
        assert [each.json()["repeated"] for each in answers] == [False, True]

    async def taken(self) -> int:
        return int(await value("SELECT count(*) FROM connectors_received"))


NOTICE = json.dumps({"invoice": "F-12", "amount": 40, "payer": PERSON["name"]}).encode()


def inbound_served(now: Any, tools: Any) -> AbstractAsyncContextManager[str]:
    """The route, behind a real server; gives its address."""
    from tests.connectors.test_inbound import House, Town

    return served_routes(ROUTES, House({"connectors": Town(tools)}, lambda: now))
