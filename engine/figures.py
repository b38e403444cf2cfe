"""Figures: numbers for dashboards, counted from cases and tasks as they are. Only reads.

A delay runs from filing to the answer (to closing, for a case closed without one), less the time spent waiting for
the citizen. Cancelled cases count as filed, never in the delays.
"""

from datetime import date, datetime
from typing import Any

import msgspec

from engine.store.statements import row, rows

DELAY = """extract(epoch FROM coalesce(c.answered_at, c.closed_at) - c.filed_at)::float8 - c.waited_seconds"""
ANSWERED = "coalesce(c.answered_at, c.closed_at) IS NOT NULL AND c.state <> 'cancelled'"
LATE = "coalesce(c.answered_at, c.closed_at, $3) > c.due_at AND c.state <> 'cancelled' AND c.waiting_since IS NULL"
PERIOD = "c.filed_at >= $1 AND c.filed_at < $2 AND ($4::text[] IS NULL OR c.departments && $4::text[])"
NUMBERS = f"""count(*) AS filed, count(*) FILTER (WHERE {ANSWERED}) AS answered,
    count(*) FILTER (WHERE c.closed_at IS NULL) AS open, count(*) FILTER (WHERE {LATE}) AS late,
    count(*) FILTER (WHERE c.decision = 'granted') AS granted,
    count(*) FILTER (WHERE c.decision = 'refused') AS refused,
    count(*) FILTER (WHERE c.state = 'cancelled') AS cancelled, sum(c.transfers)::bigint AS transfers,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY {DELAY}) FILTER (WHERE {ANSWERED}) AS median_seconds,
    percentile_cont(0.9) WITHIN GROUP (ORDER BY {DELAY}) FILTER (WHERE {ANSWERED}) AS slow_seconds"""


class Numbers(msgspec.Struct, frozen=True, kw_only=True):
    """Cases filed in a period. `median_seconds` and `slow_seconds` (90th percentile) are delays; None without answers.

    `late`: answered after the term, or unanswered past it.
    """

    filed: int
    answered: int
    open: int
    late: int
    granted: int
    refused: int
    cancelled: int
    transfers: int
    median_seconds: float | None
    slow_seconds: float | None


class NumbersOf(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of one procedure or department."""

    name: str
    numbers: Numbers


class NumbersOfWeek(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of cases filed in the week that begins on this Monday."""

    monday: date
    numbers: Numbers


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What waits at one element of a definition: for the live diagram."""

    element: str
    tasks: int
    jobs: int
    timers: int
    messages: int
    incidents: int


async def total(since: datetime, until: datetime, now: datetime, departments: tuple[str, ...] | None = None) -> Numbers:
    """The numbers of all cases filed in the period, of these departments (None: all)."""
    found = await row(f"SELECT {NUMBERS} FROM engine_case c WHERE {PERIOD}", since, until, now, _listed(departments))
    return _numbers(dict(found or {}))


async def by_procedure(
    since: datetime, until: datetime, now: datetime, departments: tuple[str, ...] | None = None
) -> list[NumbersOf]:
    """The numbers of each procedure, the most asked first."""
    return await _grouped("c.procedure", since, until, now, departments)


async def by_department(
    since: datetime, until: datetime, now: datetime, departments: tuple[str, ...] | None = None
) -> list[NumbersOf]:
    """The numbers of each responsible department, the most asked first."""
    return await _grouped("c.department", since, until, now, departments)


async def by_origin(
    since: datetime, until: datetime, now: datetime, departments: tuple[str, ...] | None = None
) -> list[NumbersOf]:
    """The numbers of each mode of filing, the most used first."""
    return await _grouped("c.origin", since, until, now, departments)


async def by_week(
    since: datetime, until: datetime, now: datetime, departments: tuple[str, ...] | None = None
) -> list[NumbersOfWeek]:
    """The numbers of each week of the period that has cases, oldest first; weeks begin on Monday, in the town."""
    found = await rows(
        f"""SELECT date_trunc('week', c.filed_at AT TIME ZONE 'Europe/Paris')::date AS monday, {NUMBERS}
            FROM engine_case c WHERE {PERIOD} GROUP BY 1 ORDER BY 1""",
        since,
        until,
        now,
        _listed(departments),
    )
    return [NumbersOfWeek(monday=record["monday"], numbers=_numbers(dict(record))) for record in found]


async def late_count(now: datetime, departments: tuple[str, ...] | None = None) -> int:
    """How many cases are past their term without an answer, the town not waiting for the citizen."""
    found: Any = await row(
        """SELECT count(*) AS late FROM engine_case c WHERE c.due_at < $1 AND c.answered_at IS NULL AND c.closed_at IS
        NULL AND c.waiting_since IS NULL AND ($2::text[] IS NULL OR c.departments && $2::text[])""",
        now,
        _listed(departments),
    )
    return int(found["late"])


async def open_tasks() -> dict[str, int]:
    """How many tasks each department has to do now; a department without any is left out."""
    found = await rows(
        "SELECT department, count(*) AS number FROM engine_task WHERE state IN ('open', 'claimed') "
        "AND audience = 'department' GROUP BY department"
    )
    return {each["department"]: each["number"] for each in found}


async def waiting_by_element(definition_hash: str) -> list[Waiting]:
    """What waits where in the running instances of one version."""
    kinds = {
        "tasks": "SELECT element FROM engine_task WHERE definition_hash = $1 AND state IN ('open', 'claimed')",
        "jobs": "SELECT element FROM engine_job WHERE definition_hash = $1 AND state IN ('queued', 'leased')",
        "timers": _of_instances("engine_timer", "TRUE"),
        "messages": _of_instances("engine_subscription", "TRUE"),
        "incidents": _of_instances("engine_incident", "w.resolved_at IS NULL"),
    }
    union = " UNION ALL ".join(
        f"SELECT '{kind}' AS waits, element FROM ({sql}) AS {kind}" for kind, sql in kinds.items()
    )
    counts = ", ".join(f"count(*) FILTER (WHERE waits = '{kind}') AS {kind}" for kind in kinds)
    found = await rows(
        f"SELECT element, {counts} FROM ({union}) AS waiting GROUP BY element ORDER BY element", definition_hash
    )
    return [Waiting(**record) for record in found]


async def entered_by_element(definition_hash: str, since: datetime, until: datetime) -> dict[str, int]:
    """How often each element of one version was entered in a period: the paths cases take."""
    found = await rows(
        """SELECT h.element, count(*) AS times FROM engine_history h JOIN engine_instance i ON i.id = h.instance_id
            WHERE i.definition_hash = $1 AND h.happened = 'entered' AND h.at >= $2 AND h.at < $3 GROUP BY h.element""",
        definition_hash,
        since,
        until,
    )
    return {record["element"]: record["times"] for record in found}


async def _grouped(
    column: str, since: datetime, until: datetime, now: datetime, departments: tuple[str, ...] | None
) -> list[NumbersOf]:
    found = await rows(
        f"""SELECT {column} AS name, {NUMBERS} FROM engine_case c WHERE {PERIOD}
            GROUP BY {column} ORDER BY count(*) DESC, {column}""",
        since,
        until,
        now,
        _listed(departments),
    )
    return [NumbersOf(name=record["name"], numbers=_numbers(dict(record))) for record in found]


def _of_instances(table: str, condition: str) -> str:
    return (
        f"SELECT w.element FROM {table} w JOIN engine_instance i ON i.id = w.instance_id"
        f" WHERE i.definition_hash = $1 AND i.status = 'running' AND {condition}"
    )


def _listed(departments: tuple[str, ...] | None) -> list[str] | None:
    return None if departments is None else list(departments)


def _numbers(record: dict[str, Any]) -> Numbers:
    counted = {name: record.get(name) for name in Numbers.__struct_fields__}
    counted["transfers"] = counted["transfers"] or 0
    return Numbers(**counted)  # type: ignore[arg-type]
