"""Work counted in calls of functions, which no busy machine changes."""

import sys
from collections.abc import Callable
from types import FrameType

from engine.errors import EngineError


def calls_of(work: Callable[[], object]) -> int:
    """How many functions are called, those written in C included. An error of ours is a good end."""
    calls = 0

    def count(_: FrameType, event: str, __: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        work()
    except EngineError:
        pass
    finally:
        sys.setprofile(None)
    return calls
