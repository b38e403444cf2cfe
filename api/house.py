"""House: what the API is given of the town and its machinery, by shape; `server.app` keeps it in `app.state.house`."""

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from litestar.connection import ASGIConnection

from accounts.cache import Cache
from accounts.throttle import Throttle
from desk.files import FileStore

POLL_SECONDS = 1.0
"""How long a hint that never comes delays what waits for it: without Valkey, hints stay within one process."""

Connection = ASGIConnection[Any, Any, Any, Any]


class House(Protocol):
    """The part of the pages' house that the API uses."""

    @property
    def town(self) -> Any: ...
    @property
    def public_url(self) -> str: ...
    @property
    def secret_key(self) -> bytes: ...
    @property
    def language(self) -> str: ...
    @property
    def files(self) -> FileStore: ...
    @property
    def throttle(self) -> Throttle: ...
    @property
    def cache(self) -> Cache: ...
    @property
    def clock(self) -> Callable[[], datetime]: ...
    def cookie(self, name: str) -> str: ...
    @property
    def connections(self) -> dict[str, Any]: ...


class Waiting:
    """Those who wait for a hint, by topic. One per process; hears what `server.channels` hears."""

    def __init__(self) -> None:
        self._bells: dict[str, set[asyncio.Event]] = {}

    def hear(self, topic: str) -> None:
        """Wake whoever waits for this topic."""
        for bell in self._bells.get(topic, ()):
            bell.set()

    @contextlib.contextmanager
    def bell(self, topic: str):
        """An event that rings with the topic, while the block lasts."""
        event = asyncio.Event()
        self._bells.setdefault(topic, set()).add(event)
        try:
            yield event
        finally:
            self._bells[topic].discard(event)
            if not self._bells[topic]:
                del self._bells[topic]


def house_of(connection: Connection) -> House:
    """The house this request was made to."""
    house: House = connection.app.state["house"]
    return house


def now_of(connection: Connection) -> datetime:
    """The time of this request, the same for all it does."""
    state: dict[str, Any] = connection.scope["state"]
    if "api_now" not in state:
        state["api_now"] = house_of(connection).clock()
    return state["api_now"]


def waiting_of(connection: Connection) -> Waiting:
    """Where this process waits for hints."""
    state = connection.app.state
    if "api_waiting" not in state:
        state["api_waiting"] = waiting = Waiting()
        hints = house_of(connection).connections.get("hints")
        if hints is not None:
            hints.listen(waiting.hear)
    return state["api_waiting"]


async def rest(bell: asyncio.Event, seconds: float) -> None:
    """Wait for the bell, at most these seconds and never longer than a poll."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(min(seconds, POLL_SECONDS), 0)):
            await bell.wait()
    bell.clear()
