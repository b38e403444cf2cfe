"""Seals: what proves that a document is the town's. The paper bears its number, a code and the SHA-256 of its content;
the register bears the SHA-256 of the file and a seal over all of them, made with the town's key (HMAC-SHA-256): a row
that was altered no longer fits its seal."""

import hashlib
import hmac
from datetime import UTC, datetime
from typing import Any

import msgspec

from desk.store import row, rows
from desk.tokens import derived, digest
from engine.encoding import json_text

CODE = 16


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """What the paper shows: its number, the code that finds it again, the SHA-256 of what it says."""

    number: str
    code: str
    content_sha256: str


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """What the town knows of a document. `intact`: the register was not altered; `same_file`: the file shown is the one
    issued (None: no file was shown)."""

    number: str
    title: str
    issued_at: datetime
    sha256: str
    content_sha256: str
    intact: bool
    same_file: bool | None = None


def mark_of(number: str, key: str, content: dict[str, Any], secret: bytes) -> Mark:
    """The mark of a document that says `content`; the same for the same `key` (a job id)."""
    code = derived(secret, "document", key)[:CODE]
    return Mark(number=number, code=code, content_sha256=hashlib.sha256(json_text(content).encode()).hexdigest())


def said_code(code: str) -> str:
    """The code as papers show it: abcd-efgh-ijkl-mnop."""
    return "-".join(code[at : at + 4] for at in range(0, len(code), 4))


def seal_of(mark: Mark, *, title: str, sha256: str, issued_at: datetime, secret: bytes) -> str:
    """The seal of a register's line."""
    line = [mark.number, mark.content_sha256, sha256, title, issued_at.astimezone(UTC).isoformat()]
    return hmac.new(secret, b"document seal:" + json_text(line).encode(), hashlib.sha256).hexdigest()


def code_digest(code: str) -> str:
    """What is stored of a code."""
    return digest("document:" + code)


async def of_code(written: str, secret: bytes, *, file_sha256: str | None = None) -> Proof | None:
    """The document of a code as somebody typed it; None when there is none."""
    code = "".join(sign for sign in written.lower() if sign.isalnum())[:64]
    found = await row(f"SELECT {COLUMNS} FROM desk_document WHERE check_digest = $1", code_digest(code))
    return _proof(found, secret, file_sha256) if found else None


async def of_file(sha256: str, secret: bytes) -> Proof | None:
    """The document that is exactly this file; None when the town never issued it, or has forgotten it."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_document WHERE sha256 = $1 AND number IS NOT NULL ORDER BY issued_at LIMIT 1",
        sha256,
    )
    return _proof(found[0], secret, sha256) if found else None


COLUMNS = "number, title, issued_at, sha256, content_sha256, seal"


def _proof(record: Any, secret: bytes, file_sha256: str | None) -> Proof:
    mark = Mark(number=record["number"], code="", content_sha256=record["content_sha256"])
    seal = seal_of(mark, title=record["title"], sha256=record["sha256"], issued_at=record["issued_at"], secret=secret)
    return Proof(
        number=record["number"],
        title=record["title"],
        issued_at=record["issued_at"],
        sha256=record["sha256"],
        content_sha256=record["content_sha256"],
        intact=hmac.compare_digest(seal, record["seal"] or ""),
        same_file=None if file_sha256 is None else file_sha256 == record["sha256"],
    )
