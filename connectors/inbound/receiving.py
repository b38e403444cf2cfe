"""Receiving: a signed message of another system → a BPMN message that starts a case or wakes one that waits.

Taken once: its id is kept in the same transaction. Never says to a stranger which connections exist."""

from datetime import datetime, timedelta
from typing import Any

import msgspec

from connectors import signatures
from connectors.errors import AnswerGarbled, ConnectionMissing, RecipeBroken, SignatureRefused
from connectors.recipes import said_of
from connectors.store import row, rows, transaction
from connectors.toolbox import Toolbox
from engine import messages
from engine.connector import Connection

KIND = "parvis.inbound"
LARGEST = 256 * 1024
DEEPEST = 64
KEPT = timedelta(days=2)
"""Longer than a signature lasts: what is older than that is refused before it is looked up."""


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a message: how many cases it reached; `repeated` says that it had come before."""

    reached: int
    repeated: bool = False


async def receive(slug: str, headers: dict[str, str], body: bytes, tools: Toolbox, now: datetime) -> Received:
    """Take a message in. Raises `SignatureRefused` (also for a connection that does not exist), `AnswerGarbled` (no
    JSON object), `RecipeBroken` (the connection's expressions)."""
    try:
        connection = await tools.opened(slug, KIND)
    except ConnectionMissing as error:
        raise SignatureRefused() from error
    message_id = signatures.check(connection.text("secret"), headers, body, now)
    seen = {"body": _read(body), "headers": headers}
    key, variables = _mapped(connection, seen, now)
    async with transaction():
        is_new = await row(
            "INSERT INTO connectors_received (connection, message_id, received_at) VALUES ($1, $2, $3) "
            "ON CONFLICT DO NOTHING RETURNING message_id",
            *(slug, message_id, now),
        )
        if is_new is None:
            return Received(reached=0, repeated=True)
        ttl = timedelta(hours=min(max(float(connection.values.get("keep_hours", 24) or 0), 0.0), 24 * 90))
        reached = await messages.publish(connection.text("message"), key, variables, now=now, ttl=ttl)
    return Received(reached=reached)


async def forget_old(now: datetime, limit: int = 5_000) -> int:
    """Forget ids whose signature has long run out. Returns how many."""
    gone = await rows(
        "DELETE FROM connectors_received WHERE ctid = ANY(ARRAY(SELECT ctid FROM connectors_received "
        "WHERE received_at < $1 LIMIT $2)) RETURNING message_id",
        *(now - KEPT, limit),
    )
    return len(gone)


def _mapped(connection: Connection, seen: dict[str, Any], now: datetime) -> tuple[str | None, dict[str, Any]]:
    key = said_of(connection.text("key"), seen, now) if connection.text("key") else None
    if connection.text("key") and key in (None, ""):
        raise RecipeBroken()
    written = connection.text("variables")
    variables = said_of(written, seen, now) if written else {connection.text("message"): seen["body"]}
    if not isinstance(variables, dict):
        raise RecipeBroken()
    return None if key is None else str(key), variables


def _read(body: bytes) -> dict[str, Any]:
    if len(body) > LARGEST:
        raise AnswerGarbled()
    try:
        found = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise AnswerGarbled() from error
    if not isinstance(found, dict) or _depth(found) > DEEPEST:
        raise AnswerGarbled()
    return found


def _depth(value: Any) -> int:
    """How deep it is nested, without recursion: a hostile body is refused, not followed."""
    depth, level = 0, [value]
    while level and depth <= DEEPEST:
        depth += 1
        level = [
            inner
            for each in level
            if isinstance(each, dict | list)
            for inner in (each.values() if isinstance(each, dict) else each)
        ]
    return depth
