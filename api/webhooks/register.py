"""Register: the webhooks of API clients, and the log of what each was told. Never sends: see `api.webhooks.pump`."""

import base64
import hmac
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from accounts.clients import Client
from api.store import rows, value
from api.webhooks import facts
from api.webhooks.facts import Event
from connectors.signatures import PREFIX
from engine.ids import new_id

MOST_PER_CLIENT = 20
KEPT = timedelta(days=30)
"""How long a delivery stays in the log."""
State = Literal["active", "paused", "failing"]

_COLUMNS = """w.id, w.client_id, k.name AS client_name, w.url, w.events, w.position, w.state, w.failures, w.reason,
    w.due_at, w.created_at"""
_FROM = "FROM api_webhook w JOIN api_client k ON k.id = w.client_id"


class Webhook(msgspec.Struct, frozen=True, kw_only=True):
    """Where a client is told. `position` is the number of the last fact told; `failing`: paused after too many tries
    in a row, for an administrator to resume; `reason` is why the last one failed.
    """

    id: UUID
    client_id: UUID
    client_name: str
    url: str
    events: tuple[Event, ...]
    position: int
    state: State
    failures: int
    reason: str
    due_at: datetime
    created_at: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One try to tell one fact. `status` is the answer's, absent when none came."""

    id: int
    webhook_id: UUID
    event_id: int
    event: str
    attempt: int
    delivered: bool
    status: int | None
    reason: str
    at: datetime


def secret_of(town_secret: bytes, number: UUID) -> str:
    """The key of a webhook's signatures, as Standard Webhooks writes it: made from the town's, kept nowhere."""
    made = hmac.new(town_secret, f"outgoing-webhook:{number}".encode(), "sha256").digest()
    return PREFIX + base64.b64encode(made).decode()


async def add(client: Client, url: str, events: tuple[Event, ...], now: datetime) -> Webhook | None:
    """Tell a client of what happens from now on. None when it has as many webhooks as it may."""
    number = new_id(now)
    added = await rows(
        """INSERT INTO api_webhook (id, client_id, url, events, position, state, failures, reason, due_at, claim,
            created_at) SELECT $1, $2, $3, $4, $5, 'active', 0, '', $6, 0, $6
            WHERE (SELECT count(*) FROM api_webhook WHERE client_id = $2) < $7 RETURNING 1""",
        *(number, client.id, url, list(events), await facts.newest(), now, MOST_PER_CLIENT),
    )
    return await get(number) if added else None


async def get(number: UUID) -> Webhook | None:
    """The webhook of this id."""
    found = await _webhooks("WHERE w.id = $1", number)
    return found[0] if found else None


async def of_client(client_id: UUID) -> list[Webhook]:
    """The webhooks of a client, oldest first."""
    return await _webhooks("WHERE w.client_id = $1 ORDER BY w.id", client_id)


async def everyone() -> list[Webhook]:
    """Every webhook of clients in use, those that need somebody first."""
    return await _webhooks("WHERE k.revoked_at IS NULL ORDER BY w.state <> 'failing', w.failures = 0, w.id")


async def remove(number: UUID) -> None:
    """Tell it nothing more, and forget its log."""
    await rows("DELETE FROM api_webhook WHERE id = $1 RETURNING 1", number)


async def pause(number: UUID) -> None:
    """Tell it nothing until it is resumed; then it is told everything that has happened since."""
    await rows("UPDATE api_webhook SET state = 'paused', claim = claim + 1 WHERE id = $1 RETURNING 1", number)


async def resume(number: UUID, now: datetime) -> None:
    """Go on where it stopped."""
    await rows(
        "UPDATE api_webhook SET state = 'active', failures = 0, due_at = $2 WHERE id = $1 AND state <> 'active'"
        " RETURNING 1",
        *(number, now),
    )


async def deliveries(number: UUID, *, before: int | None = None, limit: int = 100) -> list[Delivery]:
    """The log of a webhook, newest first; `before` is the id of a delivery."""
    found = await rows(
        """SELECT id, webhook_id, event_id, event, attempt, delivered, status, reason, at FROM api_delivery
            WHERE webhook_id = $1 AND ($2::bigint IS NULL OR id < $2) ORDER BY id DESC LIMIT $3""",
        *(number, before, limit),
    )
    return [Delivery(**record) for record in found]


async def forget_old(now: datetime, limit: int = 5_000) -> int:
    """Delete deliveries of a month ago, at most `limit`. Returns how many."""
    gone = await value(
        """WITH gone AS (DELETE FROM api_delivery WHERE id = ANY(ARRAY(
            SELECT id FROM api_delivery WHERE at < $1 ORDER BY at LIMIT $2)) RETURNING 1) SELECT count(*) FROM gone""",
        *(now - KEPT, limit),
    )
    return int(gone)


async def _webhooks(rest: str, *values: Any) -> list[Webhook]:
    found = await rows(f"SELECT {_COLUMNS} {_FROM} {rest}", *values)
    return [msgspec.convert(dict(record), Webhook) for record in found]
