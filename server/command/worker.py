"""`parvis worker`: a process that only works: connector jobs, timers, background jobs. Run as many as wanted."""

import asyncio
import signal
from pathlib import Path

import click
import structlog
import uvloop

from server.collector import calm
from server.command.options import console, data_dir_option
from server.logs import configure_logs
from server.opened import Attached, opened
from server.settings import Settings, read_settings, with_secret_key
from server.working import mail_ready, working

_log = structlog.get_logger()


@click.command("worker")
@data_dir_option
def command(data_dir: Path | None) -> None:
    """Do the background work of the town until told to stop."""
    settings = read_settings(data_dir=data_dir)
    configure_logs(debug=settings.debug)
    with console.status("Starting the databases …"):
        attached = Attached(settings)
        ready = with_secret_key(attached.__enter__())
    try:
        uvloop.run(_work(ready))
    finally:
        attached.__exit__()


async def _work(settings: Settings) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with mail_ready(settings) as ready, opened(ready) as town, working(town):
        calm()
        _log.info("worker_started")
        await stop.wait()
