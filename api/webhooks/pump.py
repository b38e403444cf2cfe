"""Pump: tells each webhook the facts it asked for, one after another, none before the one it follows has been heard.

A webhook is claimed for a while and its position moves with every fact told, so a pump that dies loses nothing: another
goes on from there, and at most repeats one fact under the same id. Called by `server.chores`.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
import structlog

from api.store import rows, transaction
from api.webhooks import facts
from api.webhooks.facts import Fact
from api.webhooks.register import secret_of
from connectors import signatures
from connectors.addresses import Network
from connectors.errors import ConnectorError
from connectors.outgoing import Outgoing

MOST_TRIES = 15
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=4)
"""Fifteen tries take about fourteen hours: a night and a morning."""
ROWS_AT_ONCE = 200
SECONDS = 10.0
CLAIMED = timedelta(seconds=60)
LARGEST_ANSWER = 64 * 1024
GONE = 410

CLAIM = """UPDATE api_webhook w SET due_at = $2, claim = w.claim + 1 FROM api_client k
    WHERE w.id = (SELECT o.id FROM api_webhook o JOIN api_client ok ON ok.id = o.client_id
        WHERE o.state = 'active' AND o.due_at <= $1 AND o.id <> ALL($3::uuid[]) AND ok.revoked_at IS NULL
            AND 'webhooks' = ANY(ok.scopes) ORDER BY o.due_at LIMIT 1 FOR UPDATE OF o SKIP LOCKED)
        AND k.id = w.client_id
    RETURNING w.id, w.url, w.events, w.position, w.failures, w.claim, k.procedures"""
MOVE = """UPDATE api_webhook SET position = $3, failures = 0, reason = '', due_at = $4 WHERE id = $1 AND claim = $2
    RETURNING 1"""
LATER = "UPDATE api_webhook SET due_at = $3 WHERE id = $1 AND claim = $2 RETURNING 1"
FAIL = """UPDATE api_webhook SET failures = $3, reason = $4, due_at = $5, state = $6 WHERE id = $1 AND claim = $2
    RETURNING 1"""
LOG = """INSERT INTO api_delivery (webhook_id, event_id, event, attempt, delivered, status, reason, at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING 1"""

_log = structlog.get_logger()


class Claimed(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook this pump may tell while its claim lasts. `failures` are the tries in a row that failed."""

    id: UUID
    url: str
    events: tuple[str, ...]
    position: int
    failures: int
    claim: int
    procedures: tuple[str, ...]

    def wants(self, fact: Fact) -> bool:
        """It asked for such facts, and its client may know of the procedure."""
        return fact.event in self.events and (not self.procedures or fact.procedure in self.procedures)


class Answer(msgspec.Struct, frozen=True):
    """What came of one try: the status, if there was one, and in words why it failed."""

    status: int | None
    reason: str = ""
    wait: timedelta | None = None


class Pump:
    """Tells the webhooks of a town. `secret` is the settings' secret key."""

    def __init__(
        self,
        secret: bytes,
        clock: Callable[[], datetime],
        *,
        permitted: Sequence[Network] = (),
        proxy: str = "",
        seconds: float = SECONDS,
    ) -> None:
        self._secret, self._clock, self._seconds = secret, clock, seconds
        self._permitted, self._proxy = tuple(permitted), proxy

    async def run_once(self, now: datetime) -> int:
        """Tell every webhook that is due what it is to be told. Returns how many facts were heard."""
        heard, seen, top = 0, list[UUID](), None
        while record := await self._claim(now, seen):
            webhook = msgspec.convert(dict(record), Claimed)
            seen.append(webhook.id)
            top = top if top is not None else await facts.settled()
            heard += await self._tell(webhook, top)
        return heard

    async def _claim(self, now: datetime, seen: list[UUID]) -> Any:
        found = await rows(CLAIM, now, self._clock() + CLAIMED, seen)
        return found[0] if found else None

    async def _tell(self, webhook: Claimed, top: int | None) -> int:
        if top is None:
            await rows(LATER, webhook.id, webhook.claim, self._clock())
            return 0
        told, upto = await facts.after(webhook.position, top, ROWS_AT_ONCE)
        heard, failures = 0, webhook.failures
        for fact in filter(webhook.wants, told):
            answer = await self._send(webhook, fact)
            if answer.reason:
                await self._fail(webhook, fact, failures + 1, answer)
                return heard
            if not await self._heard(webhook, fact, failures + 1, answer):
                return heard
            heard, failures = heard + 1, 0
        await self._move(webhook, upto, done=True)
        return heard

    async def _send(self, webhook: Claimed, fact: Fact) -> Answer:
        body = fact.body()
        headers = signatures.headers_of(secret_of(self._secret, webhook.id), fact.id, body, self._clock())
        host = urlsplit(webhook.url).netloc
        calls = Outgoing(
            (host,), permitted=self._permitted, proxy=self._proxy, seconds=self._seconds, largest=LARGEST_ANSWER
        )
        try:
            reply = await calls.request(
                "POST", webhook.url, headers={"content-type": "application/json", **headers}, body=body
            )
        except ConnectorError as error:
            return Answer(None, str(error) or type(error).__name__)
        if 200 <= reply.status < 300:
            return Answer(reply.status)
        return Answer(reply.status, f"HTTP {reply.status}", reply.retry_after)

    async def _heard(self, webhook: Claimed, fact: Fact, attempt: int, answer: Answer) -> bool:
        async with transaction():
            moved = await self._move(webhook, fact.number, done=False)
            if moved:
                await rows(LOG, *self._line(webhook, fact, attempt, answer))
        return moved

    async def _move(self, webhook: Claimed, position: int, *, done: bool) -> bool:
        due_at = self._clock() + (timedelta(0) if done else CLAIMED)
        return bool(await rows(MOVE, webhook.id, webhook.claim, position, due_at))

    async def _fail(self, webhook: Claimed, fact: Fact, failures: int, answer: Answer) -> None:
        over = failures >= MOST_TRIES or answer.status == GONE
        due_at = self._clock() + max(pause_after(failures), answer.wait or timedelta(0))
        state = "failing" if over else "active"
        async with transaction():
            if await rows(FAIL, webhook.id, webhook.claim, failures, answer.reason, due_at, state):
                await rows(LOG, *self._line(webhook, fact, failures, answer))
        if over:
            _log.warning("webhook_paused", webhook=str(webhook.id), tries=failures, status=answer.status)

    def _line(self, webhook: Claimed, fact: Fact, attempt: int, answer: Answer) -> tuple[object, ...]:
        said = (fact.number, fact.event, attempt, not answer.reason, answer.status, answer.reason)
        return (webhook.id, *said, self._clock())


def pause_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row. Pure."""
    return min(FIRST_PAUSE * 2 ** min(failures - 1, MOST_TRIES), LONGEST_PAUSE)
