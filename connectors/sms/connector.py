"""SMS: one short message to a mobile telephone. What it costs is known before it leaves; nobody gets more in a day than
the connection allows."""

import hashlib
import hmac
import re
from datetime import datetime

from phonenumbers import NumberParseException, PhoneNumberFormat, format_number, is_valid_number, parse

from connectors.calling import address_of, judge, repeat_of
from connectors.inputs import context_of, language_of, text_of
from connectors.letters import LetterSource, write
from connectors.sms.lengths import Length, length_of, plain
from connectors.sms.spending import had_lately
from connectors.sms.suppliers import ADDRESSES, SUPPLIERS, Message, Request
from connectors.store import run
from connectors.trying import knock
from desk import errands
from engine.connector import BusinessError, Checked, Connection, Job, JobOutcome, Preview, Tools
from engine.feel.sentences import Sentence

SENT = "A text message was sent (segments paid: {segments})."
SKIPPED = "No text message was sent, because there is no mobile telephone number."
TOO_LONG = "The text message takes {0} segments, and at most {1} are sent. Shorten it."
MOST_SEGMENTS = 6


class SmsConnector:
    """Job type `parvis:sms`. `secret` keys the hash under which a number is counted."""

    def __init__(
        self, tools: Tools, letters: LetterSource, *, secret: bytes, timezone: str = "Europe/Paris", region: str = "FR"
    ) -> None:
        self.tools, self.letters, self.secret, self.timezone, self.region = tools, letters, secret, timezone, region

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Send. Business errors `SMS_NUMBER` (no telephone number), `SMS_TOO_LONG`, `SMS_CAP` (enough for today),
        `SMS_REFUSED` (the supplier refuses the number)."""
        if not text_of(job, "to", ""):
            return JobOutcome(variables={"sent": False}, facts=((SKIPPED, {}),))
        connection = await self.tools.connection(job)
        message = await self._message(job, connection)
        length = length_of(message.text)
        cost = _cost(length, connection)
        if not await errands.is_done(str(job.id)):
            await self._check(message, length, connection, now)
            await self._send(message, connection, job)
            await self._count(job, message, length, connection, now)
            await errands.mark_done(str(job.id), now)
        told = {"sent": True, "segments": length.segments, "cents": cost / 1000}
        return JobOutcome(variables={"sms": told}, facts=((SENT, {"segments": length.segments}),))

    async def test(self, connection: Connection, now: datetime) -> Checked:
        """Ask the gateway who we are; nothing is sent to anybody."""
        message = Message(to="", text="", sender=connection.text("sender"), key="test")
        request = self._request(message, connection)
        return await knock(self.tools, connection, request.path, request.headers)

    async def preview(self, job: Job, now: datetime) -> Preview:
        """The text, its length and its cost, and how many this person has had of those the town allows."""
        connection = await self.tools.connection(job)
        message = await self._message(job, connection)
        length = length_of(message.text)
        lines = (("À", message.to), ("De", message.sender), ("Texte", message.text))
        cost = f"{_cost(length, connection) / 1000:.2f} c€".replace(".", ",")
        size = f"{length.units} caractères ({length.alphabet}), {length.segments} segment(s)"
        had = f"{await had_lately(self._person(message.to), now)} sur {_cap(connection)}"
        return Preview(lines=(*lines, ("Longueur", size), ("Coût", cost), ("Reçus par cette personne en 24 h", had)))

    async def _message(self, job: Job, connection: Connection) -> Message:
        text = text_of(job, "text", "")
        if not text:
            source = await self.letters(job.definition_hash, text_of(job, "letter"), language_of(job))
            text = write(source, await context_of(job), language_of(job), self.timezone).text.strip()
        if connection.values.get("plain") not in (False, "false"):
            text = plain(text)
        to = number_of(text_of(job, "to"), self.region)
        return Message(to=to, text=text, sender=connection.text("sender"), key=str(job.id))

    async def _check(self, message: Message, length: Length, connection: Connection, now: datetime) -> None:
        if length.segments > MOST_SEGMENTS:
            raise BusinessError("SMS_TOO_LONG", Sentence(TOO_LONG, (length.segments, MOST_SEGMENTS)))
        if await had_lately(self._person(message.to), now) >= _cap(connection):
            raise BusinessError("SMS_CAP", "This person has received as many text messages today as the town allows.")

    async def _send(self, message: Message, connection: Connection, job: Job) -> None:
        request = self._request(message, connection)
        headers = {**request.headers, **repeat_of(job)}
        reply = await self.tools.request(connection, "POST", request.path, headers=headers, body=request.body)
        try:
            judge(reply, job)
        except BusinessError as refusal:
            raise BusinessError("SMS_REFUSED", "The supplier refuses this message or this number.") from refusal

    def _request(self, message: Message, connection: Connection) -> Request:
        supplier = connection.text("supplier", "generic")
        request = SUPPLIERS.get(supplier, SUPPLIERS["generic"])(message, connection)
        base = connection.text("url") or ADDRESSES.get(supplier, "")
        whole = Connection(slug=connection.slug, values={**connection.values, "url": base})
        return Request(path=address_of(whole, request.path), headers=request.headers, body=request.body)

    async def _count(self, job: Job, message: Message, length: Length, connection: Connection, now: datetime) -> None:
        await run(
            "INSERT INTO connectors_sms (job_id, connection, person, segments, millicents, sent_at) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING",
            *(job.id, connection.slug, self._person(message.to), length.segments, _cost(length, connection), now),
        )

    def _person(self, number: str) -> str:
        return hmac.new(self.secret, f"sms:{number}".encode(), hashlib.sha256).hexdigest()[:32]


def number_of(written: str, region: str = "FR") -> str:
    """The number in international form. Raises `BusinessError` `SMS_NUMBER`."""
    try:
        found = parse(re.sub(r"[^\d+]", "", written), region)
    except NumberParseException as error:
        raise BusinessError("SMS_NUMBER", "This is not a telephone number.") from error
    if not is_valid_number(found):
        raise BusinessError("SMS_NUMBER", "This is not a telephone number.")
    return format_number(found, PhoneNumberFormat.E164)


def _cap(connection: Connection) -> int:
    """How many messages one person may have in 24 hours."""
    return int(connection.values.get("cap") or 5)


def _cost(length: Length, connection: Connection) -> int:
    """Thousandths of a cent."""
    return round(float(connection.values.get("cost") or 0) * 1000) * length.segments
