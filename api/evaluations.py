"""Evaluations: what decisions said on request, kept for a month and at most 100,000 of them, written like the history
of cases. `api.orchestration.decided` tells them.
"""

from datetime import datetime, timedelta
from typing import Any

from api.store import run, value
from engine.encoding import json_text

KEPT = timedelta(days=30)
MOST = 100_000
MORE = 500
"""How many more there may be for a while: the oldest are looked for once in so many."""
LARGEST_TRACE = 256 * 1024
ADD = """INSERT INTO api_evaluation (key, definition_hash, at, failure, details)
    VALUES ($1, $2, $3, $4, $5::text::jsonb)"""
TRIM = "DELETE FROM api_evaluation WHERE key <= (SELECT key FROM api_evaluation ORDER BY key DESC OFFSET $1 LIMIT 1)"


async def keep(key: int, definition_hash: str, now: datetime, failure: str | None, trace: dict[str, Any]) -> None:
    """Keep one. `trace` is what the history of a case would hold; of a larger one the answer alone is kept."""
    details = json_text(trace)
    if len(details) > LARGEST_TRACE:
        details = json_text({**trace, "matches": []})
    await run(ADD, key, definition_hash, now, failure, details)
    if key % MORE == 0:
        await trim()


async def trim(most: int = MOST) -> None:
    """Forget the oldest, where there are more than so many."""
    await run(TRIM, most)


async def forget_old(now: datetime, limit: int = 5_000) -> int:
    """Delete evaluations of a month ago, at most `limit`. Returns how many."""
    gone = await value(
        """WITH gone AS (DELETE FROM api_evaluation WHERE key = ANY(ARRAY(
            SELECT key FROM api_evaluation WHERE at < $1 ORDER BY at LIMIT $2)) RETURNING 1)
            SELECT count(*) FROM gone""",
        *(now - KEPT, limit),
    )
    return int(gone)
