"""Errands: what was done outside the database, so that a repeated job does not do it twice. Never does it:
connectors do."""

from datetime import datetime, timedelta

from desk.store import rows, run, value

KEPT = timedelta(days=400)


async def is_done(key: str) -> bool:
    """Whether the errand of this key (a job id) was done."""
    return await value("SELECT true FROM desk_errand WHERE key = $1", key) is not None


async def mark_done(key: str, now: datetime) -> None:
    """Remember that it was done; nothing happens the second time."""
    await run("INSERT INTO desk_errand (key, done_at) VALUES ($1, $2) ON CONFLICT DO NOTHING", key, now)


async def purge_old(now: datetime, limit: int = 5_000) -> int:
    """Forget errands older than 400 days: no job lives that long. Returns how many."""
    gone = await rows(
        "DELETE FROM desk_errand WHERE key = ANY(ARRAY(SELECT key FROM desk_errand WHERE done_at < $1 LIMIT $2)) "
        "RETURNING key",
        *(now - KEPT, limit),
    )
    return len(gone)
