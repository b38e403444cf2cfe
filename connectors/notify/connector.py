"""Notify: a mail to the department's own address, with a link to the case. For what cannot wait for the inbox to be
read."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import msgspec

from connectors.inputs import context_of, text_of
from connectors.letters import LetterSource, write
from connectors.mail.connector import send_once
from connectors.mail.notices import notice_text
from connectors.mail.offices import Office
from desk import errands
from engine.connector import BusinessError, Job, JobOutcome, Preview
from engine.feel.sentences import Sentence

UNREACHABLE = "The department “{0}” has no e-mail address: add one, then try again."
NOTIFIED = "The department was notified by e-mail: {department}"


class NotifyConnector:
    """Job type `parvis:notify`. `contact_of` gives a department's e-mail address; `public_url` begins the link to
    the case."""

    def __init__(
        self,
        post: Office,
        letters: LetterSource,
        contact_of: Callable[[str], Awaitable[str | None]],
        *,
        public_url: str,
        timezone: str = "Europe/Paris",
    ) -> None:
        self.post, self.letters, self.contact_of, self.timezone = post, letters, contact_of, timezone
        self.public_url = public_url.rstrip("/")

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Write to the department, and raise the priority when one is given. Business error `CONTACT_MISSING`:
        nobody can be told."""
        department = text_of(job, "department", str(job.case.get("department") or ""))
        to = await self.contact_of(department)
        if not to:
            raise BusinessError("CONTACT_MISSING", Sentence(UNREACHABLE, (department,)))
        if not await errands.is_done(str(job.id)):
            letter = write(await self._source(job), await context_of(job), "fr", self.timezone)
            link = f"Ouvrir le dossier : {self.public_url}/agent/dossiers/{job.case_id}"
            letter = msgspec.structs.replace(letter, paragraphs=(*letter.paragraphs, link))
            await send_once(self.post, letter, to, job=job, now=now)
        return JobOutcome(
            variables={"notified": True}, case=_priority(job), facts=((NOTIFIED, {"department": department}),)
        )

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The message that would leave."""
        to = await self.contact_of(text_of(job, "department", ""))
        letter = write(await self._source(job), await context_of(job), "fr", self.timezone)
        return Preview(lines=(("À", to or "–"), ("Objet", letter.subject), ("Texte", letter.text)))

    async def _source(self, job: Job) -> str:
        name = text_of(job, "letter", "")
        return await self.letters(job.definition_hash, name, "fr") if name else notice_text("department", "fr")


def _priority(job: Job) -> dict[str, Any]:
    given = text_of(job, "priority", "")
    return {"priority": min(max(int(float(given)), 0), 100)} if given else {}
