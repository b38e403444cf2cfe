"""Survey: one invitation per job, by mail, at once or after a delay, and one reminder. What leaves later is planned in
the database (`desk.mailings`): the case goes on, and may end, meanwhile."""

from datetime import datetime, timedelta

from connectors.errors import InputMissing
from connectors.inputs import context_of, flag_of, language_of, text_of
from connectors.letters import LetterSource, write
from connectors.mail.connector import send_once
from connectors.mail.notices import notice_text
from connectors.mail.offices import Office
from desk import errands, mailings, surveys
from desk.mailings import INVITED, REMINDED, SPARED, Limits, Mailing, Words
from desk.surveys import Question
from desk.tokens import digest
from engine.bpmn.events.calendar import read_span
from engine.connector import Job, JobOutcome, Preview
from engine.feel.sentences import Sentence

SKIPPED = "The applicant was not invited to the survey, because there is no e-mail address."
PLANNED = "The applicant will be invited to say how it went, on {day}."
NO_DURATION = "Expected a duration such as P7D or PT1H for “{0}”, but got “{1}”."
TOO_LONG = "Expected a duration of at most 400 days for “{0}”, but got “{1}”."
FARTHEST = timedelta(days=400)


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
        """Invite, or plan it. Without an address nobody is invited and the journal says so."""
        to = text_of(job, "to", "")
        if not to:
            return JobOutcome(variables={"invited": False}, facts=((SKIPPED, {}),))
        if flag_of(job, "reminder"):
            return await self._remind(job, to, now)
        mailing = await self._mailing(job, to, now)
        if due_at := after(job, "delay", now):
            return await _planned(job, mailing, due_at, now)
        if not await errands.is_done(str(job.id)) and not await mailings.invite(job.case_id, mailing, now):
            return JobOutcome(variables={"invited": False}, facts=((SPARED, {}),))
        await self._send(job, surveys.token_of(self.secret, str(job.id)), to, now)
        await mailings.plan_reminder(job.case_id, mailing, now)
        return JobOutcome(variables={"invited": True}, facts=((INVITED, {}),))

    async def _mailing(self, job: Job, to: str, now: datetime) -> Mailing:
        token, language = surveys.token_of(self.secret, str(job.id)), language_of(job)
        measure, scale, asked = _measured(job)
        reminds = after(job, "reminder", now) is not None
        return Mailing(
            key=str(job.id),
            to=to,
            connection=text_of(job, "connection", ""),
            invitation=Question(
                token=digest(token),
                language=language,
                scale=scale,
                question=asked,
                measure=measure,
                element_id=job.element_id,
            ),
            words=await self._words(job, "letter", "survey", token),
            reminder=await self._words(job, "reminder_letter", "survey_reminder", token) if reminds else None,
            remind_after=text_of(job, "reminder", "") if reminds else "",
            limits=Limits(rest_days=min(_count(job, "rest"), 3_650), most=_count(job, "most")),
        )

    async def _remind(self, job: Job, to: str, now: datetime) -> JobOutcome:
        """The reminder of a diagram with a timer of its own (`=true`)."""
        token = await surveys.awaited(job.case_id, secret=self.secret, now=now)
        if token is None and not await errands.is_done(str(job.id)):
            return JobOutcome(variables={"invited": False})
        await self._send(job, token or "", to, now)
        return JobOutcome(variables={"invited": True}, facts=((REMINDED, {}),))

    async def _send(self, job: Job, token: str, to: str, now: datetime) -> None:
        if await errands.is_done(str(job.id)):
            return
        letter = write(
            await self._source(job, "letter", "survey"),
            await self._values(job, token),
            language_of(job),
            self.timezone,
        )
        await send_once(self.post, letter, to, job=job, now=now)

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The invitation that would leave, and when."""
        words = await self._words(job, "letter", "survey", "…")
        lines = [("À", text_of(job, "to", "–"))]
        for label, name in (("Après", "delay"), ("Rappel après", "reminder")):
            if after(job, name, now):
                lines.append((label, text_of(job, name)))
        return Preview(lines=(*lines, ("Objet", words.subject), ("Texte", "\n\n".join(words.paragraphs))))

    async def _words(self, job: Job, letter: str, notice: str, token: str) -> Words:
        source, values = await self._source(job, letter, notice), await self._values(job, token)
        written = write(source, values, language_of(job), self.timezone)
        return Words(subject=written.subject, paragraphs=written.paragraphs)

    async def _values(self, job: Job, token: str) -> dict[str, object]:
        return {**await context_of(job), "survey": {"url": f"{self.public_url}/enquete/{token}"}, "town": self.town}

    async def _source(self, job: Job, letter: str, notice: str) -> str:
        """The letter of the procedure that this input names, else the ordinary one."""
        name = text_of(job, letter, "")
        if not name:
            return notice_text(notice, language_of(job))
        return await self.letters(job.definition_hash, name, language_of(job))


def after(job: Job, name: str, now: datetime) -> datetime | None:
    """When the duration of this input is over; None without one, or of no length. Raises `InputMissing`."""
    given = text_of(job, name, "")
    if not given or flag_of(job, name) or given in ("False", "false"):
        return None
    try:
        moment = read_span(given).after(now)
    except (ValueError, OverflowError) as error:
        raise InputMissing(Sentence(NO_DURATION, (name, given[:40]))) from error
    if moment > now + FARTHEST:
        raise InputMissing(Sentence(TOO_LONG, (name, given[:40])))
    return moment if moment > now else None


async def _planned(job: Job, mailing: Mailing, due_at: datetime, now: datetime) -> JobOutcome:
    await mailings.plan("invitation", job.case_id, mailing, due_at, now)
    return JobOutcome(
        variables={"invited": False, "planned": True}, facts=((PLANNED, {"day": due_at.date().isoformat()}),)
    )


def _count(job: Job, name: str) -> int:
    """A number written in an input; 0 when there is none."""
    written = text_of(job, name, "0")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 6 else 0


def _measured(job: Job) -> tuple[str, surveys.Scale, dict[str, str]]:
    """What is measured, the scale and the question: what the element writes, else those of what it measures."""
    named, question = text_of(job, "measure", ""), text_of(job, "question", "")
    measure = named if named in surveys.MEASURES else "other" if question else "satisfaction"
    scale, asked = surveys.MEASURES.get(measure, surveys.MEASURES["satisfaction"])
    if not named:
        scale = "0-10" if text_of(job, "scale", "1-5") == "0-10" else "1-5"
    return measure, scale, {"fr": question, "en": question} if question else asked
