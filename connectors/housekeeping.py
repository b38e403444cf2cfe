"""Housekeeping: forgets what connectors no longer need: ids of old webhooks, counts of old calls, places of the dead.
Called once a night by `server.background`."""

from datetime import datetime, timedelta

from connectors.inbound import receiving
from connectors.store import rows

KEPT = {
    "connectors_sms": ("sent_at", timedelta(days=400)),
    "connectors_running": ("until", timedelta(days=1)),
    "connectors_tries": ("tried_at", timedelta(days=60)),
    "connectors_usage": ("hour", timedelta(days=800)),
}
"""Table → its time and how long a row is kept. A person's messages are counted over a day; costs over a year."""


async def forget_old(now: datetime, limit: int = 5_000) -> int:
    """Delete old rows, at most `limit` of each table. Returns how many."""
    gone = await receiving.forget_old(now, limit)
    for table, (column, kept) in KEPT.items():
        found = await rows(
            f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {column} < $1 LIMIT $2)) "
            "RETURNING 1",
            *(now - kept, limit),
        )
        gone += len(found)
    return gone
