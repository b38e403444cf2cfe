"""Settings: everything a town may decide when it starts Parvis, read once and passed as an argument.

The only module that reads the environment (tests/architecture looks for others). Every field is documented in
docs/reference/settings.md. Never opens a connection: see `server.database` and `server.embedded`.
"""

import os
import re
import secrets
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from server.errors import SettingRefused

SHORTEST_KEY = 32
LOGOS, LARGEST_LOGO = (".svg", ".png", ".webp"), 50_000


class Town(msgspec.Struct, frozen=True, kw_only=True):
    """The town hall that runs this front desk, as its pages and letters name it."""

    name: str = "Saint-Martin-sur-Loire"
    address: str = "1 place de la Mairie, 49000 Saint-Martin-sur-Loire"
    phone: str = "02 41 00 00 00"
    email: str = "mairie@saint-martin-sur-loire.example"
    hours: str = "du lundi au vendredi, de 8 h 30 à 12 h et de 13 h 30 à 17 h"
    hours_en: str = "Monday to Friday, 8.30 am to noon and 1.30 pm to 5 pm"
    region: str = ""


class Smtp(msgspec.Struct, frozen=True, kw_only=True):
    """How mail leaves. Without `host`, messages stay in the local mail sink, which administrators read on a page."""

    host: str = ""
    port: int = 25
    tls: str = "none"
    user: str = ""
    password: str = ""
    sender: str = "ne-pas-repondre@saint-martin-sur-loire.example"


class Theme(msgspec.Struct, frozen=True, kw_only=True):
    """The town's colour (an angle on the colour wheel of OKLCH and how vivid it is) and its logo, if it has one."""

    hue: float = 252
    chroma: float = 0.115
    logo: Path | None = None


class Outgoing(msgspec.Struct, frozen=True, kw_only=True):
    """What connectors may reach. `networks` of the town's own that they may call (private addresses are refused
    otherwise), `proxy` for all their calls, `keys` of the connections' secrets, newest first (else a file has them).
    `geocoder` is the demo's own address base, used while administrators have set up none; nothing of the environment
    sets it."""

    networks: str = ""
    proxy: str = ""
    keys: tuple[str, ...] = ()
    geocoder: str = ""


class TownMap(msgspec.Struct, frozen=True, kw_only=True):
    """The map beside a question of place. `tiles` is the address of its images with {z}, {x} and {y} (none: no map is
    offered), `attribution` who made them; `centre` (latitude, longitude in degrees) and `zoom` what is shown first,
    `deepest` the last zoom there are images for."""

    tiles: str = ""
    attribution: str = ""
    centre: tuple[float, float] = (46.6, 2.4)
    zoom: int = 14
    deepest: int = 19


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """One town's configuration. `database_url` and `valkey_url` are absent until embedded servers have started."""

    database_url: str | None = None
    valkey_url: str | None = None
    data_dir: Path = Path(".parvis")
    secret_key: str = ""
    public_url: str = "http://127.0.0.1:8000"
    host: str = "127.0.0.1"
    port: int = 8000
    town: Town = Town()
    theme: Theme = Theme()
    smtp: Smtp = Smtp()
    outgoing: Outgoing = Outgoing()
    map: TownMap = TownMap()
    returns_port: int = 0
    timezone: str = "Europe/Paris"
    language: str = "fr"
    pool_size: int = 10
    debug: bool = False
    clamd: str = ""
    case_megabytes: int = 16

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> "Settings":
        """Read `DATABASE_URL`, `VALKEY_URL` and the `PARVIS_*` variables; raise `SettingRefused` for a bad one."""
        found = os.environ if environ is None else environ
        port = _number(found, "PARVIS_PORT", 8000, 1, 65535)
        settings = cls(
            database_url=found.get("DATABASE_URL") or None,
            valkey_url=found.get("VALKEY_URL") or None,
            data_dir=Path(found.get("PARVIS_DATA_DIR") or ".parvis").expanduser().absolute(),
            secret_key=found.get("PARVIS_SECRET_KEY", ""),
            public_url=(found.get("PARVIS_PUBLIC_URL") or f"http://127.0.0.1:{port}").rstrip("/"),
            host=found.get("PARVIS_HOST") or "127.0.0.1",
            port=port,
            town=_town(found),
            theme=_theme(found),
            smtp=_smtp(found),
            outgoing=_outgoing(found),
            map=_map(found),
            returns_port=_number(found, "PARVIS_RETURNS_PORT", 0, 1, 65535),
            timezone=found.get("PARVIS_TIMEZONE") or "Europe/Paris",
            language=found.get("PARVIS_LANGUAGE") or "fr",
            pool_size=_number(found, "PARVIS_POOL_SIZE", 10, 2, 200),
            debug=found.get("PARVIS_DEBUG", "") == "1",
            clamd=_clamd(found),
            case_megabytes=_number(found, "PARVIS_CASE_MEGABYTES", 16, 1, 256),
        )
        _check(settings)
        return settings

    @property
    def secure_cookies(self) -> bool:
        """True when the public address is https: cookies then travel over TLS only."""
        return self.public_url.startswith("https://")


def read_settings(**options: object) -> Settings:
    """Read the environment, where the options of a command line (`data_dir=…`, `port=…`) that were given come first."""
    given = {f"PARVIS_{name.upper()}": str(value) for name, value in options.items() if value is not None}
    return Settings.from_environment({**os.environ, **given})


def with_secret_key(settings: Settings) -> Settings:
    """Return the settings with a secret key: the configured one, else one kept in the data folder."""
    if settings.secret_key:
        return settings
    path = settings.data_dir / "secret-key"
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return msgspec.structs.replace(settings, secret_key=path.read_text("ascii").strip())
    key = secrets.token_hex(32)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(key)
    return msgspec.structs.replace(settings, secret_key=key)


def _clamd(found: Mapping[str, str]) -> str:
    address = found.get("PARVIS_CLAMD", "")
    if address and not re.fullmatch(r"unix://(/[^/\s]+)+|tcp://[A-Za-z0-9.\-]+(:[0-9]{1,5})?", address):
        raise SettingRefused("PARVIS_CLAMD", "Expected tcp://host:3310 or unix:///run/clamav/clamd.ctl.")
    return address


def _town(found: Mapping[str, str]) -> Town:
    given = {
        field: found[f"PARVIS_TOWN_{field.upper()}"]
        for field in Town.__struct_fields__
        if found.get(f"PARVIS_TOWN_{field.upper()}")
    }
    # A town with hours of its own never shows ours to people who read English.
    return Town(**({"hours_en": ""} if "hours" in given else {}) | given)


def _smtp(found: Mapping[str, str]) -> Smtp:
    texts = {
        field: found[f"PARVIS_SMTP_{field.upper()}"]
        for field in ("host", "tls", "user", "password", "sender")
        if found.get(f"PARVIS_SMTP_{field.upper()}")
    }
    return Smtp(**texts, port=_number(found, "PARVIS_SMTP_PORT", 25, 1, 65535))


def _outgoing(found: Mapping[str, str]) -> Outgoing:
    networks, proxy = found.get("PARVIS_OUTGOING_NETWORKS", ""), found.get("PARVIS_OUTGOING_PROXY", "")
    keys = tuple(each.strip() for each in found.get("PARVIS_CONNECTIONS_KEYS", "").split(",") if each.strip())
    try:
        for each in networks.split(","):
            ip_network(each.strip() or "127.0.0.0/8")
    except ValueError as error:
        raise SettingRefused("PARVIS_OUTGOING_NETWORKS", "networks like 10.2.0.0/16, fd00::/8") from error
    if proxy and urlsplit(proxy).scheme != "http":
        raise SettingRefused("PARVIS_OUTGOING_PROXY", "an address like http://proxy.town.example:3128")
    if any(len(each) < SHORTEST_KEY for each in keys):
        raise SettingRefused("PARVIS_CONNECTIONS_KEYS", f"keys of {SHORTEST_KEY} characters or more, the newest first")
    return Outgoing(networks=networks, proxy=proxy, keys=keys)


def _theme(found: Mapping[str, str]) -> Theme:
    logo = Path(found["PARVIS_THEME_LOGO"]).expanduser().absolute() if found.get("PARVIS_THEME_LOGO") else None
    readable = logo is None or (logo.suffix.lower() in LOGOS and logo.is_file() and logo.stat().st_size <= LARGEST_LOGO)
    if not readable:
        raise SettingRefused("PARVIS_THEME_LOGO", "the path of an SVG, PNG or WebP file of 50 kB at most")
    return Theme(
        hue=_decimal(found, "PARVIS_THEME_HUE", 252, 0, 360),
        chroma=_decimal(found, "PARVIS_THEME_CHROMA", 0.115, 0, 0.25),
        logo=logo,
    )


def _map(found: Mapping[str, str]) -> TownMap:
    tiles, attribution = found.get("PARVIS_MAP_TILES", ""), found.get("PARVIS_MAP_ATTRIBUTION", "")
    if not tiles:
        return TownMap()
    address = re.fullmatch(r"https?://[A-Za-z0-9.\-]+(:[0-9]{1,5})?/[!-~]*", tiles)
    if not address or not all(each in tiles for each in ("{z}", "{x}", "{y}")) or set(tiles) & set("\"'<>;,"):
        raise SettingRefused("PARVIS_MAP_TILES", "an address like https://tiles.town.example/{z}/{x}/{y}.png")
    if not attribution:
        raise SettingRefused("PARVIS_MAP_ATTRIBUTION", "who made the map, as their licence asks it to be said")
    centre = re.fullmatch(r"(-?\d{1,2}(?:\.\d+)?),\s*(-?\d{1,3}(?:\.\d+)?)", found.get("PARVIS_MAP_CENTRE", ""))
    if not centre:
        raise SettingRefused("PARVIS_MAP_CENTRE", "the latitude and longitude of the town hall, like 47.86,2.10")
    return TownMap(
        tiles=tiles,
        attribution=attribution,
        centre=(float(centre[1]), float(centre[2])),
        zoom=_number(found, "PARVIS_MAP_ZOOM", 14, 1, 20),
        deepest=_number(found, "PARVIS_MAP_DEEPEST", 19, 1, 24),
    )


def _decimal(found: Mapping[str, str], name: str, default: float, least: float, most: float) -> float:
    text = found.get(name)
    if not text:
        return default
    if not re.fullmatch(r"\d{1,3}(\.\d{1,4})?", text) or not least <= float(text) <= most:
        raise SettingRefused(name, f"a number between {least} and {most}")
    return float(text)


def _number(found: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    text = found.get(name)
    if not text:
        return default
    if not text.isdecimal() or not least <= int(text) <= most:
        raise SettingRefused(name, f"a number between {least} and {most}")
    return int(text)


def _check(settings: Settings) -> None:
    if settings.database_url and urlsplit(settings.database_url).scheme not in ("postgresql", "postgres"):
        raise SettingRefused("DATABASE_URL", "an address like postgresql://user:password@host:5432/parvis")
    if settings.valkey_url and urlsplit(settings.valkey_url).scheme not in (
        "valkey",
        "valkeys",
        "redis",
        "rediss",
        "unix",
    ):
        raise SettingRefused("VALKEY_URL", "an address like valkey://host:6379/0 or unix:///path/valkey.sock")
    if urlsplit(settings.public_url).scheme not in ("http", "https"):
        raise SettingRefused("PARVIS_PUBLIC_URL", "an address like https://demarches.town.example")
    if settings.smtp.tls not in ("none", "starttls", "tls"):
        raise SettingRefused("PARVIS_SMTP_TLS", "none, starttls or tls")
    if settings.language not in ("fr", "en"):
        raise SettingRefused("PARVIS_LANGUAGE", "fr or en")
    try:
        ZoneInfo(settings.timezone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise SettingRefused("PARVIS_TIMEZONE", "a zone name like Europe/Paris") from error
