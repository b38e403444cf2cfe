"""House: what pages are given of the town and its machinery, opened once by `server.app` and kept in `app.state.house`.

Never reads the environment; `clock` is the one place where pages take the time from, so that a moved clock moves them.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec
from litestar.connection import ASGIConnection
from valkey.asyncio import Valkey

from accounts.cache import Cache
from accounts.sessions import Sessions
from accounts.throttle import Throttle
from desk.files import FileStore
from web.pages.theme import Choice, Theme, open_theme

Clock = Callable[[], datetime]


class Town(Protocol):
    """How the town presents itself (`server.settings.Town`)."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def hours(self) -> str: ...
    @property
    def hours_en(self) -> str: ...


class Settings(Protocol):
    """The part of `server.settings.Settings` that pages use."""

    @property
    def data_dir(self) -> Path: ...
    @property
    def secret_key(self) -> str: ...
    @property
    def public_url(self) -> str: ...
    @property
    def town(self) -> Any: ...
    @property
    def theme(self) -> Choice: ...
    @property
    def map(self) -> Any: ...
    @property
    def clamd(self) -> str: ...
    @property
    def timezone(self) -> str: ...
    @property
    def language(self) -> str: ...


class House(msgspec.Struct, frozen=True, kw_only=True):
    """Everything pages share. `connections` holds what other floors hand to pages, by name (catalogue, channels, …)."""

    town: Any
    public_url: str
    secret_key: bytes
    timezone: ZoneInfo
    language: str
    files: FileStore
    sessions: Sessions
    throttle: Throttle
    cache: Cache
    clock: Clock
    connections: dict[str, Any] = {}
    theme: Theme = Theme()
    map: Any = None

    @property
    def secure(self) -> bool:
        """The town answers over https: cookies may only travel there."""
        return self.public_url.startswith("https://")

    def cookie(self, name: str) -> str:
        """The cookie's full name; `__Host-` keeps sister sites from setting it, where browsers allow it."""
        return f"__Host-{name}" if self.secure else name


def wall_clock() -> datetime:
    """The real time."""
    return datetime.now(UTC)


def open_house(
    settings: Settings, valkey: Valkey | None, clock: Clock = wall_clock, connections: dict[str, Any] | None = None
) -> House:
    """The house of this process."""
    cache = Cache(valkey)
    return House(
        town=settings.town,
        public_url=settings.public_url.rstrip("/"),
        secret_key=settings.secret_key.encode(),
        timezone=ZoneInfo(settings.timezone),
        language=settings.language,
        files=FileStore(Path(settings.data_dir) / "files", holds=bool(settings.clamd)),
        sessions=Sessions(cache),
        throttle=Throttle(cache),
        cache=cache,
        clock=clock,
        connections=connections or {},
        theme=open_theme(settings.theme),
        map=settings.map,
    )


def house_of(connection: ASGIConnection[Any, Any, Any, Any]) -> House:
    """The house this request was made to."""
    house: House = connection.app.state["house"]
    return house
