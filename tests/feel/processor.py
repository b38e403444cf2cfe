"""What a piece of work costs this process and the sandboxes it started: processor time, and memory at its peak."""

import gc
import os
import resource
import time
from pathlib import Path

_TICKS = os.sysconf("SC_CLK_TCK")


class Meter:
    """Counts from its making to `read`."""

    def __init__(self) -> None:
        gc.collect()
        for process in _family():
            # The peak starts again from what the process holds now.
            Path(f"/proc/{process}/clear_refs").write_text("5")
        self._held = {process: _kilobytes(process, "VmRSS") for process in _family()}
        self._started = _seconds()

    def read(self) -> tuple[float, int]:
        """Milliseconds of processor time, and the kilobytes that the peak lies above what was held before."""
        spent = _seconds() - self._started
        grown = sum(max(0, _kilobytes(each, "VmHWM") - self._held.get(each, 0)) for each in _family())
        return spent * 1e3, grown


def loop() -> float:
    """The milliseconds of the loop that time is compared with."""
    started = time.process_time()
    total = 0
    for number in range(300_000):
        total += number * number & 7
    return (time.process_time() - started) * 1e3


def _family() -> list[str]:
    """This process and those it started."""
    tasks = Path("/proc/self/task")
    started = (task.joinpath("children").read_text().split() for task in tasks.iterdir())
    return ["self", *(process for found in started for process in found)]


def _seconds() -> float:
    """Processor time of this process, of those it started, and of those of them that ended."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    alive = sum(_ticks(process) for process in _family()[1:])
    return time.process_time() + ended.ru_utime + ended.ru_stime + alive / _TICKS


def _ticks(process: str) -> int:
    user, system = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
    return int(user) + int(system)


def _kilobytes(process: str, what: str) -> int:
    found = Path(f"/proc/{process}/status").read_text().partition(f"{what}:")[2]
    return int(found.split()[0]) if found else 0
