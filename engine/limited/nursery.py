"""Nursery: imports all that reads and judges documents, then begets a child for each channel that comes by its standard
input, and looks at no document itself. Ends when whoever started it does, or when nobody needs it for a while.
"""

import gc
import os
import resource
import signal
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from lxml.etree import LxmlError  # pyright: ignore[reportAttributeAccessIssue]

from engine.bpmn.errors import UnsafeDocument
from engine.bpmn.parser.safe import read_xml  # pyright: ignore[reportUnknownVariableType]
from engine.limited import wire
from engine.lint.judging import judged_for

IDLE_SECONDS = 3600.0
Ask = Callable[[Any], Any]


def read(documents: dict[str, bytes], _ask: Ask) -> dict[str, str]:
    """Why some of these documents are refused, by name."""
    found: dict[str, str] = {}
    for name, content in documents.items():
        try:
            read_xml(content)
        except UnsafeDocument as refusal:
            found[name] = str(refusal)
    return found


WORK: dict[str, Callable[[Any, Ask], Any]] = {"read": read, "judge": judged_for}


def limit(seconds: int, memory: int) -> None:
    """From now on, this process has so much: processor time (six times as much on the wall), bytes; and writes no
    file."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.alarm(seconds * 6)


def work_at(channel: socket.socket) -> None:
    """Does what the channel asks, within its limits; who needs more dies, or leaves without an answer."""
    work, request, seconds, memory = wire.receive(channel)
    limit(seconds, memory)

    def ask(question: Any) -> Any:
        wire.send(channel, {"asks": question})
        return wire.receive(channel)

    try:
        said = {"answer": WORK[work](request, ask)}
    except (MemoryError, RecursionError, LxmlError):
        # What libxml2 cannot do for want of memory it calls an internal error.
        return
    except Exception:
        said = {"failed": traceback.format_exc()}
    wire.send(channel, said)


def serve(control: socket.socket) -> None:
    """Begets a child for each channel that comes."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    control.settimeout(IDLE_SECONDS)
    gc.freeze()
    while True:
        try:
            said, channels, *_ = socket.recv_fds(control, 1, 1)
        except TimeoutError:
            return
        if not said:
            return
        for channel in channels:
            if os.fork() == 0:
                _live(control, channel)
            os.close(channel)


def _live(control: socket.socket, channel: int) -> None:
    try:
        control.close()
        with socket.socket(fileno=channel) as opened:
            work_at(opened)
    finally:
        os._exit(0)


if __name__ == "__main__":
    with socket.socket(fileno=0) as control:
        serve(control)
