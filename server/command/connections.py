"""`parvis connections`: the secrets of connections, sealed again with a new key."""

import asyncio
from pathlib import Path

import click

from connectors import connections
from connectors.keyring import Keyring
from connectors.vault import Vault
from server.command.options import console, data_dir_option
from server.database import bind, open_database
from server.opened import START_SECONDS, Attached
from server.settings import Settings, read_settings


@click.group("connections")
def command() -> None:
    """What connectors know of this town."""


@command.command("rotate")
@data_dir_option
def rotate(data_dir: Path | None) -> None:
    """Seal every secret with a new key.

    With PARVIS_CONNECTIONS_KEYS, put the new key first there and keep the old one behind it; run this; then the old
    one may go. Otherwise a new key is made; the file keeps the one before until the next time.
    """
    with Attached(read_settings(data_dir=data_dir)) as settings:
        count = asyncio.run(_rotate(settings))
    console.print(f"Sealed again: {count}.")


async def _rotate(settings: Settings) -> int:
    assert settings.database_url is not None
    database = await open_database(settings.database_url, pool_size=2, wait_seconds=START_SECONDS)
    bind(database)
    try:
        keyring = Keyring(settings.data_dir, settings.outgoing.keys)
        # What an earlier key still seals must be opened before that key leaves the file.
        await connections.rotate(Vault(keyring.keys()))
        keyring.add()
        return await connections.rotate(Vault(keyring.keys()))
    finally:
        await database.close()
