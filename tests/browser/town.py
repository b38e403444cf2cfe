"""The town that browser tests visit, as a process of its own: pages, worker, mail sink, and a clock the tests move.

Run as `python -m tests.browser.town '{"folder": …, "database_url": …, "valkey_url": …}'` by `tests.browser.served`; it
writes its address into the folder once its agents have settled and its procedures are in service.
"""

import json
import os
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from server.app import create_app
from server.command.demo import put_in_service
from server.opened import Opened
from server.settings import Outgoing, Settings
from server.town.place import settle

MORNING = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""When the town's life begins: a Tuesday, ten o'clock in Paris."""


class MovedClock:
    """Goes on from `MORNING` like any clock, and jumps ahead by the seconds that the tests write into a file."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._begun = time.monotonic()

    def __call__(self) -> datetime:
        """The town's present."""
        ahead = float(self._file.read_text("ascii"))
        return MORNING + timedelta(seconds=time.monotonic() - self._begun + ahead)


def main() -> None:
    """Serve until the process that asked for it ends it."""
    given = json.loads(sys.argv[1])
    folder = Path(given["folder"])
    door = socket.socket()
    door.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{door.getsockname()[1]}"
    settings = Settings(
        database_url=given["database_url"],
        valkey_url=given["valkey_url"],
        data_dir=folder,
        secret_key="0" * 64,
        public_url=address,
        # Where the servers of the tests are.
        outgoing=Outgoing(networks="127.0.0.1/32"),
    )

    async def furnish(town: Opened) -> None:
        await settle(town.clock())
        await put_in_service(town)
        written = folder / "address.written"
        written.write_text(address, "ascii")
        os.replace(written, folder / "address")

    app = create_app(settings, clock=MovedClock(folder / "clock"), with_worker=True, beside=[furnish])
    uvicorn.Server(uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=2)).run(sockets=[door])


if __name__ == "__main__":
    main()
