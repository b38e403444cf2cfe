"""Ledger: what callers and connectors saw from outside, one JSON line each, written before and after; and the town's
clock, which every process of the benchmark reads and the benchmark moves.

A line is one `write` to a file opened for appending, so that it outlives whoever wrote it, however they end.
"""

import mmap
import os
import struct
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

Phase = Literal["asked", "acknowledged", "refused", "effect"]


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """One thing seen. `key` names the command; `told` is what was answered, or where an effect came from."""

    verb: str
    key: str
    phase: Phase
    told: dict[str, Any] = {}


class Ledger:
    """The lines of one process."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def write(self, verb: str, key: str, phase: Phase, **told: Any) -> None:
        """Add a line."""
        os.write(self._file, msgspec.json.encode(Line(verb, key, phase, told)) + b"\n")


def lines_in(folder: Path) -> Iterator[Line]:
    """Every whole line of every process."""
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_bytes().split(b"\n")[:-1]:
            yield msgspec.json.decode(line, type=Line)


class MovedClock:
    """The machine's time and what the benchmark has added to it. Shared by all processes through one small file."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), 8)

    def __call__(self) -> datetime:
        """Now, in the town."""
        (ahead,) = struct.unpack("d", self._shared[:8])
        return datetime.now(UTC) + timedelta(seconds=ahead)

    def jump(self, ahead: timedelta) -> None:
        """Move everybody's clock ahead."""
        (now,) = struct.unpack("d", self._shared[:8])
        self._shared[:8] = struct.pack("d", now + ahead.total_seconds())
