"""Document: a letter of the bundle, laid out as PDF and added to the case. One document per job."""

import re
import unicodedata
from collections.abc import Awaitable, Callable
from datetime import datetime

from accounts import departments
from accounts.errors import DepartmentUnknown
from connectors.document.content import Town, values_of
from connectors.document.press import layout_text, print_pdf
from connectors.inputs import context_of, flag_of, language_of, text_of
from connectors.letters import LetterSource, write
from desk import documents
from desk.files import FileStore
from engine.connector import Job, JobOutcome, Preview

__all__ = ["DocumentConnector", "Town"]

ISSUED = "A document was issued: {title}"


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
        timezone: str = "Europe/Paris",
        name_of: Callable[[str, str], Awaitable[str]] = department_name,
    ) -> None:
        self.letters, self.files, self.town, self.timezone, self.name_of = letters, files, town, timezone, name_of

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Lay out and store. A repeated job finds the document it has already issued."""
        document = await documents.of_key(str(job.id)) or await self._issue(job, now)
        told = {"id": str(document.id), "title": document.title, "name": document.name}
        return JobOutcome(variables={"document": told}, facts=((ISSUED, {"title": document.title}),))

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The text that would be laid out; no document is made."""
        layout_text(text_of(job, "layout"))
        source = await self.letters(job.definition_hash, text_of(job, "letter"), language_of(job))
        letter = write(source, await context_of(job), language_of(job), self.timezone)
        name = file_name(text_of(job, "title"), str(job.case.get("reference") or ""))
        return Preview(lines=(("Fichier", name), ("Titre", text_of(job, "title")), ("Texte", letter.text)))

    async def _issue(self, job: Job, now: datetime) -> documents.Document:
        layout = layout_text(text_of(job, "layout"))
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
        return await documents.issue(
            job.case_id,
            await print_pdf(layout, values, now),
            title=title,
            name=file_name(title, str(job.case.get("reference") or "")),
            files=self.files,
            now=now,
            key=str(job.id),
            public=flag_of(job, "public", default=True),
        )


def file_name(title: str, reference: str) -> str:
    """`accord-de-reservation-2026-000123.pdf`: letters and figures any computer takes."""
    plain = unicodedata.normalize("NFKD", f"{title} {reference}").encode("ascii", "ignore").decode().lower()
    return (re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80] or "document") + ".pdf"
