"""Files: bytes under random keys in one folder, with their SHA-256. Never knows whose they are (see
`desk.attachments`)."""

import asyncio
import hashlib
import os
import re
import secrets
from pathlib import Path

import msgspec

from desk.errors import FileMissing

KEY = re.compile(r"[0-9a-f]{32}")


class StoredFile(msgspec.Struct, frozen=True):
    """Where the bytes are (`key`), how many, and their digest in hexadecimal."""

    key: str
    size: int
    sha256: str


class FileStore:
    """One folder of files: `FileStore(settings.data_dir / "files")`. Built in `server/app.py`, passed to the verbs.
    `holds`: what is received is held until the scanner has seen it.
    """

    def __init__(self, folder: Path, *, holds: bool = False) -> None:
        self.folder, self.holds = folder, holds

    async def put(self, content: bytes) -> StoredFile:
        """Write durably under a new random key."""
        key = secrets.token_hex(16)
        await asyncio.to_thread(self._write, key, content)
        return StoredFile(key, len(content), hashlib.sha256(content).hexdigest())

    async def get(self, key: str) -> bytes:
        """The bytes. Raises `FileMissing`."""
        try:
            return await asyncio.to_thread(self._path(key).read_bytes)
        except FileNotFoundError as error:
            raise FileMissing(key=key) from error

    async def delete(self, key: str) -> None:
        """Remove; nothing happens when it is already gone."""
        await asyncio.to_thread(self._path(key).unlink, missing_ok=True)

    def _path(self, key: str) -> Path:
        if not KEY.fullmatch(key):
            raise FileMissing(key=key)
        return self.folder / key[:2] / key

    def _write(self, key: str, content: bytes) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        partial = path.with_suffix(".part")
        descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # A reader sees the whole file or none; the row that names it is only committed afterwards.
        partial.rename(path)
