"""Document: a letter of the bundle, numbered, laid out as PDF and added to the case. One document, and one number, per
job."""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from accounts import departments
from accounts.errors import DepartmentUnknown
from connectors.document.content import Town, values_of
from connectors.document.press import layout_text, print_pdf
from connectors.errors import InputMissing
from connectors.inputs import context_of, flag_of, language_of, text_of
from connectors.letters import LetterSource, write
from desk import documents, registers, seals
from desk.documents import Sealing
from desk.errors import KindRefused
from desk.files import FileStore
from engine.connector import Job, JobOutcome, Preview

__all__ = ["DocumentConnector", "Town"]

ISSUED = "A document was issued: {title}"
NUMBERED = "A document was issued: {title} ({number})"
KINDS = {"letter": "courrier", "slip": "bordereau", "order": "arrete"}
"""The register of a layout, where the element names none."""


async def department_name(slug: str, language: str) -> str:
    """What people call a department; its slug when it is not known."""
    try:
        return (await departments.get(slug)).name(language)
    except DepartmentUnknown:
        return slug


class DocumentConnector:
    """Job type `parvis:document`; input `layout` is letter, slip or order."""

    def __init__(
        self,
        letters: LetterSource,
        files: FileStore,
        town: Town,
        *,
        secret: bytes,
        public_url: str = "",
        timezone: str = "Europe/Paris",
        name_of: Callable[[str, str], Awaitable[str]] = department_name,
    ) -> None:
        self.letters, self.files, self.town, self.timezone, self.name_of = letters, files, town, timezone, name_of
        self.secret, self.public_url = secret, public_url.rstrip("/")

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Lay out and store. A repeated job finds the document it has already issued."""
        document = await documents.of_key(str(job.id)) or await self._issue(job, now)
        told = {"id": str(document.id), "title": document.title, "name": document.name, "sha256": document.sha256}
        if document.number is None:
            return JobOutcome(variables={"document": told}, facts=((ISSUED, {"title": document.title}),))
        fact = (NUMBERED, {"title": document.title, "number": document.number})
        return JobOutcome(variables={"document": {**told, "number": document.number}}, facts=(fact,))

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The text that would be laid out; no document is made."""
        layout_text(text_of(job, "layout"))
        source = await self.letters(job.definition_hash, text_of(job, "letter"), language_of(job))
        letter = write(source, await context_of(job), language_of(job), self.timezone)
        name = file_name(text_of(job, "title"), str(job.case.get("reference") or ""))
        return Preview(lines=(("Fichier", name), ("Titre", text_of(job, "title")), ("Texte", letter.text)))

    async def _issue(self, job: Job, now: datetime) -> documents.Document:
        name = text_of(job, "layout")
        layout = layout_text(name)
        language, title = language_of(job), text_of(job, "title")
        context = await context_of(job)
        source = await self.letters(job.definition_hash, text_of(job, "letter"), language)
        letter = write(source, context, language, self.timezone)
        applicant = job.case.get("applicant") or {}
        values = values_of(
            letter,
            town=self.town,
            title=title,
            case=job.case,
            department=await self.name_of(str(job.case.get("department") or ""), language),
            recipient=text_of(job, "recipient", str(applicant.get("name") or "")),
            now=now,
            timezone=self.timezone,
        )
        mark = await self._mark(job, name, values, now)
        return await documents.issue(
            job.case_id,
            await print_pdf(layout, values | {"seal": self._shown(mark)}, now),
            title=title,
            name=file_name(title, str(job.case.get("reference") or "")),
            files=self.files,
            now=now,
            key=str(job.id),
            public=flag_of(job, "public", default=True),
            sealing=Sealing(mark=mark, secret=self.secret),
        )

    async def _mark(self, job: Job, name: str, values: dict[str, Any], now: datetime) -> seals.Mark:
        """The number is taken once its text is sure: a letter that cannot be written uses none up."""
        try:
            kind = text_of(job, "register", KINDS.get(name, "document"))
            number = await registers.take(kind, str(job.id), job.case_id, now, timezone=self.timezone)
        except KindRefused as error:
            raise InputMissing(str(error)) from error
        content = {"layout": name, "number": number.written, **values}
        return seals.mark_of(number.written, str(job.id), content, self.secret)

    def _shown(self, mark: seals.Mark) -> dict[str, str]:
        address = f"{self.public_url}/verifier".removeprefix("https://")
        return {
            "number": mark.number,
            "code": seals.said_code(mark.code),
            "sha256": mark.content_sha256,
            "address": address,
        }


def file_name(title: str, reference: str) -> str:
    """`accord-de-reservation-2026-000123.pdf`: letters and figures any computer takes."""
    plain = unicodedata.normalize("NFKD", f"{title} {reference}").encode("ascii", "ignore").decode().lower()
    return (re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80] or "document") + ".pdf"
