"""Clock: the one place of the server where the time is read. Everything else receives `now`
(docs/adr/0004-moved-clock.md).
"""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def wall_clock() -> datetime:
    """The real time, aware, in UTC."""
    return datetime.now(UTC)
