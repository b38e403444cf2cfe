"""Rows: one writer, tables that agree with the migrations, and hot statements that use their index."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from engine import inbox, registry, timers
from engine.apply import marks
from engine.store import TABLES
from engine.store.statements import connection, rows, transaction

ROOT = Path(__file__).parents[2]
OWNED = "instance|task|job|timer|subscription|incident|history"
WRITES = re.compile(rf"(INSERT INTO|UPDATE|DELETE FROM)\s+engine_({OWNED})\b")


def test_only_apply_writes_the_rows_of_instances() -> None:
    floors = ("engine", "desk", "connectors", "web", "api", "admin", "server")
    writers = [
        str(path.relative_to(ROOT))
        for floor in floors
        for path in (ROOT / floor).rglob("*.py")
        if WRITES.search(path.read_text("utf-8")) and "apply" not in path.parts
    ]

    assert writers == [], "Ask engine.apply for the change, or call a verb of the engine."


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table._meta.tablename)
async def test_tables_agree_with_the_migrations(table: Any) -> None:
    found = await rows(
        "SELECT column_name FROM information_schema.columns WHERE table_name = $1 AND is_generated = 'NEVER'",
        table._meta.tablename,
    )

    assert {record["column_name"] for record in found} == {column._meta.name for column in table._meta.columns}


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("index", "sql", "arguments"),
    [
        ("engine_job_lane", marks.LEASE_JOBS, (10, "w", "now", "now", None, [], None)),
        ("engine_timer_due", timers.CLAIM, ("now", [], 100)),
        ("engine_timer", timers.CLAIM_START, ("now", [])),
        ("engine_task_inbox", f"SELECT id FROM engine_task t WHERE {inbox.OPEN_HERE}", (["voirie"],)),
        (
            "engine_case_search",
            "SELECT id FROM engine_case c WHERE parvis_fold($1) <% c.search_text",
            ("dupont",),
        ),
        (
            "engine_case_departments",
            f"SELECT id FROM engine_case c WHERE {registry.WITHIN.replace('$1::text[] IS NULL OR ', '')}",
            (["voirie"],),
        ),
        (
            "engine_task_token",
            "SELECT id FROM engine_task WHERE instance_id = $1 AND token = $2 AND state IN ('open', 'claimed')",
            (UUID(int=1), 1),
        ),
    ],
)
async def test_hot_statements_use_their_index(now: datetime, index: str, sql: str, arguments: tuple[Any, ...]) -> None:
    given = [now if argument == "now" else argument for argument in arguments]

    async with transaction(), connection() as open_connection:
        await open_connection.execute("SET LOCAL enable_seqscan = off")
        plan = await open_connection.fetch(f"EXPLAIN {sql}", *given)

    assert index in "\n".join(line[0] for line in plan)
