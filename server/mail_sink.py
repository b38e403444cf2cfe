"""Mail sink: where messages go while the town has configured no mail server: a Maildir that administrators read on a
page.

Speaks SMTP on a local port to whoever sends, so that the way out is the same as with a real server. Never relays
anything.
"""

import asyncio
import email
import mailbox
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from pathlib import Path

import msgspec
from aiosmtpd.smtp import SMTP, Envelope, Session

LARGEST_MESSAGE = 20 * 1024 * 1024


class SunkMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message as a list shows it; `key` opens it."""

    key: str
    to: str
    sender: str
    subject: str
    received_at: datetime
    text: str
    attachments: tuple[str, ...]


class MailSink:
    """The Maildir under `data_dir/mail`."""

    def __init__(self, data_dir: Path) -> None:
        self.folder = data_dir / "mail"

    def keep(self, content: bytes) -> str:
        """Store one message durably; return its key."""
        return self._box().add(content)

    def recent(self, limit: int = 100) -> list[SunkMessage]:
        """Return the last messages, newest first."""
        if not self.folder.exists():
            return []
        found = sorted(self._box().iterkeys(), key=self._arrival, reverse=True)[:limit]
        return [message for key in found if (message := self.read(key)) is not None]

    def read(self, key: str) -> SunkMessage | None:
        """Return one message, or None when there is none under this key."""
        content = self.content(key)
        return None if content is None else _summary(key, content)

    def content(self, key: str) -> bytes | None:
        """Return the message as it was sent, to download."""
        # Keys come from addresses: a lookup in the list, never a path made of one.
        return self._box().get_bytes(key) if self.folder.exists() and key in set(self._box().iterkeys()) else None

    def _box(self) -> mailbox.Maildir:
        self.folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return mailbox.Maildir(self.folder)

    @staticmethod
    def _arrival(key: str) -> float:
        try:
            seconds, micro = key.split(".")[0], key.split("M")[1].split("P")[0]
            return float(seconds) + float(micro) / 1e6
        except (IndexError, ValueError):
            return 0.0


class SinkServer:
    """A local SMTP server, on a port chosen by the system, that keeps everything in the sink."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink
        self._server: asyncio.Server | None = None

    @property
    def port(self) -> int:
        """The port it listens on; 0 before it does."""
        return int(self._server.sockets[0].getsockname()[1]) if self._server is not None else 0

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep a message; called by aiosmtpd, which chose the name."""
        await asyncio.to_thread(self._sink.keep, envelope.original_content or b"")
        return "250 Kept"

    async def __aenter__(self) -> "SinkServer":
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: SMTP(self, data_size_limit=LARGEST_MESSAGE, enable_SMTPUTF8=True, loop=loop), "127.0.0.1", 0
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None


def _summary(key: str, content: bytes) -> SunkMessage:
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    body = message.get_body(preferencelist=("plain", "html"))
    return SunkMessage(
        key=key,
        to=str(message.get("To", "")),
        sender=str(message.get("From", "")),
        subject=str(message.get("Subject", "")),
        received_at=_date(message) or datetime.fromtimestamp(MailSink._arrival(key), UTC),
        text=body.get_content() if body is not None else "",
        attachments=tuple(part.get_filename() or "" for part in message.iter_attachments()),
    )


def _date(message: EmailMessage) -> datetime | None:
    try:
        return parsedate_to_datetime(str(message["Date"])).astimezone(UTC) if message["Date"] else None
    except ValueError:
        return None
