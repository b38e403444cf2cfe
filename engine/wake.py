"""Wake: hints that something is due or has changed, sent after the commit through what the server plugged in.

A hint is never the only way: workers poll, pages reload. Never imports a broker. The server's wiring calls `on_wake`
once.
"""

from collections.abc import Awaitable, Callable
from functools import partial

import msgspec
import structlog

from engine.store.statements import after_commit

log = structlog.get_logger()


class Hint(msgspec.Struct, frozen=True):
    """`topic` is `jobs`, `timers`, `inbox:<department>` or `case:<id>`."""

    topic: str


Publisher = Callable[[Hint], Awaitable[None]]


class Bell:
    """Where hints go; silent until the server plugs a publisher in."""

    def __init__(self) -> None:
        self.publisher: Publisher | None = None

    async def ring(self, topics: frozenset[str]) -> None:
        """Publish one hint for each topic."""
        if self.publisher is None:
            return
        try:
            for topic in sorted(topics):
                await self.publisher(Hint(topic))
        except Exception as failure:
            # The commit has happened: nothing that rings afterwards may make the verb look failed.
            log.warning("hint_not_sent", error=type(failure).__name__)


_bell = Bell()


def on_wake(publisher: Publisher | None) -> None:
    """Plug the publisher in (None: silence). It must not raise and must not block: it runs in the caller's task."""
    _bell.publisher = publisher


async def hint(*topics: str) -> None:
    """Ring for these topics once the open transaction has committed."""
    if topics:
        await after_commit(partial(_bell.ring, frozenset(topics)))
