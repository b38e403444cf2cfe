"""`parvis cases`: looking at running cases and acting on them from a terminal."""

from datetime import datetime
from pathlib import Path

import pytest

from engine import cases, deployments, journal, operations, tasks
from server.database import Database, bind
from tests.engine.bundles import a_case, a_procedure
from tests.engine.test_migrations import CHECKED
from tests.server.test_command import ask, environment

__all__ = ["environment"]

Environment = dict[str, str | None]


@pytest.fixture
async def reference(database: Database, now: datetime) -> str:
    """The reference of an open case."""
    await a_procedure(now)
    return (await a_case(now)).reference


async def test_a_case_is_suspended_edited_and_resumed(
    environment: Environment, database: Database, reference: str
) -> None:
    reason = ["--reason", "Contrôle"]

    done = [
        await ask(environment, "cases", "suspend", reference, *reason),
        await ask(environment, "cases", "edit", reference, "--set", "amount=12", *reason),
        await ask(environment, "cases", "resume", reference, *reason),
        await ask(environment, "cases", "show", reference),
    ]

    bind(database)
    case = await cases.of_reference(reference)
    assert case is not None
    assert [code for code, _ in done] == [0, 0, 0, 0], done
    assert (await operations.variables_of((await operations.instances_of(case.id))[0].id))["amount"] == 12
    assert [fact.parameters["reason"] for fact in (await journal.of_case(case.id))[-3:]] == ["Contrôle"] * 3
    assert "Examiner la demande (Review) waiting" in done[-1][1]


async def test_a_case_is_moved_and_its_history_shown(environment: Environment, reference: str) -> None:
    words = ["--begin", "Call", "--end", "Review", "--reason", "Erreur"]

    code, said = await ask(environment, "cases", "move", reference, *words)
    _, told = await ask(environment, "cases", "history", reference)

    assert code == 0, said
    assert "(terminated)" in told
    assert "Appeler (Call)" in told


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cases", "suspend", "NOBODY", "--reason", "x"], "No case has the reference"),
        (["cases", "resume", "{reference}", "--reason", "x"], "not suspended"),
        (["cases", "edit", "{reference}", "--set", "amount=douze", "--reason", "x"], "not JSON"),
        (["cases", "move", "{reference}", "--begin", "Nowhere", "--reason", "x"], "has no element"),
        (["cases", "migrate", "petition", "--from", "1", "--to", "9"], "no version 9"),
        (["cases", "export", "nothing"], "ever published"),
    ],
)
async def test_what_cannot_be_done_is_said_in_a_sentence(
    environment: Environment, reference: str, words: list[str], said: str
) -> None:
    code, told = await ask(environment, *(word.format(reference=reference) for word in words))

    assert (code != 0, said in told) == (True, True), told


async def test_cases_are_judged_then_moved_to_another_version(
    environment: Environment, database: Database, reference: str, now: datetime
) -> None:
    await a_procedure(now, CHECKED)
    words = ["cases", "migrate", "petition", "--from", "1", "--to", "2", "--reason", "Contrôle ajouté"]

    _, judged = await ask(environment, *words)
    code, moved = await ask(environment, *words, "--apply")

    bind(database)
    case = await cases.of_reference(reference)
    assert case is not None
    assert (code, "1 can move, 0 stay" in judged, "1 moved" in moved) == (0, True, True), moved
    assert case.definition_hash == (await deployments.active("petition")).hash
    assert [task.element for task in await tasks.of_case(case.id)] == ["Review"]


async def test_the_history_of_cases_is_written_as_an_event_log(
    environment: Environment, reference: str, tmp_path: Path
) -> None:
    file = tmp_path / "log.xes"

    code, said = await ask(environment, "cases", "export", "petition", "--output", str(file))

    assert code == 0, said
    assert file.read_text().count("<trace>") == 1
    assert reference in file.read_text()
