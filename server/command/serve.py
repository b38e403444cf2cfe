"""`parvis serve`: the web process, with a worker inside unless told otherwise."""

import asyncio
import signal
import socket
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import click
import uvicorn

from server.app import Beside, create_app
from server.collector import calm
from server.command.options import console, data_dir_option
from server.database import open_database
from server.errors import ServerError
from server.logs import configure_logs
from server.migrate import migrate
from server.opened import START_SECONDS, Attached
from server.settings import Settings, read_settings, with_secret_key

GRACE_SECONDS = 20


@click.command("serve")
@click.option("--host", help="Address to listen on (127.0.0.1).")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on (8000).")
@data_dir_option
@click.option("--worker/--no-worker", default=True, help="Also do the background work in this process.")
def command(host: str | None, port: int | None, data_dir: Path | None, worker: bool) -> None:
    """Serve the pages of the town."""
    serve(read_settings(host=host, port=port, data_dir=data_dir), with_worker=worker)


def serve(settings: Settings, *, with_worker: bool = True, beside: Sequence[Beside] = ()) -> None:
    """Start the databases if needed, migrate, serve until interrupted, stop cleanly."""
    begun = time.monotonic()
    configure_logs(debug=settings.debug)
    # uvicorn raises the signal again once it has ended: without a handler, SIGTERM would skip the clean stop below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    check_port(settings.host, settings.port)
    with console.status("Starting the databases …"):
        attached = Attached(settings)
        ready = with_secret_key(attached.__enter__())
    try:
        for name in asyncio.run(_migrate(ready)):
            console.print(f"Migrated [bold]{name}[/]")
        ready_after = time.monotonic() - begun
        console.print(f"Parvis serves at [bold]{ready.public_url}[/], ready in {ready_after:.1f} s  (Ctrl-C stops it)")
        app = create_app(ready, with_worker=with_worker, beside=beside)
        calm()
        uvicorn.run(
            app,
            host=ready.host,
            port=ready.port,
            loop="uvloop",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
        )
    finally:
        with console.status("Stopping …"):
            attached.__exit__()


def check_port(host: str, port: int) -> None:
    """Raise `ServerError` when somebody already listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            raise ServerError(
                f"Expected to listen on {host}:{port}, but that is not possible ({error.strerror})."
                " Choose another port with --port."
            ) from error


async def _migrate(settings: Settings) -> list[str]:
    assert settings.database_url is not None
    database = await open_database(settings.database_url, pool_size=2, wait_seconds=START_SECONDS)
    try:
        return await migrate(database)
    finally:
        await database.close()
