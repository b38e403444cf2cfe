"""Channels: hints between processes through Valkey's publish and subscribe, and inside this process without it.

A hint is never the only way to learn something: pages reload, workers poll. So every failure here is silent and
short, and the listening task keeps trying for as long as the process lives.
"""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator, Callable, Iterable

import structlog
from litestar.channels.backends.base import ChannelsBackend
from valkey.asyncio import Valkey
from valkey.exceptions import ValkeyError

PREFIX = "parvis:hint:"
TIMEOUT_SECONDS = 0.25
RETRY_SECONDS = 1.0
_ORIGIN_BYTES = 8

Listener = Callable[[str], None]
_log = structlog.get_logger()


class HintChannels(ChannelsBackend):
    """Litestar channels over Valkey that go on inside the process while Valkey is away (`url` None: always)."""

    def __init__(self, url: str | None) -> None:
        self._url = url
        self._origin = secrets.token_bytes(_ORIGIN_BYTES)
        self._wanted: set[str] = set()
        self._queue: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self._listeners: list[Listener] = []
        self._publisher: Valkey | None = None
        self._task: asyncio.Task[None] | None = None

    async def on_startup(self) -> None:
        """Start listening; a second call changes nothing."""
        if self._task is not None or self._url is None:
            return
        self._publisher = Valkey.from_url(
            self._url, socket_timeout=TIMEOUT_SECONDS, socket_connect_timeout=TIMEOUT_SECONDS
        )
        self._task = asyncio.create_task(self._listen_for_ever(self._url), name="hint-channels")

    async def on_shutdown(self) -> None:
        """Stop listening; a second call changes nothing."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        publisher, self._publisher = self._publisher, None
        if publisher is not None:
            await publisher.aclose()

    def listen(self, listener: Listener) -> None:
        """Call `listener(channel)` for every hint, of this process and of the others. It must not block."""
        self._listeners.append(listener)

    async def publish(self, data: bytes, channels: Iterable[str]) -> None:
        """Tell this process at once, and the others if Valkey answers within a quarter of a second."""
        names = list(channels)
        for name in names:
            self._receive(name, data)
        if self._publisher is None:
            return
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                for name in names:
                    await self._publisher.publish(PREFIX + name, self._origin + data)
        except (TimeoutError, OSError, ValkeyError):
            _log.debug("hint_not_sent", channels=names)

    async def subscribe(self, channels: Iterable[str]) -> None:
        """Let hints of these channels through to `stream_events`."""
        self._wanted.update(channels)

    async def unsubscribe(self, channels: Iterable[str]) -> None:
        """Stop letting hints of these channels through."""
        self._wanted.difference_update(channels)

    async def stream_events(self) -> AsyncGenerator[tuple[str, bytes], None]:
        """Yield every hint of the subscribed channels, for ever."""
        while True:
            yield await self._queue.get()

    async def get_history(self, channel: str, limit: int | None = None) -> list[bytes]:
        """Hints have no history: who comes later reads the database."""
        return []

    def _receive(self, channel: str, data: bytes) -> None:
        for listener in self._listeners:
            listener(channel)
        if channel in self._wanted:
            self._queue.put_nowait((channel, data))

    async def _listen_for_ever(self, url: str) -> None:
        while True:
            try:
                await self._listen(url)
            except (OSError, ValkeyError, TimeoutError):
                await asyncio.sleep(RETRY_SECONDS)

    async def _listen(self, url: str) -> None:
        async with (
            Valkey.from_url(url, socket_connect_timeout=TIMEOUT_SECONDS) as client,
            client.pubsub() as subscription,
        ):
            await subscription.psubscribe(PREFIX + "*")
            async for message in subscription.listen():
                data = message["data"]
                if message["type"] == "pmessage" and not data.startswith(self._origin):
                    self._receive(message["channel"].decode().removeprefix(PREFIX), data[_ORIGIN_BYTES:])
