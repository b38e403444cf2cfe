"""Processes: whether a pid is alive and what it runs, without trusting pid files. Used by the embedded servers only."""

import os
import subprocess
import time


def is_running(pid: int) -> bool:
    """True when a process (not a zombie) has this pid."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return not _state(pid).startswith("Z")


def runs(pid: int, *words: str) -> bool:
    """True when the process's command line holds every one of `words`: a recycled pid is not our server."""
    if not is_running(pid):
        return False
    line = _ask(pid, "args=")
    return all(word in line for word in words)


def wait_end(pid: int, seconds: float) -> bool:
    """Wait until the process has ended; False when it still runs after `seconds`."""
    give_up = time.monotonic() + seconds
    while is_running(pid):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.02)
    return True


def send(pid: int, number: int) -> None:
    """Send a signal; a process already gone is fine."""
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return


def _state(pid: int) -> str:
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].strip()
    except OSError:
        return ""


def _ask(pid: int, column: str) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        found = subprocess.run(["ps", "-ww", "-p", str(pid), "-o", column], capture_output=True, text=True, check=False)
        return found.stdout
