"""Uploads: files of a posted page, checked by content (`desk.uploads`), stored under random keys
(`desk.attachments`), served safely.

A file is read no further than its limit. One refused file says why beside its question and loses nothing of the page.
"""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response
from litestar.datastructures import UploadFile

from desk import attachments, uploads
from desk.attachments import Attachment
from desk.errors import (
    TooManyAttachments,
    UploadDisguised,
    UploadEmpty,
    UploadKindRefused,
    UploadTooLarge,
    UploadUnreadable,
)
from desk.files import FileStore
from forms import AttachmentField, Message, Problem

LARGEST = 10_000_000

_SHOWN_IN_PAGE = {"image/jpeg", "image/png", "application/pdf"}

# Message ids; the catalogue holds the words.
REFUSALS: dict[type[Exception], str] = {
    UploadTooLarge: "%(label)s: “%(name)s” is too large, choose a file of at most %(limit)s MB.",
    UploadEmpty: "%(label)s: “%(name)s” is empty, choose another file.",
    UploadKindRefused: "%(label)s: “%(name)s” is not of an accepted kind, choose a PDF, a JPEG or a PNG.",
    UploadDisguised: "%(label)s: the content of “%(name)s” is not what its name says, choose another file.",
    UploadUnreadable: "%(label)s: “%(name)s” cannot be opened, it is damaged or protected. Choose another file.",
    TooManyAttachments: "%(label)s: that is too many files, remove one before you add “%(name)s”.",
}
INFECTED = "%(label)s: “%(name)s” contained a virus, we removed it. Choose another file."


class Received(msgspec.Struct, frozen=True):
    """What a page's files became: pairs to add to its body, and what could not be taken."""

    pairs: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()


async def receive(
    body: Iterable[tuple[str, Any]],
    fields: Iterable[AttachmentField],
    *,
    files: FileStore,
    now: datetime,
    label: Any,
    draft_id: UUID | None = None,
    case_id: UUID | None = None,
) -> Received:
    """Stores the files of a page for a draft or a case. `label` gives the words of the question at a pointer, and
    its id."""
    known, pairs, problems = {field.input: field for field in fields}, list[tuple[str, str]](), list[Problem]()
    for name, value in body:
        field = known.get(name)
        if field is None or not isinstance(value, UploadFile) or not value.filename:
            continue
        try:
            kept = await keep(value, field, files=files, now=now, draft_id=draft_id, case_id=case_id)
            pairs.append((field.identifiers, str(kept.id)))
        except tuple(REFUSALS) as refusal:
            problems.append(_problem(refusal, field, value.filename, *label(field.pointer)))
    return Received(tuple(pairs), tuple(problems))


async def keep(
    upload: UploadFile,
    field: AttachmentField,
    *,
    files: FileStore,
    now: datetime,
    draft_id: UUID | None = None,
    case_id: UUID | None = None,
) -> Attachment:
    """Checks one file and stores it. Raises the refusals of `desk.uploads` and `TooManyAttachments`."""
    limit = min(field.max_bytes, LARGEST)
    content = await upload.read(limit + 1)
    checked = await asyncio.to_thread(uploads.check, upload.filename, content, limit=limit)
    if field.accept and checked.media_type not in field.accept:
        raise UploadKindRefused
    return await attachments.store(
        checked, files=files, now=now, field=field.pointer, draft_id=draft_id, case_id=case_id
    )


def refusal_message(refusal: Exception, name: str, label: str, limit: int = LARGEST) -> Message:
    """Why a file was not taken, for its question."""
    kind = next(kind for kind in type(refusal).__mro__ if kind in REFUSALS)
    return Message(REFUSALS[kind], {"label": label, "name": name[:80], "limit": str(limit // 1_000_000)})


def infected_message(name: str, label: str) -> Message:
    """A file that was taken, and in which the antivirus then found something."""
    return Message(INFECTED, {"label": label, "name": name[:80]})


def serve(content: bytes, name: str, media_type: str, *, inline: bool = False) -> Response[bytes]:
    """A stored file as a download, or shown when it is a photograph or a PDF; it can run nothing either way."""
    shown = inline and media_type in _SHOWN_IN_PAGE
    return Response(
        content,
        media_type=media_type if media_type in _SHOWN_IN_PAGE else "application/octet-stream",
        headers={
            "content-disposition": f"{'inline' if shown else 'attachment'}; filename*=UTF-8''{quote(name, safe='')}",
            "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
            "x-content-type-options": "nosniff",
            "cache-control": "private, no-store",
        },
    )


def _problem(refusal: Exception, field: AttachmentField, name: str, label: str, field_id: str) -> Problem:
    return Problem(field.pointer, field_id, label, refusal_message(refusal, name, label, min(field.max_bytes, LARGEST)))
