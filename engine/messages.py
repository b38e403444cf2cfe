"""Messages: publishes messages and broadcasts signals to waiting cases, with exact keys, deduplication and a buffer.

A message nobody waits for is kept for its time to live, and taken by the first token that begins to wait for it.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

from engine import correlation, dispatch
from engine.actor import SYSTEM, Actor
from engine.bpmn.sizes import check_published
from engine.commands import Deliver
from engine.store.statements import rows, transaction


async def publish(
    name: str,
    key: str | None,
    variables: dict[str, Any],
    *,
    now: datetime,
    message_id: str | None = None,
    ttl: timedelta = timedelta(0),
    by: Actor = SYSTEM,
) -> int:
    """Deliver to whoever waits for this name and exact key; keep it for `ttl` when nobody does. Returns how many it
    reached.

    A `message_id` that was published before, under the same name and key, changes nothing and reaches 0.
    Raises `VariablesTooLarge` for more than any case may hold; a case that only lacks the room has an incident.
    """
    check_published(variables)
    find = partial(correlation.receivers_of_message, name, key)
    async with transaction():
        receivers = await correlation.held(find)
        if not receivers and ttl > timedelta(0):
            await correlation.meet(name, key)
            receivers = await correlation.held(find)
        if message_id is not None or (not receivers and ttl > timedelta(0)):
            is_new = await correlation.remember(
                name,
                key,
                variables,
                message_id=message_id,
                published_at=now,
                expires_at=now + ttl,
                consumed=bool(receivers) or ttl <= timedelta(0),
            )
            if not is_new:
                return 0
        return await dispatch.deliver(receivers, Deliver(token=0, name=name, key=key, variables=variables), by, now)


async def broadcast(name: str, variables: dict[str, Any], *, now: datetime, by: Actor = SYSTEM) -> int:
    """Deliver a signal to everybody who waits for it. Returns how many it reached. Raises `VariablesTooLarge`."""
    check_published(variables)
    async with transaction():
        receivers = await correlation.held(partial(correlation.receivers_of_signal, name))
        return await dispatch.deliver(
            receivers, Deliver(token=0, name=name, kind="signal", variables=variables), by, now
        )


async def forget_expired(now: datetime, kept: timedelta = timedelta(days=1)) -> int:
    """Delete messages that expired before `now` less `kept` (their ids deduplicate that long). Returns how many."""
    return len(await rows("DELETE FROM engine_message WHERE expires_at < $1 RETURNING id", now - kept))
