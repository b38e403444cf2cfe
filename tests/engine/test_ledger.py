"""The ledger: what is written with many others is what would have been written alone."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from engine import cases
from engine.apply.ledger import FEW, Ledger, RowsMoved
from engine.encoding import json_text
from engine.store.statements import row, rows, value
from tests.engine.bundles import a_case, a_procedure

pytestmark = pytest.mark.usefixtures("database")

AWKWARD = [
    "",
    "NULL",
    "null",
    '"',
    "\\",
    '\\"',
    "{a,b}",
    "a,b",
    " spaced ",
    "line\nbreak\ttab",
    "é 漢 🙂",
    "'; --",
    "\x7f",
]
MARQUESAS = timezone(timedelta(hours=-9, minutes=-30))
MANY = FEW + 1

HISTORY = "token, happened, element, name, kind, at, actor_name, details::text AS details"
TASKS = """token, name, form, candidate_groups, candidate_users, assignee_id, due_at, priority, input::text AS input,
    opened_at"""


async def a_known_case(now: datetime) -> tuple[Any, Any]:
    await a_procedure(now)
    filed = await a_case(now)
    return filed.case_id, await value("SELECT id FROM engine_instance WHERE case_id = $1", filed.case_id)


@pytest.mark.parametrize("text", AWKWARD)
async def test_words_of_any_kind_are_kept_as_they_are(now: datetime, text: str) -> None:
    case_id, instance_id = await a_known_case(now)
    told = (case_id, instance_id, None, "entered", text, None, text, now, text, json_text({text: [text, None, 1.5]}))
    await alone_and_together("history", told, HISTORY, "engine_history", "actor_name", text)


@pytest.mark.parametrize(
    "moment",
    [datetime(1, 1, 1, tzinfo=UTC), datetime(2026, 3, 29, 3, 0, 0, 1, timezone(timedelta(hours=-9, minutes=-30)))],
)
async def test_lists_times_numbers_and_nothing_are_kept_as_they_are(now: datetime, moment: datetime) -> None:
    case_id, instance_id = await a_known_case(now)

    def task(number: int) -> tuple[Any, ...]:
        lists = ("{" + ",".join(f'"{each}"' for each in ("voirie", "état civil, accueil")) + "}", "{}")
        identity = (uuid4(), case_id, instance_id, 2**40 + number, "p", "h", "E", "A task", None)
        people = ("voirie", "department", *lists, uuid4() if number % 2 else None)
        return (*identity, *people, moment if number % 2 else None, None, number - 5, "{}", moment)

    given = [task(number) for number in range(MANY)]
    await written("tasks", given)

    found = await rows(f"SELECT id, {TASKS} FROM engine_task WHERE token >= $1 ORDER BY token", 2**40)
    assert [
        (each["id"], each["token"], each["candidate_groups"], each["candidate_users"], each["assignee_id"])
        for each in found
    ] == [(each[0], each[3], ["voirie", "état civil, accueil"], [], each[13]) for each in given]
    assert [(each["due_at"], each["priority"], each["opened_at"], each["form"]) for each in found] == [
        (each[14], each[16], each[18], None) for each in given
    ]


async def test_a_text_that_postgresql_cannot_hold_is_refused_in_either_form(now: datetime) -> None:
    case_id, instance_id = await a_known_case(now)
    told = (case_id, instance_id, None, "entered", "a\x00b", None, None, now, "x", "{}")

    for count in (1, MANY):
        with pytest.raises(asyncpg.CharacterNotInRepertoireError):
            await written("history", [told] * count)


async def test_one_row_of_many_that_has_moved_undoes_all(now: datetime) -> None:
    await a_procedure(now)
    filed = [await a_case(now, key=f"k{number}") for number in range(MANY)]
    found = await rows("SELECT id, rev FROM engine_instance ORDER BY id")
    moves = [(each["id"], each["rev"], b"\x00\\\xff", "completed", now) for each in found]
    moves[-1] = (moves[-1][0], 99, *moves[-1][2:])

    with pytest.raises(RowsMoved):
        await written("moved", moves)

    assert await value("SELECT count(*) FROM engine_instance WHERE status = 'running'") == len(filed)


async def test_a_tracking_code_that_is_another_s_is_drawn_again(now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    await a_procedure(now)
    first = await a_case(now, key="k1")
    codes = iter([first.tracking_code, first.tracking_code, "ACDEFGHJ"])
    monkeypatch.setattr("engine.references.new_tracking_code", lambda: next(codes))

    second = await a_case(now, key="k2")

    assert second.tracking_code == "ACDEFGHJ"
    assert (await cases.get(second.case_id)).reference != first.reference


async def alone_and_together(part: str, told: tuple[Any, ...], columns: str, table: str, by: str, text: str) -> None:
    """Written in both forms, the rows read the same."""
    await written(part, [told])
    alone = await row(f"SELECT {columns} FROM {table} WHERE {by} = $1", text)
    assert alone is not None
    await written(part, [told] * MANY)
    found = await rows(f"SELECT {columns} FROM {table} WHERE {by} = $1", text)
    assert [dict(each) for each in found] == [dict(alone)] * (MANY + 1)
    assert alone["element"] == alone["kind"] == text


async def written(part: str, given: list[tuple[Any, ...]]) -> None:
    ledger = Ledger()
    ledger.extend(part, given)
    await ledger.write()
