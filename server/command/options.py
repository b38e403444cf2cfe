"""Options that several commands share, and the way a short command opens the town."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from server.logs import configure_logs
from server.migrate import migrate
from server.opened import Attached, Opened, opened
from server.settings import Settings, with_secret_key

Result = TypeVar("Result")
Decorated = TypeVar("Decorated", bound=Callable[..., Any])

console = Console(stderr=True, highlight=False)


def data_dir_option(command: Decorated) -> Decorated:
    """Add `--data-dir`."""
    return click.option(
        "--data-dir", type=click.Path(path_type=Path, file_okay=False), help="Folder of files and embedded databases."
    )(command)


def in_town(settings: Settings, work: Callable[[Opened], Awaitable[Result]]) -> Result:
    """Attach the databases, bring them up to date, open them, do `work`, close."""
    configure_logs(debug=settings.debug, pretty=True)
    with console.status("Starting the databases …"):
        attached = Attached(settings)
        ready = with_secret_key(attached.__enter__())
    try:
        return asyncio.run(_in_open_town(ready, work))
    finally:
        attached.__exit__()


async def _in_open_town(settings: Settings, work: Callable[[Opened], Awaitable[Result]]) -> Result:
    async with opened(settings) as town:
        await migrate(town.database)
        return await work(town)
