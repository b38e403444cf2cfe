"""Mailed links: writes to somebody who has forgotten their password. Whether they may ask is `accounts`' business.

Sends after the page has answered, so that the time of the answer does not tell whether anybody has the address.
"""

import asyncio
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import structlog

from accounts.people import Profile
from server.settings import Settings

LETTERS = Path(__file__).parent / "letters"
TIMEOUT_SECONDS = 20.0
_log = structlog.get_logger()


class MailedLinks:
    """Each `send_…` returns at once and goes on behind; a message that cannot leave is logged, and the person asks
    again.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._sending: set[asyncio.Task[None]] = set()

    async def send_password_link(self, person: Profile, link: str) -> None:
        """Write to `person`, in their language, with the link that is good for an hour."""
        self._send("password-link", person.email, person.locale, {"name": person.name, "link": link})

    def _send(self, letter: str, to: str, language: str, values: Mapping[str, str]) -> None:
        task = asyncio.create_task(self._deliver(letter, self.write(letter, to, language, values)))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    async def _deliver(self, letter: str, message: EmailMessage) -> None:
        smtp = self._settings.smtp
        try:
            await aiosmtplib.send(
                message,
                hostname=smtp.host,
                port=smtp.port,
                username=smtp.user or None,
                password=smtp.password or None,
                use_tls=smtp.tls == "tls",
                start_tls=smtp.tls == "starttls",
                timeout=TIMEOUT_SECONDS,
            )
        except (aiosmtplib.SMTPException, OSError) as error:
            _log.warning("link_not_sent", letter=letter, error=type(error).__name__)

    def write(self, letter: str, to: str, language: str, values: Mapping[str, str]) -> EmailMessage:
        """Return the message."""
        spoken = "en" if language == "en" else "fr"
        text = (LETTERS / f"{letter}.{spoken}.txt").read_text("utf-8")
        for name, value in {"town": self._settings.town.name, **values}.items():
            text = text.replace("{{ " + name + " }}", value)
        subject, _, body = text.partition("\n\n")
        message = EmailMessage()
        message["From"] = self._settings.smtp.sender
        message["To"] = to
        message["Subject"] = " ".join(subject.partition(": ")[2].split())
        message.set_content(body)
        return message
