"""Spending: what text messages cost a connection, and how many a person has had. Only reads."""

from datetime import datetime, timedelta

import msgspec

from connectors.store import row, value

DAY = timedelta(days=1)


class Spending(msgspec.Struct, frozen=True, kw_only=True):
    """Messages sent, the segments paid, and what they cost, in cents."""

    messages: int
    segments: int
    cents: float


async def spent(connection: str, since: datetime) -> Spending:
    """What went through a connection since then; nothing is older than 400 days."""
    found = await row(
        "SELECT count(*)::int AS messages, coalesce(sum(segments), 0)::int AS segments, "
        "coalesce(sum(millicents), 0)::float8 / 1000 AS cents FROM connectors_sms "
        "WHERE connection = $1 AND sent_at >= $2",
        *(connection, since),
    )
    assert found is not None
    return msgspec.convert(dict(found), Spending)


async def had_lately(person: str, now: datetime) -> int:
    """How many messages the person of this digest has had within 24 hours."""
    return int(
        await value("SELECT count(*) FROM connectors_sms WHERE person = $1 AND sent_at > $2", person, now - DAY) or 0
    )
