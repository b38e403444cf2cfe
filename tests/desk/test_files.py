"""Attachments, documents and uploads: what is received is checked, kept whole, and purged when nobody needs it."""

import io
import time
import zlib
from datetime import timedelta

import pytest
from PIL import Image

from desk import attachments, documents, uploads
from desk.errors import (
    AttachmentNotFound,
    TooManyAttachments,
    UploadDisguised,
    UploadEmpty,
    UploadKindRefused,
    UploadTooLarge,
    UploadUnreadable,
)
from desk.files import FileStore
from desk.uploads import CheckedUpload
from engine.store.statements import run
from tests.desk.builders import a_case, a_draft


def a_pdf(inside: bytes = b"") -> bytes:
    """The smallest PDF with a page."""
    objects = b"%PDF-1.7\n1 0 obj <</Type /Page>> endobj\n" + inside
    return objects + b"xref\ntrailer <<>>\nstartxref\n" + str(len(objects)).encode() + b"\n%%EOF\n"


PDF = a_pdf()


def compressed(objects: bytes) -> bytes:
    """An object stream, as most PDFs keep their objects."""
    return b"2 0 obj <</Type /ObjStm /Filter /FlateDecode>> stream\n" + zlib.compress(objects) + b"endstream endobj\n"


def a_photograph(media: str = "JPEG", **options) -> bytes:
    drawn = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(drawn, media, **options)
    return drawn.getvalue()


def an_upload(content: bytes = PDF) -> CheckedUpload:
    return CheckedUpload(name="attestation.pdf", media_type="application/pdf", content=content)


def test_a_photograph_loses_its_position_and_what_hides_behind_it():
    exif = Image.Exif()
    exif[0x010E] = "47.35, -0.45"

    checked = uploads.check("photo.JPG", a_photograph(exif=exif) + b"<?php echo 1; ?>")

    assert checked.media_type == "image/jpeg"
    assert b"<?php" not in checked.content and b"47.35" not in checked.content


@pytest.mark.parametrize(
    ("name", "content", "refusal"),
    [
        ("vide.pdf", b"", UploadEmpty),
        ("gros.pdf", PDF + b"0" * 20_000_000, UploadTooLarge),
        ("page.html", b"<html>", UploadKindRefused),
        ("dessin.svg", b"<svg onload='x'/>", UploadKindRefused),
        ("page.pdf", b"<html>", UploadDisguised),
        ("photo.png", a_photograph(), UploadDisguised),
        ("photo.jpg", a_photograph()[:80], UploadUnreadable),
        ("coupe.pdf", PDF[:20], UploadUnreadable),
        ("actif.pdf", PDF.replace(b"<<>>", b"<</JavaScript (x)>>"), UploadKindRefused),
        ("cache.pdf", PDF.replace(b"<<>>", b"<</J#61vaScript (x)>>"), UploadKindRefused),
        ("comprime.pdf", a_pdf(compressed(b"1 0 <</S /JavaScript>>")), UploadKindRefused),
        ("sans-page.pdf", PDF.replace(b"/Page", b"/Sage"), UploadUnreadable),
        ("ailleurs.pdf", PDF.replace(b"startxref\n", b"startxref\n9"), UploadUnreadable),
        ("bombe.pdf", a_pdf(compressed(bytes(60_000_000))), UploadTooLarge),
    ],
)
def test_a_file_that_is_not_what_it_says_is_refused(name, content, refusal):
    with pytest.raises(refusal):
        uploads.check(name, content)


def test_a_photograph_that_never_begins_is_given_up_soon():
    marks = b"\xff\xd8\xff" * 3_000_000
    honest = a_photograph()

    begun = time.process_time()
    with pytest.raises(UploadUnreadable):
        uploads.check("photo.jpg", marks)
    spent = time.process_time() - begun

    begun = time.process_time()
    uploads.check("photo.jpg", honest)
    assert spent < 20 * max(time.process_time() - begun, 0.001)


def test_names_lose_folders_and_control_characters():
    assert uploads.safe_name("C:\\temp\\..\\a\u202egnp.pdf\r\n") == "agnp.pdf"


async def test_a_received_file_is_read_back_whole(database, now, tmp_path):
    files, draft = FileStore(tmp_path), await a_draft(now)

    kept = await attachments.store(an_upload(), files=files, draft_id=draft.id, field="insurance", now=now)

    assert await attachments.read(await attachments.get(kept.id), files) == PDF
    assert await attachments.resolve([kept.id], draft_id=(await a_draft(now, procedure="x")).id) == {}


async def test_an_altered_file_is_not_served(database, now, tmp_path):
    files, draft = FileStore(tmp_path), await a_draft(now)
    kept = await attachments.store(an_upload(), files=files, draft_id=draft.id, now=now)

    (tmp_path / kept.file_key[:2] / kept.file_key).write_bytes(b"other")

    with pytest.raises(AttachmentNotFound):
        await attachments.read(kept, files)


async def test_filing_takes_the_files_the_answers_name_and_the_others_are_purged(database, now, tmp_path):
    files, draft, case = FileStore(tmp_path), await a_draft(now), await a_case(now)
    named = await attachments.store(an_upload(), files=files, draft_id=draft.id, now=now)
    left = await attachments.store(an_upload(), files=files, draft_id=draft.id, now=now)

    await attachments.attach(draft.id, case, {"papers": [str(named.id)]})
    await run("UPDATE desk_draft SET case_id = $2 WHERE id = $1", draft.id, case)
    purged = await attachments.purge_orphans(files, now + timedelta(days=3))

    assert purged == 1
    assert [each.id for each in await attachments.of_case(case)] == [named.id]
    with pytest.raises(AttachmentNotFound):
        await attachments.get(left.id)


async def test_a_draft_holds_thirty_files_and_the_thirty_first_leaves_no_byte(database, now, tmp_path):
    files, draft = FileStore(tmp_path), await a_draft(now)
    for _ in range(attachments.MOST):
        await attachments.store(an_upload(), files=files, draft_id=draft.id, now=now)

    with pytest.raises(TooManyAttachments):
        await attachments.store(an_upload(), files=files, draft_id=draft.id, now=now)

    assert sum(1 for path in tmp_path.rglob("*") if path.is_file()) == attachments.MOST


async def test_a_document_is_issued_once_per_key_and_purged_with_its_case(database, now, tmp_path):
    files, case = FileStore(tmp_path), await a_case(now)

    first = await documents.issue(case, PDF, title="Accord", name="accord.pdf", files=files, now=now, key="job-1")
    again = await documents.issue(
        case, b"%PDF-other", title="Accord", name="accord.pdf", files=files, now=now, key="job-1"
    )

    assert first == again
    assert await documents.read(first, files) == PDF
    await run("DELETE FROM engine_case WHERE id = $1", case)
    assert await attachments.purge_orphans(files, now) == 1


async def test_documents_for_agents_are_not_the_applicant_s(database, now, tmp_path):
    files, case = FileStore(tmp_path), await a_case(now)
    await documents.issue(case, PDF, title="Note", name="n.pdf", files=files, now=now, key="k", public=False)

    assert await documents.of_case(case, public_only=True) == ()
    assert len(await documents.of_case(case)) == 1
