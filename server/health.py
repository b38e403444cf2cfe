"""Health: what an operator may have to mend on this machine, each finding with what to do. Looks only; changes
nothing.
"""

import asyncio
import importlib.metadata
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import aiosmtplib
import msgspec

from server.database import bind, open_database
from server.embedded import is_supervised, read_addresses
from server.embedded_account import choose_account
from server.errors import ServerError
from server.migrate import pending
from server.opened import open_valkey
from server.settings import Settings

ROOT = Path(__file__).resolve().parent.parent
LEAST_DISK = 2 * 1024**3
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at: `good`, a `note` to read, or `bad`: to mend before serving."""

    subject: str
    state: Literal["good", "note", "bad"]
    says: str


async def look(settings: Settings) -> list[Finding]:
    """Look at everything."""
    return [
        python_finding(),
        lock_finding(),
        disk_finding(settings),
        *await database_findings(settings),
        await valkey_finding(settings),
        *asset_findings(),
        await mail_finding(settings),
        secret_finding(settings),
        browser_finding(),
    ]


def python_finding() -> Finding:
    """Which Python runs this."""
    return Finding("Python", "good", f"{'.'.join(map(str, sys.version_info[:3]))} at {sys.executable}")


def lock_finding(lock: Path = ROOT / "requirements.lock") -> Finding:
    """The packages of the lock file are those installed."""
    if not lock.exists():
        return Finding("Packages", "note", "no requirements.lock beside the program: versions are not checked")
    locked = _locked(lock)
    other = sorted(name for name, versions in locked.items() if _installed(name) not in (None, *versions))
    if other:
        return Finding("Packages", "bad", f"other versions than locked: {', '.join(other[:6])}. Run make setup")
    return Finding("Packages", "good", "as locked")


def disk_finding(settings: Settings) -> Finding:
    """Two gigabytes are free where the data are."""
    folder = settings.data_dir
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    says = f"{free / 1024**3:.1f} GB free at {folder}"
    return Finding("Disk", "good" if free > LEAST_DISK else "bad", says if free > LEAST_DISK else f"only {says}")


async def database_findings(settings: Settings) -> list[Finding]:
    """PostgreSQL answers and is up to date; or the embedded one can run here."""
    url = settings.database_url
    if url is None:
        addresses = read_addresses(settings.data_dir) if is_supervised(settings.data_dir) else None
        if addresses is None:
            return [_embedded_finding(settings)]
        url = addresses.database_url
    try:
        database = await open_database(url, pool_size=2)
    except ServerError as error:
        return [Finding("PostgreSQL", "bad", str(error))]
    try:
        bind(database)
        version = (await database._run_in_pool("SHOW server_version"))[0]["server_version"]
        missing = await pending(database)
    finally:
        await database.close()
    shape = Finding("Migrations", "bad", f"{len(missing)} missing: run parvis migrate")
    return [Finding("PostgreSQL", "good", version), shape if missing else Finding("Migrations", "good", "up to date")]


def _embedded_finding(settings: Settings) -> Finding:
    try:
        account = choose_account(settings.data_dir, settings.data_dir / "run")
    except ServerError as error:
        return Finding("PostgreSQL", "bad", f"{error} Or set DATABASE_URL")
    how = "in a user namespace" if account.prefix else "as nobody" if account.user else "as this account"
    return Finding("PostgreSQL", "good", f"embedded, not running; will run {how}")


async def valkey_finding(settings: Settings) -> Finding:
    """Valkey answers; without it everything works, less quickly."""
    url = settings.valkey_url
    if url is None and settings.database_url is None:
        addresses = read_addresses(settings.data_dir) if is_supervised(settings.data_dir) else None
        url = addresses.valkey_url if addresses else None
        if url is None:
            return Finding("Valkey", "good", "embedded, not running")
    client = open_valkey(url)
    if client is None:
        return Finding("Valkey", "note", "VALKEY_URL is not set: no live updates between processes, limits per process")
    try:
        await client.execute_command("PING")
        return Finding("Valkey", "good", "answers")
    except Exception as error:
        return Finding("Valkey", "note", f"does not answer ({type(error).__name__}): check VALKEY_URL")
    finally:
        await client.aclose()


def asset_findings() -> Iterator[Finding]:
    """Translations and browser assets are built."""
    compiled = list((ROOT / "locale").glob("*/LC_MESSAGES/*.mo"))
    built = (ROOT / "web" / "static" / "built" / "manifest.json").exists()
    yield Finding("Translations", *(("good", "compiled") if compiled else ("bad", "not compiled: run make assets")))
    yield Finding(
        "Editors", *(("good", "built") if built else ("note", "not built: make assets (administrators only)"))
    )


async def mail_finding(settings: Settings) -> Finding:
    """The mail server takes a connection."""
    smtp = settings.smtp
    if not smtp.host:
        return Finding("Mail", "note", "PARVIS_SMTP_HOST is not set: messages stay in the local mail sink")
    client = aiosmtplib.SMTP(
        hostname=smtp.host, port=smtp.port, use_tls=smtp.tls == "tls", start_tls=smtp.tls == "starttls", timeout=10
    )
    try:
        async with asyncio.timeout(15), client:
            return Finding("Mail", "good", f"{smtp.host}:{smtp.port} answers")
    except (aiosmtplib.SMTPException, OSError, TimeoutError) as error:
        return Finding("Mail", "bad", f"{smtp.host}:{smtp.port}: {type(error).__name__}. Check PARVIS_SMTP_*")


def secret_finding(settings: Settings) -> Finding:
    """Several processes on several machines need the same key."""
    if settings.secret_key:
        if len(settings.secret_key) < 32:
            return Finding("Secret key", "bad", "PARVIS_SECRET_KEY is shorter than 32 characters")
        return Finding("Secret key", "good", "set")
    says = "kept in the data folder; set PARVIS_SECRET_KEY to run on several machines"
    return Finding("Secret key", "note" if settings.secure_cookies else "good", says)


def browser_finding() -> Finding:
    """Chromium, for the browser tests only."""
    found = next((name for name in BROWSERS if shutil.which(name)), None)
    if found is None and not list(Path.home().glob(".cache/ms-playwright/chromium*")):
        return Finding("Chromium", "note", "absent: needed by the browser tests only (make browser)")
    return Finding("Chromium", "good", found or "Playwright's")


def _locked(lock: Path) -> dict[str, list[str]]:
    # One package may be locked to several versions, for several versions of Python.
    found: dict[str, list[str]] = {}
    for name, version in re.findall(r"^([A-Za-z0-9._-]+)==([^\s;]+)", lock.read_text("utf-8"), re.MULTILINE):
        found.setdefault(name, []).append(version)
    return found


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
