"""Limited: what somebody uploaded is read and judged in child processes with little time and memory, never here.

Python takes a second to import all that judges a bundle, so a nursery (`engine.limited.nursery`) does it once, in a
process of its own, and begets a child for each piece of work. A child dies when its time or memory is used up, and
its document is then refused; nobody else notices.
"""

import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Any

from engine.errors import EngineError
from engine.limited import wire

SECONDS = 10
"""Of processor time. On the wall more may pass, on a machine that has much else to do."""
PATIENCE = 120.0
"""Seconds until a child, and the nursery where it must start first, are given up; children give up before."""
MEMORY = 1024 * 1024 * 1024
TOO_MUCH = "Reading it needs more time or memory than a diagram may."


class TooMuch(EngineError):
    """Reading it needs more time or memory than a diagram may."""


class LimitedFailed(EngineError):
    """A rule of the deploy gate failed, or its process cannot start."""


class _Nursery:
    """The process that begets children, started when first needed, and again when it is gone."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def child(self) -> tuple[socket.socket, subprocess.Popen[bytes]]:
        """A channel to a new child, and the process it comes from."""
        ours, theirs = socket.socketpair()
        self.warm()
        with self._lock, theirs:
            assert self._process is not None and self._control is not None
            # A nursery that has just gone is noticed by whoever finds no answer.
            with suppress(OSError):
                socket.send_fds(self._control, [b"."], [theirs.fileno()])
            return ours, self._process

    def warm(self) -> None:
        """Start the process, if it does not run."""
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._start()

    def _start(self) -> None:
        if self._control is not None:
            self._control.close()
        self._control, end = socket.socketpair()
        with end:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "engine.limited.nursery"],
                stdin=end.fileno(),
                stdout=subprocess.DEVNULL,
                cwd=Path(__file__).parents[2],
            )


_nursery = _Nursery()


def warm() -> None:
    """Bundles may soon be judged: let the nursery import meanwhile what that needs. Returns at once."""
    _nursery.warm()


def do(work: str, request: Any, ask: Callable[[Any], Any] | None = None) -> Any:
    """What a child answers that does this work (see `nursery.WORK`); `ask` answers what it wants to know meanwhile.

    Raises `TooMuch` when it needs more than it may, `LimitedFailed`.
    """
    for _ in range(2):
        channel, process = _nursery.child()
        with channel:
            answer = _heard(channel, (work, request, SECONDS, MEMORY), ask)
        if answer is not None:
            return _read(answer)
        with suppress(subprocess.TimeoutExpired):
            # It was the nursery that ended, as it does after a while without work: another begets the child.
            process.wait(0.1)
            continue
        raise TooMuch
    raise LimitedFailed("The process that reads documents cannot start.")


def refusals(documents: Mapping[str, bytes]) -> dict[str, str]:
    """Why some of these documents are refused, by name; nothing for those that are safe."""
    if not documents:
        return {}
    try:
        return do("read", dict(documents))
    except TooMuch:
        return _one_by_one(documents)


def _one_by_one(documents: Mapping[str, bytes]) -> dict[str, str]:
    """The child died: find the document that did it."""
    if len(documents) == 1:
        return dict.fromkeys(documents, TOO_MUCH)
    found: dict[str, str] = {}
    for name, content in documents.items():
        found |= refusals({name: content})
    return found


def _heard(channel: socket.socket, request: Any, ask: Callable[[Any], Any] | None) -> dict[str, Any] | None:
    """What the child says in the end; None when it died before."""
    channel.settimeout(PATIENCE)
    try:
        wire.send(channel, request)
        while (said := wire.receive(channel)) is not None and "asks" in said:
            wire.send(channel, None if ask is None else ask(said["asks"]))
        return said
    except OSError:
        return None


def _read(said: dict[str, Any]) -> Any:
    if "failed" in said:
        raise LimitedFailed(said["failed"])
    return said["answer"]
