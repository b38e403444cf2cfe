"""Mail: a letter of the bundle to the applicant or another address. Sent once per job, as far as SMTP allows."""

from datetime import datetime, timedelta

from connectors.errors import ConnectorError, MailServerRefused
from connectors.inputs import context_of, flag_of, language_of, text_of
from connectors.letters import Letter, LetterSource, write
from connectors.mail.offices import Office
from connectors.mail.post import AddressRefused, Enclosure, NotNow
from connectors.trying import ANSWERS_MAIL
from desk import bookings, documents, errands, exchanges, resources
from desk.calendars import season_file
from desk.files import FileStore
from desk.seasons import Season, seasons_of
from engine.connector import BusinessError, Checked, Connection, Job, JobOutcome, Preview, TryLater

SENT = "A message was sent: {subject}"
SKIPPED = "No message was sent, because there is no e-mail address: {subject}"
MOST_POSTPONED = 30
PAUSE = timedelta(minutes=5)


class MailConnector:
    """Job type `parvis:mail`."""

    def __init__(self, post: Office, letters: LetterSource, files: FileStore, timezone: str = "Europe/Paris") -> None:
        self.post, self.letters, self.files, self.timezone = post, letters, files, timezone

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Write. An empty `to` sends nothing and says so in the journal; a refused address is the business error
        `MAIL_REFUSED`."""
        language = language_of(job)
        source = await self.letters(job.definition_hash, text_of(job, "letter"), language)
        letter = write(source, await context_of(job), language, self.timezone)
        to = text_of(job, "to", "")
        if not to:
            return JobOutcome(variables={"sent": False}, facts=((SKIPPED, {"subject": letter.subject}),))
        if not await errands.is_done(str(job.id)):
            enclosures = await self._enclosures(job, now)
            await send_once(self.post, letter, to, job=job, now=now, enclosures=enclosures)
        await self._keep(letter, to, job, now)
        return JobOutcome(variables={"sent": True}, facts=((SENT, {"subject": letter.subject}),))

    async def test(self, connection: Connection, now: datetime) -> Checked:
        """Sign in and name the sender; no message leaves."""
        try:
            await self.post.at(connection).check()
        except ConnectorError as error:
            return Checked(well=False, said=str(error))
        return Checked(well=True, said=ANSWERS_MAIL)

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The message that would leave."""
        source = await self.letters(job.definition_hash, text_of(job, "letter"), language_of(job))
        letter = write(source, await context_of(job), language_of(job), self.timezone)
        return Preview(lines=(("À", text_of(job, "to", "–")), ("Objet", letter.subject), ("Texte", letter.text)))

    async def _keep(self, letter: Letter, to: str, job: Job, now: datetime) -> None:
        """A mail gets lost: what was written to the applicant stays on the follow-up page."""
        applicant = job.case.get("applicant")
        if isinstance(applicant, dict) and applicant.get("email") == to:
            words = f"{letter.subject}\n\n{letter.text}".strip()
            await exchanges.keep_letter(job.case_id, words, author=self.post.town, key=f"letter:{job.id}", now=now)

    async def _enclosures(self, job: Job, now: datetime) -> tuple[Enclosure, ...]:
        enclosed: list[Enclosure] = []
        if flag_of(job, "calendar"):
            enclosed += await self._calendars(job, now)
        if flag_of(job, "documents"):
            for each in await documents.of_case(job.case_id, public_only=True):
                content = await documents.read(each, self.files)
                enclosed.append(Enclosure(name=each.name, media_type=each.media_type, content=content))
        return tuple(enclosed)

    async def _calendars(self, job: Job, now: datetime) -> list[Enclosure]:
        """A file for each booking, and one for each season."""
        kept = await bookings.of_case(job.case_id)
        made = [await self._calendar(each, job, now) for each in kept if each.season_id is None]
        repeated = await seasons_of({each.season_id for each in kept if each.season_id})
        return made + [await self._calendar(each, job, now) for each in repeated]

    async def _calendar(self, kept: bookings.Booking | Season, job: Job, now: datetime) -> Enclosure:
        slug = kept.resource if isinstance(kept, Season) else kept.slot.resource
        resource = await resources.resource(slug)
        name = resource.name.get(language_of(job)) or resource.name.get("fr", slug)
        said = {"name": name, "place": resource.place or name, "url": str(job.case.get("followUrl") or "")}
        if isinstance(kept, Season):
            content = season_file(kept, now=now, timezone=self.timezone, **said)
        else:
            content = bookings.calendar_file(kept, now=now, **said)
        return Enclosure(name="reservation.ics", media_type="text/calendar", content=content)


async def send_once(
    office: Office, letter: Letter, to: str, *, job: Job, now: datetime, enclosures: tuple[Enclosure, ...] = ()
) -> None:
    """Send and remember it; what the post says becomes what the runner understands."""
    post = await office.of(job)
    returns = office.returns_to(post, job.case_id)
    try:
        await post.send(letter, to, key=str(job.id), now=now, enclosures=enclosures, returns=returns)
    except AddressRefused as refusal:
        raise BusinessError("MAIL_REFUSED", "The e-mail address does not exist or refuses our mail.") from refusal
    except NotNow as refusal:
        if job.attempt >= MOST_POSTPONED:
            raise MailServerRefused() from refusal
        raise TryLater(PAUSE, "The mail server asks to come back later.") from refusal
    await errands.mark_done(str(job.id), now)
