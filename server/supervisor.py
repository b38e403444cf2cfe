"""Supervisor: the one process that starts, restarts and stops the embedded servers of a data folder.

Run as `python -m server.supervisor DATA durable|fast` by `server.embedded`, never by hand. Holds `supervisor.lock`
while it lives; adopts servers that a killed supervisor left behind; ends, stopping both, once no process is
attached any more.
"""

import os
import signal
import sys
import time
from pathlib import Path

import msgspec

from server.embedded import Addresses, make_private, try_lock
from server.embedded_postgresql import PostgreSQL
from server.embedded_valkey import Valkey
from server.errors import EmbeddedStartFailed
from server.sockets import socket_folder

LOOK_SECONDS = 0.1
FASTEST_RESTART = 0.2
SLOWEST_RESTART = 5.0


class Supervisor:
    """Owns both servers of `data_dir` from the moment it holds the lock."""

    def __init__(self, data_dir: Path, durable: bool) -> None:
        self.data_dir = data_dir
        sockets = socket_folder(data_dir)
        self.postgresql = PostgreSQL(data_dir, sockets, durable=durable)
        self.valkey = Valkey(data_dir, sockets)
        self.stopping = False
        self._pause = {"postgresql": FASTEST_RESTART, "valkey": FASTEST_RESTART}

    def run(self, attached: int) -> None:
        """Serve until nobody holds a share of the `attached` lock, then stop both servers."""
        self.start()
        while not self.stopping and not try_lock(attached):
            self.mend()
            time.sleep(LOOK_SECONDS)
        self.stop()

    def start(self) -> None:
        """Start (or adopt) both at once, wait for both, announce them."""
        self.valkey.launch()
        self.postgresql.launch()
        self.valkey.wait_ready()
        self.postgresql.wait_ready()
        self.announce()

    def mend(self) -> None:
        """Start again a server that died; wait longer each time it dies young."""
        for name, server in (("postgresql", self.postgresql), ("valkey", self.valkey)):
            if server.is_alive():
                continue
            young = time.monotonic() - server.started < SLOWEST_RESTART
            self._pause[name] = min(self._pause[name] * 2, SLOWEST_RESTART) if young else FASTEST_RESTART
            _note(f"{name}_died pause={self._pause[name]}")
            time.sleep(self._pause[name] if young else 0)
            try:
                server.launch()
                server.wait_ready()
                self.announce()
            except EmbeddedStartFailed as error:
                _note(f"{name}_restart_failed {error}")

    def announce(self) -> None:
        """Write `servers.json` atomically: whoever reads it finds servers that answer."""
        addresses = Addresses(
            database_url=self.postgresql.url,
            valkey_url=self.valkey.url,
            supervisor=os.getpid(),
            postgresql=self.postgresql.pid,
            valkey=self.valkey.pid,
        )
        draft = self.data_dir / "servers.json.new"
        draft.write_bytes(msgspec.json.encode(addresses))
        draft.replace(self.data_dir / "servers.json")

    def stop(self) -> None:
        """Stop both cleanly; PostgreSQL ends with a checkpoint, so that the next start needs no recovery."""
        (self.data_dir / "servers.json").unlink(missing_ok=True)
        self.valkey.stop()
        self.postgresql.stop()


def main(data_dir: Path, durable: bool) -> int:
    """Supervise `data_dir`; 0 after a clean stop or when another one is already there, 1 when starting failed."""
    os.umask(0o077)
    make_private(data_dir / "logs")
    lock = os.open(data_dir / "supervisor.lock", os.O_RDWR | os.O_CREAT, 0o600)
    if not _own(lock):
        return 0
    # What a killed supervisor announced may no longer be true.
    (data_dir / "servers.json").unlink(missing_ok=True)
    failure = data_dir / "logs" / "failure"
    failure.unlink(missing_ok=True)
    attached = os.open(data_dir / "attached.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        supervisor = Supervisor(data_dir, durable)
        signal.signal(signal.SIGTERM, lambda *_: setattr(supervisor, "stopping", True))
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            supervisor.run(attached)
        except EmbeddedStartFailed:
            supervisor.stop()
            raise
    except (EmbeddedStartFailed, OSError) as error:
        failure.write_text(str(error), "utf-8")
        return 1
    return 0


def _own(lock: int) -> bool:
    # `is_supervised` holds the lock for an instant when it looks: look again before believing in another supervisor.
    for _ in range(25):
        if try_lock(lock):
            return True
        time.sleep(0.02)
    return False


def _note(event: str) -> None:
    # Standard output is logs/supervisor.log; this process stays too small to load the logging of the application.
    sys.stdout.write(f"{time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())} {event}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2] == "durable"))
