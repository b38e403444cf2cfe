"""Attachments: files received with a draft, a task answer or an exchange. Never judges their content (see
`desk.uploads`)."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from desk import scanning
from desk.errors import AttachmentHeld, AttachmentInfected, AttachmentNotFound, FileMissing, TooManyAttachments
from desk.files import FileStore
from desk.store import row, rows, transaction, value
from desk.store.reading import to_struct
from desk.uploads import CheckedUpload
from engine.ids import new_id
from engine.wake import hint

MOST = 30
ORPHAN_AGE = timedelta(days=2)

COLUMNS = "id, draft_id, case_id, field, name, media_type, size, sha256, file_key, received_at, scan"


Scan = Literal["none", "waiting", "clean", "infected"]


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """One received file. `field` is the form field it answers; `case_id` is set once filed."""

    id: UUID
    draft_id: UUID | None
    case_id: UUID | None
    field: str
    name: str
    media_type: str
    size: int
    sha256: str
    file_key: str
    received_at: datetime
    scan: Scan = "none"

    @property
    def is_open(self) -> bool:
        """Whether it may be opened: the scanner has seen it, or the town has none."""
        return self.scan in ("none", "clean")


async def store(
    upload: CheckedUpload,
    *,
    files: FileStore,
    now: datetime,
    field: str = "",
    draft_id: UUID | None = None,
    case_id: UUID | None = None,
) -> Attachment:
    """Keep a checked file for a draft or for a case (exactly one of the two). Raises `TooManyAttachments` above 30
    for a draft,
    or 200 for a case. The answers hold the attachment's id as text.
    """
    if (draft_id is None) == (case_id is None):
        raise ValueError("Expected a draft or a case, but got both or none.")
    owner, most = ("draft_id", MOST) if draft_id else ("case_id", 200)
    stored = await files.put(upload.content)
    try:
        async with transaction():
            if await value(f"SELECT count(*) FROM desk_attachment WHERE {owner} = $1", draft_id or case_id) >= most:
                raise TooManyAttachments()
            found = await row(
                f"INSERT INTO desk_attachment ({COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) "
                f"RETURNING {COLUMNS}",
                *(new_id(now), draft_id, case_id, field, upload.name, upload.media_type),
                *(stored.size, stored.sha256, stored.key, now, "waiting" if files.holds else "none"),
            )
    except BaseException:
        await files.delete(stored.key)
        raise
    if files.holds:
        await hint(scanning.TOPIC)
    return to_struct(Attachment, _present(found))


async def get(attachment_id: UUID) -> Attachment:
    """Its row. Raises `AttachmentNotFound`. Rights are the caller's: check `draft_id` or `case_id`."""
    return to_struct(
        Attachment, _present(await row(f"SELECT {COLUMNS} FROM desk_attachment WHERE id = $1", attachment_id))
    )


async def resolve(
    ids: list[UUID], *, draft_id: UUID | None = None, case_id: UUID | None = None
) -> dict[UUID, Attachment]:
    """The attachments with these ids that belong to the draft or the case; others are left out."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_attachment WHERE id = ANY($1::uuid[]) AND (draft_id = $2 OR case_id = $3)",
        *(ids, draft_id, case_id),
    )
    return {each["id"]: to_struct(Attachment, each) for each in found}


async def of_draft(draft_id: UUID) -> tuple[Attachment, ...]:
    """All files received for a draft, oldest first."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_attachment WHERE draft_id = $1 ORDER BY received_at, id LIMIT 200", draft_id
    )
    return tuple(to_struct(Attachment, each) for each in found)


async def of_case(case_id: UUID) -> tuple[Attachment, ...]:
    """All files received for a case, oldest first."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_attachment WHERE case_id = $1 ORDER BY received_at, id LIMIT 500", case_id
    )
    return tuple(to_struct(Attachment, each) for each in found)


async def attach(draft_id: UUID, case_id: UUID, answers: dict[str, Any]) -> int:
    """Filing: the draft's files that the answers name become the case's; the others stay the draft's and are purged
    with it."""
    found = await rows(
        "UPDATE desk_attachment SET case_id = $2 WHERE draft_id = $1 AND id = ANY($3::uuid[]) RETURNING id",
        *(draft_id, case_id, list(ids_in(answers))),
    )
    return len(found)


async def infected(draft_id: UUID, answers: dict[str, Any]) -> tuple[Attachment, ...]:
    """The files of a draft that its answers name and in which the scanner found something."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_attachment WHERE draft_id = $1 AND id = ANY($2::uuid[]) AND scan = 'infected' "
        "ORDER BY received_at, id",
        *(draft_id, list(ids_in(answers))),
    )
    return tuple(to_struct(Attachment, each) for each in found)


def ids_in(answers: Any) -> set[UUID]:
    """Every text of the answers that is a UUID, at any depth."""
    match answers:
        case dict():
            return set().union(*(ids_in(each) for each in answers.values()))
        case list() | tuple():
            return set().union(*(ids_in(each) for each in answers))
        case str() if len(answers) == 36:
            try:
                return {UUID(answers)}
            except ValueError:
                return set()
        case _:
            return set()


async def read(attachment: Attachment, files: FileStore) -> bytes:
    """Its content. Raises `AttachmentHeld` before the scanner has seen it, `AttachmentInfected` when it found
    something, `AttachmentNotFound` when the file is gone or altered."""
    # Looked at again: the verdict may have come since the row was read.
    scan = await value("SELECT scan FROM desk_attachment WHERE id = $1", attachment.id)
    if scan == "waiting":
        raise AttachmentHeld(attachment_id=attachment.id)
    if scan == "infected":
        raise AttachmentInfected(attachment_id=attachment.id)
    try:
        content = await files.get(attachment.file_key)
    except FileMissing as error:
        raise AttachmentNotFound(attachment_id=attachment.id) from error
    if hashlib.sha256(content).hexdigest() != attachment.sha256:
        raise AttachmentNotFound(attachment_id=attachment.id)
    return content


async def remove(attachment_id: UUID, *, draft_id: UUID, files: FileStore) -> None:
    """Take a file out of a draft; nothing happens when it is not there. Filed attachments stay."""
    gone = await row(
        "DELETE FROM desk_attachment WHERE id = $1 AND draft_id = $2 AND case_id IS NULL RETURNING file_key",
        *(attachment_id, draft_id),
    )
    if gone:
        await files.delete(gone["file_key"])


async def purge_orphans(files: FileStore, now: datetime, limit: int = 500) -> int:
    """Delete files of no case whose draft is gone or filed without them, and of documents whose case is gone;
    returns how many."""
    gone = await rows(
        "DELETE FROM desk_attachment WHERE id = ANY(ARRAY("
        "SELECT a.id FROM desk_attachment a LEFT JOIN desk_draft d ON d.id = a.draft_id "
        "WHERE a.case_id IS NULL AND a.received_at <= $1 AND (a.draft_id IS NULL OR d.case_id IS NOT NULL) "
        "LIMIT $2 FOR UPDATE OF a SKIP LOCKED)) RETURNING file_key",
        *(now - ORPHAN_AGE, limit),
    )
    gone += await rows(
        "DELETE FROM desk_document WHERE id = ANY(ARRAY(SELECT id FROM desk_document WHERE case_id IS NULL LIMIT $1)) "
        "RETURNING file_key",
        limit,
    )
    for each in gone:
        await files.delete(each["file_key"])
    return len(gone)


def _present(found: Any) -> Any:
    if found is None:
        raise AttachmentNotFound()
    return found
