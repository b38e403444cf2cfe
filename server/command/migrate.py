"""`parvis migrate`: bring the database to the shape this version expects. Safe to run several times, and at once."""

import asyncio
from pathlib import Path

import click

from server.command.options import console, data_dir_option
from server.database import bind, open_database
from server.migrate import migrate, pending
from server.opened import START_SECONDS, Attached
from server.settings import Settings, read_settings


@click.command("migrate")
@data_dir_option
@click.option("--check", is_flag=True, help="Only say what is missing; exit status 1 when something is.")
def command(data_dir: Path | None, check: bool) -> None:
    """Bring the database up to date."""
    with Attached(read_settings(data_dir=data_dir)) as settings:
        names = asyncio.run(_run(settings, check))
    for name in names:
        console.print(f"{'Missing' if check else 'Applied'} [bold]{name}[/]")
    if not names:
        console.print("The database is up to date.")
    if check and names:
        raise click.exceptions.Exit(1)


async def _run(settings: Settings, check: bool) -> list[str]:
    assert settings.database_url is not None
    database = await open_database(settings.database_url, pool_size=2, wait_seconds=START_SECONDS)
    bind(database)
    try:
        return await (pending(database) if check else migrate(database))
    finally:
        await database.close()
