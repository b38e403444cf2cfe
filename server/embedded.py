"""Embedded databases: attach this process to the PostgreSQL and Valkey that serve one data folder.

Every process that needs them (web, worker, commands, tests) attaches; the first one starts a supervisor
(`server.supervisor`), which alone starts, restarts and stops the servers. The kernel counts who is attached,
through shared locks that end with a process however it ends; when nobody is left the supervisor stops both servers
cleanly (docs/adr/0002-embedded-databases.md). Never used when DATABASE_URL is set.
"""

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType

import msgspec

from server.errors import EmbeddedStartFailed

START_SECONDS = 60.0
"""A crash recovery after a long write can take this long; a usual start takes one or two seconds."""
WATCH_SECONDS = 1.0
_ROOT = Path(__file__).resolve().parent.parent


class Addresses(msgspec.Struct, frozen=True, kw_only=True):
    """Where the running servers answer; written by the supervisor once both are ready."""

    database_url: str
    valkey_url: str
    supervisor: int
    postgresql: int
    valkey: int


class Servers:
    """This process's share in the embedded servers of one data folder. Close it, or leave the `with` block."""

    def __init__(self, data_dir: Path, *, durable: bool = True) -> None:
        self.data_dir = data_dir.absolute()
        self.durable = durable
        make_private(self.data_dir)
        self._closed = threading.Event()
        self._share = os.open(self.data_dir / "attached.lock", os.O_RDWR | os.O_CREAT, 0o600)
        fcntl.flock(self._share, fcntl.LOCK_SH)
        try:
            self.addresses = self._ensure_running(START_SECONDS)
        except BaseException:
            os.close(self._share)
            raise
        self._watch = threading.Thread(target=self._keep_supervised, name="embedded-watch", daemon=True)
        self._watch.start()

    @property
    def database_url(self) -> str:
        """PostgreSQL's address, the same after any restart of the server."""
        return self.addresses.database_url

    @property
    def valkey_url(self) -> str:
        """Valkey's address, the same after any restart of the server."""
        return self.addresses.valkey_url

    def close(self) -> None:
        """Detach. The last process to detach waits (10 s at most) until both servers have stopped cleanly."""
        if self._closed.is_set():
            return
        self._closed.set()
        self._watch.join(WATCH_SECONDS * 3)
        # Upgrading to an exclusive lock succeeds only when nobody else is attached.
        last = try_lock(self._share)
        os.close(self._share)
        if last:
            self._wait_until_stopped(10)

    def __enter__(self) -> "Servers":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _ensure_running(self, seconds: float) -> Addresses:
        give_up = time.monotonic() + seconds
        starting: subprocess.Popen[bytes] | None = None
        while time.monotonic() < give_up:
            addresses = read_addresses(self.data_dir)
            if is_supervised(self.data_dir):
                if addresses is not None:
                    return addresses
            elif starting is None:
                starting = self._start_supervisor()
            if starting is not None and starting.poll() is not None:
                if starting.returncode:
                    raise EmbeddedStartFailed(_reason(self.data_dir), self.data_dir / "logs")
                starting = None
            time.sleep(0.02)
        raise EmbeddedStartFailed(f"they did not answer within {seconds:.0f} s", self.data_dir / "logs")

    def _start_supervisor(self) -> subprocess.Popen[bytes]:
        logs = self.data_dir / "logs"
        make_private(logs)
        with (logs / "supervisor.log").open("ab") as log:
            # A session of its own: the Ctrl-C meant for `parvis serve` must not reach the databases before it ends.
            return subprocess.Popen(
                [sys.executable, "-m", "server.supervisor", str(self.data_dir), "durable" if self.durable else "fast"],
                cwd=_ROOT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def _keep_supervised(self) -> None:
        while not self._closed.wait(WATCH_SECONDS):
            if is_supervised(self.data_dir):
                continue
            try:
                self._ensure_running(START_SECONDS)
            except (EmbeddedStartFailed, OSError):
                continue

    def _wait_until_stopped(self, seconds: float) -> None:
        give_up = time.monotonic() + seconds
        while is_supervised(self.data_dir) and time.monotonic() < give_up:
            time.sleep(0.02)


def attach(data_dir: Path, *, durable: bool = True) -> Servers:
    """Start or join the servers of `data_dir`; blocks until both answer (cold about 2 s). Raises `EmbeddedStartFailed`.

    `durable=False` (tests only) lets PostgreSQL skip waiting for the disk.
    """
    return Servers(data_dir, durable=durable)


def make_private(folder: Path) -> None:
    """Create `folder` for this account only. Never touches a folder that exists, nor its parents."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def try_lock(descriptor: int) -> bool:
    """Take the exclusive lock of an open file; False when another process holds it in any way."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_supervised(data_dir: Path) -> bool:
    """True while a living supervisor owns the folder, whatever any pid file says."""
    try:
        descriptor = os.open(data_dir / "supervisor.lock", os.O_RDWR)
    except FileNotFoundError:
        return False
    try:
        # A shared try: two processes that look at once must not take each other for the supervisor.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def read_addresses(data_dir: Path) -> Addresses | None:
    """Return what the supervisor announced, or None while the servers are not ready."""
    try:
        return msgspec.json.decode((data_dir / "servers.json").read_bytes(), type=Addresses)
    except (OSError, msgspec.DecodeError):
        return None


def _reason(data_dir: Path) -> str:
    try:
        return (data_dir / "logs" / "failure").read_text("utf-8").strip()
    except OSError:
        return "the supervisor stopped at once"
