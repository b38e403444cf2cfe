"""The command line: what each command says, on a real database."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from accounts import people
from server.command import COMMANDS, main
from server.database import Database, bind
from server.settings import Settings


@pytest.fixture
def environment(settings: Settings) -> dict[str, str | None]:
    """The environment of a town with a database of its own."""
    return {
        "DATABASE_URL": settings.database_url,
        "VALKEY_URL": settings.valkey_url,
        "PARVIS_DATA_DIR": str(settings.data_dir),
        "PARVIS_SECRET_KEY": settings.secret_key,
    }


async def ask(environment: dict[str, str | None], *arguments: str) -> tuple[int, str]:
    """Run a command in a thread: it has an event loop of its own."""
    result = await asyncio.to_thread(CliRunner().invoke, main, list(arguments), env=environment)
    return result.exit_code, result.output


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_explains_itself(name: str) -> None:
    result = CliRunner().invoke(main, [name, "--help"])

    assert result.exit_code == 0, result.output
    assert "Usage" in result.output


async def test_a_migrated_database_is_up_to_date(environment: dict[str, str | None]) -> None:
    code, said = await ask(environment, "migrate", "--check")

    assert (code, "up to date" in said) == (0, True)


async def test_the_first_administrator_is_added(environment: dict[str, str | None], database: Database) -> None:
    words = ["--name", "Anne Marchand", "--email", "anne@example.org", "--role", "administrator"]

    code, said = await ask(environment, "user", "add", *words, "--password", "une phrase assez longue")
    again, refused = await ask(environment, "user", "add", *words, "--password", "une phrase assez longue")

    bind(database)
    added = await people.of_email("anne@example.org")
    assert (code, again) == (0, 1), said
    assert added is not None and added.administrator
    assert "Error" in refused


async def test_a_short_password_is_refused(environment: dict[str, str | None]) -> None:
    code, _ = await ask(environment, "user", "add", "--name", "A", "--email", "a@example.org", "--password", "court")

    assert code == 1


async def test_doctor_says_what_to_do(environment: dict[str, str | None], tmp_path: Path) -> None:
    code, said = await ask(environment, "doctor")

    assert "PostgreSQL" in said and "18." in said
    assert ("mend" in said) == (code == 1)


BUNDLES = sorted(str(path.parent) for path in (Path(__file__).parents[2] / "processes").glob("*/manifest.json"))


async def test_every_bundle_of_the_house_may_be_published(environment: dict[str, str | None]) -> None:
    code, said = await ask(environment, "lint", *BUNDLES)

    assert code == 0, said


async def test_the_scenarios_of_every_bundle_pass(environment: dict[str, str | None]) -> None:
    code, said = await ask(environment, "test", *BUNDLES)

    assert code == 0, said


async def test_a_folder_that_is_no_bundle_is_refused_in_a_sentence(
    environment: dict[str, str | None], tmp_path: Path
) -> None:
    code, said = await ask(environment, "lint", str(tmp_path))

    assert (code, "manifest.json" in said) == (1, True), said


async def test_publishing_twice_keeps_the_version(environment: dict[str, str | None]) -> None:
    first, said = await ask(environment, "deploy", BUNDLES[0])
    second, again = await ask(environment, "deploy", BUNDLES[0])

    assert (first, second) == (0, 0), said
    assert "version 1 is in service" in said and "version 1 is in service" in again
