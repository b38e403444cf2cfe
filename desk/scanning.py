"""Scanning: asks the town's antivirus (clamd) about received files. The citizen never waits for it; nobody opens a file
before it has answered.

A file that cannot be scanned now waits: no verdict is ever guessed. Never decides who may see a file.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from desk.errors import FileMissing, ScannerAway
from desk.files import FileStore
from desk.store import rows, run

TOPIC = "files"
BATCH, SECONDS = 20, 60.0
CHUNK = 64 * 1024
LARGEST_REPLY = 4096


class Scanner(NamedTuple):
    """Where clamd listens: `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`."""

    address: str
    seconds: float = SECONDS

    async def virus_in(self, content: bytes) -> str:
        """The name of what was found in the content, "" when nothing was (clamd's INSTREAM command). Raises
        `ScannerAway` when it does not answer, or not with a verdict."""
        try:
            async with asyncio.timeout(self.seconds), self._connected() as (reader, writer):
                writer.write(b"zINSTREAM\0")
                for start in range(0, len(content), CHUNK):
                    piece = content[start : start + CHUNK]
                    writer.write(len(piece).to_bytes(4, "big") + piece)
                    await writer.drain()
                writer.write(bytes(4))
                await writer.drain()
                said = await reader.readuntil(b"\0")
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            raise ScannerAway() from error
        return _verdict(said.rstrip(b"\0").decode("utf-8", "replace"))

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        parts = urlsplit(self.address)
        if parts.scheme == "unix":
            reader, writer = await asyncio.open_unix_connection(parts.path, limit=LARGEST_REPLY)
        else:
            reader, writer = await asyncio.open_connection(parts.hostname, parts.port or 3310, limit=LARGEST_REPLY)
        try:
            yield reader, writer
        finally:
            writer.close()


def _verdict(said: str) -> str:
    """`stream: OK`, `stream: <name> FOUND`; anything else (`INSTREAM size limit exceeded. ERROR`) is no verdict."""
    answer = said.removeprefix("stream: ").strip()
    if answer == "OK":
        return ""
    if answer.endswith(" FOUND"):
        return answer.removesuffix(" FOUND")[:200]
    raise ScannerAway(f"Expected a verdict, but the scanner said: {answer[:80]}")


async def scan_waiting(scanner: Scanner, files: FileStore, now: datetime, limit: int = BATCH) -> int:
    """Scan the files that wait, oldest first; an infected one loses its bytes at once and keeps its name. Returns how
    many have their verdict now. Raises `ScannerAway`."""
    waiting = await rows(
        "SELECT id, file_key FROM desk_attachment WHERE scan = 'waiting' ORDER BY received_at, id LIMIT $1", limit
    )
    for each in waiting:
        try:
            found = await scanner.virus_in(await files.get(each["file_key"]))
        except FileMissing:
            found = "missing"
        await run(
            "UPDATE desk_attachment SET scan = $2, scanned_at = $3 WHERE id = $1 AND scan = 'waiting'",
            *(each["id"], "infected" if found else "clean", now),
        )
        if found:
            await files.delete(each["file_key"])
    return len(waiting)
