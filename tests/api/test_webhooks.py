"""Webhooks: another system hears of everything that happens to cases, once it is there to hear, in order, signed."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from httpx import AsyncClient

from accounts import clients
from api.webhooks import facts, register
from api.webhooks.pump import CLAIMED, MOST_TRIES, Pump, pause_after
from connectors import signatures
from connectors.addresses import networks_of
from connectors.errors import SignatureRefused
from engine import cases, jobs, tasks
from engine.connector import JobOutcome
from engine.store.statements import run, transaction
from tests.api.conftest import Asking
from tests.connectors.servers import HttpServer, Received, answering
from tests.engine.bundles import AGENT, a_case, a_procedure
from tests.web.conftest import Clock

EVERYTHING = list(facts.EVENTS)
SECRET = b"0" * 64
Pumping = Callable[..., Pump]


@pytest.fixture
def pumping(clock: Clock) -> Pumping:
    """Makes a pump that may call this machine."""

    def make(**changes: Any) -> Pump:
        return Pump(SECRET, clock, **{"permitted": networks_of("127.0.0.1/32"), **changes})

    return make


async def a_webhook(client: AsyncClient, server: HttpServer, events: list[str] | None = None) -> Any:
    asked = {"url": f"{server.url}/events", "events": events or EVERYTHING}
    made = await client.post("/api/webhooks", json=asked)
    assert made.status_code == 201, made.text
    return made.json()


async def an_answered_case(now: datetime, key: str = "k1") -> cases.CaseFiled:
    """Filed, reviewed, answered, closed."""
    filed = await a_case(now, key=key)
    [task] = await tasks.of_case(filed.case_id)
    await tasks.complete(task.id, {}, AGENT, now)
    [leased] = await jobs.lease(1, "w", now)
    await jobs.complete(leased.job.id, leased.job.attempt, JobOutcome(), now)
    return filed


def told(server: HttpServer) -> list[str]:
    return [request.json()["type"] for request in server.received]


STORY = [
    *("case.filed", "case.moved", "task.opened", "task.completed", "case.answered", "case.closed"),
]


async def test_another_system_hears_the_story_of_a_case_in_order(
    asking: Asking, pumping: Pumping, now: datetime
) -> None:
    await a_procedure(now)
    async with HttpServer() as server:
        await a_webhook(await asking(), server)

        filed = await an_answered_case(now)
        await pumping().run_once(now)

        assert told(server) == STORY
        moved = server.received[1].json()["data"]
        assert moved["publicStep"] == "Votre demande est examinée"
        assert moved["case"]["reference"] == filed.reference
        assert server.received[2].json()["data"]["task"]["name"] == "Examiner la demande"
        assert server.received[4].json()["data"]["decision"] == "granted"
        assert not any(b"Gall" in request.body or b"aicha" in request.body for request in server.received)


async def test_a_cancelled_case_is_told_as_such(asking: Asking, pumping: Pumping, now: datetime) -> None:
    await a_procedure(now)
    async with HttpServer() as server:
        await a_webhook(await asking(), server, ["case.closed", "case.cancelled"])
        filed = await a_case(now)

        await cases.cancel(filed.case_id, "Doublon", AGENT, now)
        await pumping().run_once(now)

        assert told(server) == ["case.cancelled"]


async def test_every_event_is_signed_and_has_an_id_of_its_own(asking: Asking, pumping: Pumping, now: datetime) -> None:
    await a_procedure(now)
    async with HttpServer() as server:
        secret = (await a_webhook(await asking(), server))["secret"]

        await an_answered_case(now)
        await pumping().run_once(now)

        ids = [signatures.check(secret, each.headers, each.body, now) for each in server.received]
        assert len(set(ids)) == len(STORY)
        with pytest.raises(SignatureRefused):
            signatures.check(secret, server.received[0].headers, server.received[1].body, now)


async def test_an_event_that_fails_is_repeated_later_and_those_behind_it_wait(
    asking: Asking, pumping: Pumping, now: datetime, clock: Clock
) -> None:
    await a_procedure(now)
    pump = pumping()
    async with HttpServer(third_try()) as server:
        client = await asking()
        made = await a_webhook(client, server)
        await an_answered_case(now)

        await pump.run_once(clock())
        await pump.run_once(clock())
        assert told(server) == ["case.filed"]
        for _ in range(2):
            clock.now += pause_after(2)
            await pump.run_once(clock())

        assert told(server) == ["case.filed", "case.filed", *STORY]
        assert len({each.headers["webhook-id"] for each in server.received[:3]}) == 1
        log = (await client.get(f"/api/webhooks/{made['id']}/deliveries")).json()[::-1]
        assert [(each["delivered"], each["attempt"], each["status"]) for each in log[:4]] == [
            *((False, 1, 503), (False, 2, 503), (True, 3, 200), (True, 1, 200)),
        ]


def third_try() -> Callable[[Received], tuple[int, dict[str, str], bytes]]:
    """Away twice, then well."""
    tries = iter([503, 503])
    return lambda _: (next(tries, 200), {}, b"")


async def test_nothing_is_lost_when_the_pump_is_killed_in_the_middle(
    asking: Asking, pumping: Pumping, now: datetime, clock: Clock
) -> None:
    await a_procedure(now)
    async with HttpServer() as server:
        await a_webhook(await asking(), server)
        await an_answered_case(now)
        server.answer = silent_after(3, server)
        dying = asyncio.create_task(pumping().run_once(now))
        for _ in range(1_000):
            await asyncio.sleep(0.01)
            if len(server.received) == 4:
                break
        dying.cancel()
        await asyncio.gather(dying, return_exceptions=True)
        server.answer, server.behaviour = answering(), "answer"

        early = await pumping().run_once(clock())
        clock.now += CLAIMED
        await pumping().run_once(clock())

        assert early == 0
        # Nobody knows whether the fourth was heard: it comes again, under the same id.
        assert told(server) == [*STORY[:4], *STORY[3:]]
        assert server.received[3].headers["webhook-id"] == server.received[4].headers["webhook-id"]


def silent_after(count: int, server: HttpServer) -> Callable[[Received], tuple[int, dict[str, str], bytes]]:
    """Answers so many, then keeps silent."""

    def answer(_: Received) -> tuple[int, dict[str, str], bytes]:
        if len(server.received) >= count:
            server.behaviour = "silent"
        return 200, {}, b""

    return answer


async def test_what_is_committed_late_under_an_earlier_id_is_told_first(
    asking: Asking, pumping: Pumping, now: datetime
) -> None:
    await a_procedure(now)
    early, late = [(await tasks.of_case((await a_case(now, key=key)).case_id))[0] for key in ("early", "late")]
    written, go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with transaction():
            await tasks.complete(early.id, {}, AGENT, now)
            written.set()
            await go.wait()

    async with HttpServer() as server:
        await a_webhook(await asking(), server, ["task.completed"])
        slowly = asyncio.create_task(slow())
        await written.wait()
        await tasks.complete(late.id, {}, AGENT, now)
        pumped = asyncio.create_task(pumping().run_once(now))
        await asyncio.sleep(0.2)
        before = told(server)
        go.set()
        await asyncio.gather(slowly, pumped)

        assert before == []
        assert [each.json()["data"]["task"]["id"] for each in server.received] == [str(early.id), str(late.id)]


async def test_a_webhook_that_always_fails_is_paused_until_an_administrator_resumes_it(
    asking: Asking, pumping: Pumping, now: datetime, clock: Clock
) -> None:
    await a_procedure(now)
    pump = pumping()
    async with HttpServer(answering(500)) as server:
        client = await asking()
        made = await a_webhook(client, server, ["case.filed"])
        await a_case(now)
        for _ in range(MOST_TRIES + 2):
            await pump.run_once(clock())
            clock.now += timedelta(hours=4)
        assert len(server.received) == MOST_TRIES
        shown = (await client.get(f"/api/webhooks/{made['id']}")).json()
        assert (shown["state"], shown["lastFailure"]) == ("failing", "HTTP 500")
        assert (await client.post(f"/api/webhooks/{made['id']}/resume")).status_code == 409

        server.answer = answering()
        [known] = await register.everyone()
        await register.resume(known.id, clock())
        await pump.run_once(clock())

        assert len(server.received) == MOST_TRIES + 1
        assert server.received[-1].headers["webhook-id"] == server.received[0].headers["webhook-id"]


async def test_a_paused_webhook_hears_afterwards_what_it_missed(
    asking: Asking, pumping: Pumping, now: datetime
) -> None:
    await a_procedure(now)
    async with HttpServer() as server:
        client = await asking()
        made = await a_webhook(client, server)

        await client.post(f"/api/webhooks/{made['id']}/pause")
        await an_answered_case(now)
        await pumping().run_once(now)
        assert told(server) == []
        await client.post(f"/api/webhooks/{made['id']}/resume")
        await pumping().run_once(now)

        assert told(server) == STORY


async def test_no_address_inside_the_towns_network_is_called(asking: Asking, pumping: Pumping, now: datetime) -> None:
    await a_procedure(now)
    async with HttpServer() as server:
        client = await asking()
        made = await a_webhook(client, server)
        await a_case(now)

        await pumping(permitted=()).run_once(now)

        assert server.connected == 0
        [tried] = (await client.get(f"/api/webhooks/{made['id']}/deliveries")).json()
        assert (tried["delivered"], tried["status"]) == (False, None)
        assert tried["reason"] and "127.0.0.1" not in tried["reason"]


async def test_a_client_hears_of_its_own_procedures_and_sees_its_own_webhooks(
    asking: Asking, pumping: Pumping, now: datetime
) -> None:
    await a_procedure(now)
    async with HttpServer() as server:
        kept, other = await asking(procedures=["permit"]), await asking()
        made = await a_webhook(kept, server)
        await a_case(now)

        await pumping().run_once(now)

        assert told(server) == []
        assert (await other.get("/api/webhooks")).json() == []
        for method, path in (
            ("GET", ""),
            ("DELETE", ""),
            ("POST", "/pause"),
            ("POST", "/resume"),
            ("GET", "/deliveries"),
        ):
            answer = await other.request(method, f"/api/webhooks/{made['id']}{path}")
            assert answer.status_code == 404


async def test_a_revoked_client_is_told_nothing_more(asking: Asking, pumping: Pumping, now: datetime) -> None:
    await a_procedure(now)
    async with HttpServer() as server:
        await a_webhook(await asking(), server)
        await a_case(now)
        [known] = await clients.everyone()

        await clients.revoke(known.id, now)
        await pumping().run_once(now)

        assert server.connected == 0


async def test_addresses_and_events_that_cannot_be_are_refused(asking: Asking) -> None:
    client = await asking()
    wrong = [
        *("ftp://a.example/x", "https://user:pw@a.example/", "no address", "https:///x", "http://[::1", ""),
    ]

    for url in wrong:
        answer = await client.post("/api/webhooks", json={"url": url, "events": ["case.filed"]})
        assert answer.status_code == 400, url
    unknown = await client.post("/api/webhooks", json={"url": "https://a.example/", "events": ["case.eaten"]})
    assert unknown.status_code == 400


async def test_the_log_forgets_after_a_month(asking: Asking, pumping: Pumping, now: datetime) -> None:
    await a_procedure(now)
    async with HttpServer() as server:
        client = await asking()
        made = await a_webhook(client, server, ["case.filed"])
        await a_case(now)
        await pumping().run_once(now)
        await run("UPDATE api_delivery SET at = $1", now - register.KEPT - timedelta(seconds=1))

        assert await register.forget_old(now) == 1
        assert (await client.get(f"/api/webhooks/{made['id']}/deliveries")).json() == []


async def test_a_webhook_that_was_taken_away_is_there_no_more(asking: Asking) -> None:
    client = await asking()
    made = await client.post("/api/webhooks", json={"url": "https://voisin.example/x", "events": ["case.filed"]})
    address = f"/api/webhooks/{made.json()['id']}"

    assert (await client.delete(address)).is_success
    assert (await client.get(address)).status_code == 404
    assert (await client.get("/api/webhooks")).json() == []
