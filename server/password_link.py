"""Password links: writes to somebody who has forgotten their password. Whether they may ask is `accounts`' business.

Sends after the page has answered, so that the time of the answer does not tell whether anybody has the address.
"""

import asyncio
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import structlog

from accounts.people import Profile
from server.settings import Settings

LETTERS = Path(__file__).parent / "letters"
TIMEOUT_SECONDS = 20.0
_log = structlog.get_logger()


class PasswordLinks:
    """`send` returns at once and goes on behind; a message that cannot leave is logged, and the person asks again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sending: set[asyncio.Task[None]] = set()

    async def send(self, person: Profile, link: str) -> None:
        """Write to `person`, in their language, with the link that is good for an hour."""
        task = asyncio.create_task(self._deliver(person, link))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _deliver(self, person: Profile, link: str) -> None:
        smtp = self._settings.smtp
        try:
            await aiosmtplib.send(
                self.write(person, link),
                hostname=smtp.host,
                port=smtp.port,
                username=smtp.user or None,
                password=smtp.password or None,
                use_tls=smtp.tls == "tls",
                start_tls=smtp.tls == "starttls",
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            _log.warning("password_link_not_sent", person_id=str(person.id), error=type(error).__name__)

    def write(self, person: Profile, link: str) -> EmailMessage:
        """Return the message."""
        language = "en" if person.locale == "en" else "fr"
        text = (LETTERS / f"password-link.{language}.txt").read_text("utf-8")
        for name, value in {"name": person.name, "town": self._settings.town.name, "link": link}.items():
            text = text.replace("{{ " + name + " }}", value)
        subject, _, body = text.partition("\n\n")
        message = EmailMessage()
        message["From"] = self._settings.smtp.sender
        message["To"] = person.email
        message["Subject"] = subject.partition(": ")[2].strip()
        message.set_content(body)
        return message
