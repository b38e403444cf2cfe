"""Survey: one invitation per job, by mail. Where the element stands in the diagram decides when it leaves."""

from datetime import datetime, timedelta

from connectors.inputs import context_of, flag_of, language_of, text_of
from connectors.letters import LetterSource, write
from connectors.mail.connector import send_once
from connectors.mail.notices import notice_text
from connectors.mail.offices import Office
from desk import errands, surveys
from engine.connector import Job, JobOutcome, Preview

INVITED = "The applicant was invited to say how it went."
REMINDED = "The applicant was reminded once of the survey."
SPARED = "The applicant was not invited to the survey, because another one was sent lately."
SKIPPED = "The applicant was not invited to the survey, because there is no e-mail address."


class SurveyConnector:
    """Job type `parvis:survey`. `secret` derives the tokens; `public_url` is where /enquete/<token> answers."""

    def __init__(
        self,
        post: Office,
        letters: LetterSource,
        *,
        secret: bytes,
        public_url: str,
        town: str,
        timezone: str = "Europe/Paris",
    ) -> None:
        self.post, self.letters, self.secret, self.timezone = post, letters, secret, timezone
        self.public_url, self.town = public_url.rstrip("/"), town

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Invite. Without an address nobody is invited and the journal says so."""
        to = text_of(job, "to", "")
        if not to:
            return JobOutcome(variables={"invited": False}, facts=((SKIPPED, {}),))
        if flag_of(job, "reminder"):
            return await self._remind(job, to, now)
        if await self._asked_enough(job, now):
            return JobOutcome(variables={"invited": False}, facts=((SPARED, {}),))
        measure, scale, asked = _measured(job)
        _, token = await surveys.invite(
            job.case_id,
            secret=self.secret,
            key=str(job.id),
            now=now,
            scale=scale,
            question=asked,
            measure=measure,
            element_id=job.element_id,
        )
        await self._send(job, token, to, now)
        return JobOutcome(variables={"invited": True}, facts=((INVITED, {}),))

    async def _remind(self, job: Job, to: str, now: datetime) -> JobOutcome:
        token = await surveys.awaited(job.case_id, secret=self.secret, now=now)
        if token is None and not await errands.is_done(str(job.id)):
            return JobOutcome(variables={"invited": False})
        await self._send(job, token or "", to, now)
        return JobOutcome(variables={"invited": True}, facts=((REMINDED, {}),))

    async def _send(self, job: Job, token: str, to: str, now: datetime) -> None:
        if await errands.is_done(str(job.id)):
            return
        survey = {"survey": {"url": f"{self.public_url}/enquete/{token}"}, "town": self.town}
        letter = write(await self._source(job), {**await context_of(job), **survey}, language_of(job), self.timezone)
        await send_once(self.post, letter, to, job=job, now=now)

    async def _asked_enough(self, job: Job, now: datetime) -> bool:
        days = text_of(job, "rest", "0")
        rest = timedelta(days=min(int(days), 3_650) if days.isascii() and days.isdigit() and len(days) < 6 else 0)
        done = await errands.is_done(str(job.id))
        return bool(rest) and not done and await surveys.invited_lately(job.case_id, now, rest)

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The invitation that would leave."""
        link = {"survey": {"url": f"{self.public_url}/enquete/…"}, "town": self.town}
        values = {**await context_of(job), **link}
        letter = write(await self._source(job), values, language_of(job), self.timezone)
        return Preview(lines=(("À", text_of(job, "to", "–")), ("Objet", letter.subject), ("Texte", letter.text)))

    async def _source(self, job: Job) -> str:
        name = text_of(job, "letter", "")
        if not name:
            return notice_text("survey", language_of(job))
        return await self.letters(job.definition_hash, name, language_of(job))


def _measured(job: Job) -> tuple[str, surveys.Scale, dict[str, str]]:
    """What is measured, the scale and the question: what the element writes, else those of what it measures."""
    named, question = text_of(job, "measure", ""), text_of(job, "question", "")
    measure = named if named in surveys.MEASURES else "other" if question else "satisfaction"
    scale, asked = surveys.MEASURES.get(measure, surveys.MEASURES["satisfaction"])
    if not named:
        scale = "0-10" if text_of(job, "scale", "1-5") == "0-10" else "1-5"
    return measure, scale, {"fr": question, "en": question} if question else asked
