"""Scanning: nobody opens a file before the antivirus has seen it. A real socket server speaks clamd's protocol."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from desk import attachments
from desk.errors import AttachmentHeld, AttachmentInfected, ScannerAway
from desk.files import FileStore
from desk.scanning import Scanner, scan_waiting
from tests.desk.builders import a_draft
from tests.desk.test_files import PDF, an_upload

VIRUS = b"a virus for the tests"


async def answer_instream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """clamd's INSTREAM: length-prefixed pieces until an empty one, then a verdict."""
    assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
    content = b""
    while length := int.from_bytes(await reader.readexactly(4), "big"):
        content += await reader.readexactly(length)
    said = b"stream: Test.Virus FOUND" if VIRUS in content else b"stream: OK"
    writer.write((b"INSTREAM size limit exceeded. ERROR" if len(content) > 300_000 else said) + b"\0")
    await writer.drain()
    writer.close()


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.close()


@asynccontextmanager
async def a_scanner(folder: Path, answering=answer_instream) -> AsyncIterator[Scanner]:
    path = folder / "clamd.ctl"
    async with await asyncio.start_unix_server(answering, path):
        yield Scanner(f"unix://{path}", seconds=5)


async def test_the_verdict_comes_over_a_socket_of_either_kind(tmp_path):
    async with a_scanner(tmp_path) as scanner:
        over_unix = [await scanner.virus_in(content) for content in (PDF, b"x" * 200_000 + VIRUS, b"")]
    async with await asyncio.start_server(answer_instream, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        over_tcp = await Scanner(f"tcp://127.0.0.1:{port}", seconds=5).virus_in(VIRUS)

    assert over_unix == ["", "Test.Virus", ""]
    assert over_tcp == "Test.Virus"


async def test_what_is_no_verdict_is_never_taken_for_one(tmp_path):
    async with a_scanner(tmp_path) as scanner:
        with pytest.raises(ScannerAway):
            await scanner.virus_in(b"x" * 400_000)
    (tmp_path / "other").mkdir()
    async with a_scanner(tmp_path / "other", hang_up) as scanner:
        with pytest.raises(ScannerAway):
            await scanner.virus_in(PDF)
    with pytest.raises(ScannerAway):
        await Scanner(f"unix://{tmp_path}/nobody", seconds=1).virus_in(PDF)


async def test_a_file_is_held_until_it_has_been_scanned(database, now, tmp_path):
    files, draft = FileStore(tmp_path / "files", holds=True), await a_draft(now)
    kept = await attachments.store(an_upload(), files=files, draft_id=draft.id, now=now)

    with pytest.raises(AttachmentHeld):
        await attachments.read(kept, files)
    async with a_scanner(tmp_path) as scanner:
        assert await scan_waiting(scanner, files, now) == 1

    assert await attachments.read(kept, files) == PDF
    assert (await attachments.get(kept.id)).scan == "clean"


async def test_an_infected_file_keeps_its_name_and_loses_its_bytes(database, now, tmp_path):
    files, draft = FileStore(tmp_path / "files", holds=True), await a_draft(now)
    kept = await attachments.store(an_upload(PDF + VIRUS), files=files, draft_id=draft.id, now=now)

    async with a_scanner(tmp_path) as scanner:
        await scan_waiting(scanner, files, now)

    with pytest.raises(AttachmentInfected):
        await attachments.read(kept, files)
    assert [(each.name, each.is_open) for each in await attachments.of_draft(draft.id)] == [("attestation.pdf", False)]
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


async def test_files_wait_while_the_scanner_is_away(database, now, tmp_path):
    files, draft = FileStore(tmp_path / "files", holds=True), await a_draft(now)
    kept = await attachments.store(an_upload(), files=files, draft_id=draft.id, now=now)

    with pytest.raises(ScannerAway):
        await scan_waiting(Scanner(f"unix://{tmp_path}/nobody", seconds=1), files, now)

    assert (await attachments.get(kept.id)).scan == "waiting"
