"""Correlation: who waits for a message or a signal, and the buffer of messages nobody waited for yet.

A message reaches, in each process, the one token that has waited longest for its name and exact key; a signal reaches
everybody. A start event at which an instance still waits, for the rest of what it begins with, starts no other. Never
moves an instance: `engine.dispatch` does.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine.encoding import json_text, parse_json
from engine.store.statements import rows, run, value

WAITING_FOR_MESSAGE = """SELECT DISTINCT ON (coalesce(i.definition_hash || i.process, s.definition_hash || s.element))
    s.instance_id, s.token, s.index, s.element, s.definition_hash
    FROM engine_subscription s LEFT JOIN engine_instance i ON i.id = s.instance_id
    WHERE s.kind = 'message' AND s.name = $1 AND (s.key IS NOT DISTINCT FROM $2 OR s.instance_id IS NULL)
    AND (s.instance_id IS NOT NULL OR NOT EXISTS (SELECT FROM engine_subscription w
        JOIN engine_instance j ON j.id = w.instance_id WHERE w.kind = s.kind AND w.name = s.name
        AND w.key IS NOT DISTINCT FROM $2 AND w.element = s.element AND j.definition_hash = s.definition_hash))
    ORDER BY coalesce(i.definition_hash || i.process, s.definition_hash || s.element), s.id"""
WAITING_FOR_SIGNAL = """SELECT instance_id, token, index, element, definition_hash FROM engine_subscription s
    WHERE kind = 'signal' AND name = $1 AND (s.instance_id IS NOT NULL OR NOT EXISTS (
        SELECT FROM engine_subscription w JOIN engine_instance j ON j.id = w.instance_id WHERE w.kind = s.kind
        AND w.name = s.name AND w.element = s.element AND j.definition_hash = s.definition_hash))
    ORDER BY id"""
TAKE_BUFFERED = """UPDATE engine_message SET consumed_at = $3 WHERE id = (
        SELECT id FROM engine_message WHERE name = $1 AND key IS NOT DISTINCT FROM $2 AND consumed_at IS NULL
        AND expires_at > $3 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING variables::text"""
BUFFER = """INSERT INTO engine_message (name, key, message_id, variables, published_at, expires_at, consumed_at)
    VALUES ($1, $2, $3, $4::text::jsonb, $5, $6, $7) ON CONFLICT DO NOTHING RETURNING id"""


# In one order, so that two broadcasts never wait for each other.
HOLD = "SELECT FROM engine_instance WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"


class Receiver(msgspec.Struct, frozen=True, kw_only=True):
    """A waiting token; without instance, a start event of a definition in service."""

    instance_id: UUID | None
    token: int
    index: int
    element: str
    definition_hash: str | None


async def receivers_of_message(name: str, key: str | None) -> list[Receiver]:
    """At most one waiting token of each process, and the start events of this name."""
    return [Receiver(**record) for record in await rows(WAITING_FOR_MESSAGE, name, key)]


async def receivers_of_signal(name: str) -> list[Receiver]:
    """Everybody who waits for this signal."""
    return [Receiver(**record) for record in await rows(WAITING_FOR_SIGNAL, name)]


async def held(find: Callable[[], Awaitable[list[Receiver]]]) -> list[Receiver]:
    """The receivers that `find` finds, with their instances locked: nobody else takes what they wait for.

    Without the lock, of two messages that find the same token, the second would count as delivered and be lost.
    """
    locked: set[UUID] = set()
    while True:
        found = await find()
        others = {receiver.instance_id for receiver in found if receiver.instance_id is not None} - locked
        if not others:
            return found
        await run(HOLD, sorted(others))
        locked |= others


async def meet(name: str, key: str | None) -> None:
    """Let a publication that found nobody and a token that starts to wait see each other: one goes first."""
    await run("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", f"{name}\0{key or ''}".replace("\0", "\x1f"))


async def take_buffered(name: str, key: str | None, now: datetime) -> dict[str, Any] | None:
    """The variables of the oldest message kept for this name and key, consumed; None when there is none."""
    variables: dict[str, Any] | None = parse_json(await value(TAKE_BUFFERED, name, key, now))
    return variables


async def remember(
    name: str,
    key: str | None,
    variables: dict[str, Any],
    *,
    message_id: str | None,
    published_at: datetime,
    expires_at: datetime,
    consumed: bool,
) -> bool:
    """Keep a message, or only the trace of one already delivered. False: this message id was published before."""
    consumed_at = published_at if consumed else None
    kept = await value(BUFFER, name, key, message_id, json_text(variables), published_at, expires_at, consumed_at)
    return kept is not None
