"""Admission: whether a connection may be called now. Counts what it costs and how it fares, for all workers together.

After `MOST_FAILURES` failures in a row the connection rests; one job then tries, the others wait without losing a try.
`decide`, `after_success` and `after_failure` are pure; `Admission` keeps their numbers in the database.
"""

from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from connectors.store import row, run, transaction, value
from engine.connector import TryLater

MOST_FAILURES = 5
FIRST_REST, LONGEST_REST = timedelta(seconds=30), timedelta(minutes=2)
TRIAL = timedelta(seconds=60)
"""How long the one job that tries a resting connection keeps the others waiting."""
BUSY = timedelta(seconds=2)
CALL = timedelta(minutes=3)
"""A job that has not left by then died: it takes no place any more."""
RESTING = "The connection rests after failures."


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a connection bears: calls at once, calls in a minute."""

    concurrency: int = 8
    per_minute: int = 600


class Gauge(msgspec.Struct, frozen=True, kw_only=True):
    """How a connection fares."""

    failures: int = 0
    down_since: datetime | None = None
    rests_until: datetime | None = None
    reason: str = ""
    failed_at: datetime | None = None
    tokens: float = 0.0
    counted_at: datetime

    def is_resting(self, now: datetime) -> bool:
        """Whether calls wait because it failed."""
        return self.failures >= MOST_FAILURES and self.rests_until is not None and self.rests_until > now


def decide(gauge: Gauge, running: int, limits: Limits, now: datetime) -> tuple[Gauge, timedelta | None]:
    """The gauge after this request, and how long to wait: None when it may call."""
    if gauge.is_resting(now):
        return gauge, _between(gauge.rests_until or now, now)
    if running >= limits.concurrency:
        return gauge, BUSY
    passed = max((now - gauge.counted_at).total_seconds(), 0.0)
    tokens = min(gauge.tokens + passed * limits.per_minute / 60, float(limits.per_minute))
    if tokens < 1:
        return gauge, timedelta(seconds=max((1 - tokens) * 60 / limits.per_minute, 0.05))
    trial = now + TRIAL if gauge.failures >= MOST_FAILURES else gauge.rests_until
    return msgspec.structs.replace(gauge, tokens=tokens - 1, counted_at=now, rests_until=trial), None


def after_success(gauge: Gauge) -> Gauge:
    """It works: nothing is held against it."""
    return msgspec.structs.replace(gauge, failures=0, down_since=None, rests_until=None)


def after_failure(gauge: Gauge, reason: str, now: datetime) -> Gauge:
    """One failure more; from the fifth on it rests, ever longer."""
    failures = gauge.failures + 1
    rest = min(FIRST_REST * 2 ** min(max(failures - MOST_FAILURES, 0), 8), LONGEST_REST)
    return msgspec.structs.replace(
        gauge,
        failures=failures,
        down_since=gauge.down_since or now,
        rests_until=now + rest if failures >= MOST_FAILURES else None,
        reason=reason,
        failed_at=now,
    )


async def enter(connection: str, job_id: UUID, limits: Limits, now: datetime) -> int:
    """Take a place; returns which call of this job it is, from 1 on. Raises `TryLater` when the connection rests or is
    busy, which is no call."""
    tries = 0
    async with transaction():
        gauge = await _locked(connection, limits, now)
        running = await value(
            "SELECT count(*) FROM connectors_running WHERE connection = $1 AND until > $2 AND job_id <> $3",
            *(connection, now, job_id),
        )
        after, wait = decide(gauge, int(running), limits, now)
        if wait is None:
            await _write(connection, after)
            tries = await value(
                "WITH place AS (INSERT INTO connectors_running (job_id, connection, until) VALUES ($1, $2, $3) "
                "ON CONFLICT (job_id) DO UPDATE SET connection = excluded.connection, until = excluded.until) "
                "INSERT INTO connectors_tries AS t (job_id, tries, tried_at) VALUES ($1, 1, $4) "
                "ON CONFLICT (job_id) DO UPDATE SET tries = t.tries + 1, tried_at = excluded.tried_at RETURNING tries",
                *(job_id, connection, now + CALL, now),
            )
    if wait is not None:
        raise TryLater(wait, RESTING if gauge.is_resting(now) else "")
    return int(tries)


async def leave(
    connection: str, job_id: UUID, outcome: str, now: datetime, *, milliseconds: int, reason: str = ""
) -> None:
    """Give the place back and count the call. `outcome`: done, refused (a modelled outcome), postponed, failed; a
    `reason` says that the connection is to blame."""
    async with transaction():
        await run(
            "WITH over AS (DELETE FROM connectors_tries WHERE job_id = $1 AND $2) "
            "DELETE FROM connectors_running WHERE job_id = $1",
            *(job_id, outcome in ("done", "refused")),
        )
        gauge = await _locked(connection, Limits(), now)
        if outcome == "failed" and reason:
            await _write(connection, after_failure(gauge, reason, now))
        elif outcome in ("done", "refused") and gauge.failures:
            await _write(connection, after_success(gauge))
        counts = [int(outcome == each) for each in ("done", "refused", "failed", "postponed")]
        await run(
            "INSERT INTO connectors_usage (connection, hour, done, refused, failed, postponed, milliseconds) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (connection, hour) DO UPDATE SET "
            "done = connectors_usage.done + excluded.done, refused = connectors_usage.refused + excluded.refused, "
            "failed = connectors_usage.failed + excluded.failed, "
            "postponed = connectors_usage.postponed + excluded.postponed, "
            "milliseconds = connectors_usage.milliseconds + excluded.milliseconds",
            *(connection, now.replace(minute=0, second=0, microsecond=0), *counts, milliseconds),
        )


async def forgive(connection: str) -> None:
    """It was mended: what waits may try at once."""
    await run(
        "UPDATE connectors_gauge SET failures = 0, down_since = NULL, rests_until = NULL WHERE connection = $1",
        connection,
    )


async def gauge_of(connection: str) -> Gauge | None:
    """How a connection fares; None when it was never called."""
    found = await row("SELECT * FROM connectors_gauge WHERE connection = $1", connection)
    return msgspec.convert(dict(found), Gauge) if found else None


async def _locked(connection: str, limits: Limits, now: datetime) -> Gauge:
    await run(
        "INSERT INTO connectors_gauge (connection, failures, reason, tokens, counted_at) VALUES ($1, 0, '', $2, $3) "
        "ON CONFLICT DO NOTHING",
        *(connection, float(limits.per_minute), now),
    )
    found = await row("SELECT * FROM connectors_gauge WHERE connection = $1 FOR UPDATE", connection)
    return msgspec.convert(dict(found), Gauge)  # type: ignore[arg-type]


async def _write(connection: str, gauge: Gauge) -> None:
    await run(
        "UPDATE connectors_gauge SET failures = $2, down_since = $3, rests_until = $4, reason = $5, failed_at = $6, "
        "tokens = $7, counted_at = $8 WHERE connection = $1",
        *(connection, gauge.failures, gauge.down_since, gauge.rests_until, gauge.reason, gauge.failed_at),
        *(gauge.tokens, gauge.counted_at),
    )


def _between(until: datetime, now: datetime) -> timedelta:
    return max(until - now, timedelta(seconds=1))
