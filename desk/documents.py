"""Documents: what the town issues for a case (letters, slips, orders), stored and downloadable. Never lays out:
connectors do."""

import hashlib
from datetime import datetime
from uuid import UUID

import msgspec

from desk.errors import DocumentNotFound, FileMissing
from desk.files import FileStore
from desk.seals import Mark, code_digest, seal_of
from desk.store import row, rows
from desk.store.reading import to_struct
from engine.ids import new_id

COLUMNS = "id, case_id, title, name, media_type, size, sha256, file_key, public, issued_at, number"


class Document(msgspec.Struct, frozen=True, kw_only=True):
    """One issued file. `public` documents are the applicant's to download; others are for agents only. `number`: its
    place in the town's register, if it has one."""

    id: UUID
    case_id: UUID
    title: str
    name: str
    media_type: str
    size: int
    sha256: str
    file_key: str
    public: bool
    issued_at: datetime
    number: str | None = None


class Sealing(msgspec.Struct, frozen=True, kw_only=True):
    """What the paper shows of itself, and the town's key to seal it with."""

    mark: Mark
    secret: bytes


async def issue(
    case_id: UUID,
    content: bytes,
    *,
    title: str,
    name: str,
    files: FileStore,
    now: datetime,
    key: str,
    media_type: str = "application/pdf",
    public: bool = True,
    sealing: Sealing | None = None,
) -> Document:
    """Store an issued document; issuing again with the same `key` (a job id) returns the first."""
    known = await row(f"SELECT {COLUMNS} FROM desk_document WHERE key = $1 AND case_id = $2", key, case_id)
    if known:
        return to_struct(Document, known)
    stored = await files.put(content)
    number, proof = _sealed(sealing, title, stored.sha256, now)
    found = await row(
        f"INSERT INTO desk_document ({COLUMNS}, key, content_sha256, check_digest, seal) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) "
        f"ON CONFLICT (key) DO NOTHING RETURNING {COLUMNS}",
        *(new_id(now), case_id, title, name, media_type, stored.size, stored.sha256, stored.key, public, now, number),
        *(key, *proof),
    )
    if found is None:
        # Two runs of the same job met here: the other one's document stands.
        await files.delete(stored.key)
        found = await row(f"SELECT {COLUMNS} FROM desk_document WHERE key = $1", key)
    return to_struct(Document, found)  # type: ignore[arg-type]


async def of_key(key: str) -> Document | None:
    """The document a job has already issued."""
    found = await row(f"SELECT {COLUMNS} FROM desk_document WHERE key = $1 AND case_id IS NOT NULL", key)
    return to_struct(Document, found) if found else None


async def of_case(case_id: UUID, *, public_only: bool = False) -> tuple[Document, ...]:
    """The documents of a case, oldest first."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_document WHERE case_id = $1 AND (public OR NOT $2) ORDER BY issued_at, id "
        f"LIMIT 200",
        *(case_id, public_only),
    )
    return tuple(to_struct(Document, each) for each in found)


async def get(document_id: UUID) -> Document:
    """Its row. Raises `DocumentNotFound`. Rights are the caller's: check `case_id` and `public`."""
    found = await row(f"SELECT {COLUMNS} FROM desk_document WHERE id = $1 AND case_id IS NOT NULL", document_id)
    if found is None:
        raise DocumentNotFound(document_id=document_id)
    return to_struct(Document, found)


async def read(document: Document, files: FileStore) -> bytes:
    """Its content. Raises `DocumentNotFound` when the file is gone or altered."""
    try:
        content = await files.get(document.file_key)
    except FileMissing as error:
        raise DocumentNotFound(document_id=document.id) from error
    if hashlib.sha256(content).hexdigest() != document.sha256:
        raise DocumentNotFound(document_id=document.id)
    return content


def _sealed(
    sealing: Sealing | None, title: str, sha256: str, now: datetime
) -> tuple[str | None, tuple[str | None, str | None, str | None]]:
    if sealing is None:
        return None, (None, None, None)
    mark = sealing.mark
    seal = seal_of(mark, title=title, sha256=sha256, issued_at=now, secret=sealing.secret)
    return mark.number, (mark.content_sha256, code_digest(mark.code), seal)
