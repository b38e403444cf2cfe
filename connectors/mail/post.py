"""Post: one message by SMTP. Knows the protocol and its refusals; never knows a case, never retries."""

import asyncio
import html
import re
import socket
import ssl
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal
from uuid import UUID

import aiosmtplib
import msgspec

from connectors import addresses
from connectors.addresses import Network
from connectors.errors import (
    MailLoginRefused,
    MailSenderRefused,
    MailServerGarbled,
    MailServerRefused,
    MailServerUnreachable,
    NameUnknown,
)
from connectors.letters import Letter
from engine.connector import Connection, Job

LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
# Python folds a long French subject between two encoded words and loses the blank there (“vous  êtredélivrée”): lines
# as long as SMTP allows (RFC 5321, 4.5.3.1.6) are not folded.
WIRE = SMTP.clone(max_line_length=998, cte_type="7bit")
SENDER_REFUSED = frozenset({530, 534, 535, 538, 550, 553, 554})


class Smtp(msgspec.Struct, frozen=True, kw_only=True):
    """How mail leaves. `sender` is an address; the town's name is put before it. `returns` is the address that bounces
    and replies come back to, with what ties them to their case put before its `@`. `permitted` None: an operator chose
    this server, wherever it is; else its address is checked as it is for every other connection."""

    host: str
    port: int = 25
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = ""
    sender: str = "ne-pas-repondre@example.org"
    timeout: float = 20.0
    returns: str = ""
    permitted: tuple[Network, ...] | None = None


class Enclosure(msgspec.Struct, frozen=True, kw_only=True):
    """A file that goes with a message."""

    name: str
    media_type: str
    content: bytes


class AddressRefused(Exception):
    """The receiving side says that this address does not exist or refuses our mail for good."""


class NotNow(Exception):
    """The receiving side asks to come back later (a 4xx answer, such as greylisting)."""


class Post:
    """The town's outgoing mail: `Post(smtp, town_name)`."""

    def __init__(self, smtp: Smtp, town: str) -> None:
        self.smtp, self.town = smtp, town

    async def of(self, job: Job | None) -> "Post":
        """Itself: a post is an office with one counter (tests, a town without connections)."""
        return self

    async def named(self, slug: str) -> "Post":
        """Itself."""
        return self

    def at(self, connection: Connection) -> "Post":
        """The post of a connection."""
        return Post(smtp_of(connection, (), timeout=self.smtp.timeout), self.town)

    def returns_to(self, post: "Post", case_id: UUID) -> str:
        """Not followed."""
        return ""

    async def send(
        self,
        letter: Letter,
        to: str,
        *,
        key: str,
        now: datetime,
        enclosures: tuple[Enclosure, ...] = (),
        returns: str = "",
    ) -> None:
        """Hand one message to the mail server. `key` makes its Message-ID, so that a repeat is recognised by whoever
        receives it; bounces and replies come back to `returns`.

        Raises `AddressRefused`, `NotNow`, `MailServerRefused`, `MailServerUnreachable`, `MailServerGarbled`,
        `AddressForbidden`, `NameUnknown`.
        """
        message = self._message(letter, to, key, now, enclosures)
        if returns:
            message["Reply-To"] = Address(addr_spec=returns)
        try:
            async with await self._client() as client:
                if self.smtp.user:
                    await client.login(self.smtp.user, self.smtp.password)
                await client.sendmail(returns or self.smtp.sender, [to.strip()], message.as_bytes(policy=WIRE))
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            raise _refused(refusal.recipients[0].code) from refusal
        except aiosmtplib.SMTPAuthenticationError as refusal:
            raise (MailLoginRefused() if refusal.code >= 500 else NotNow()) from refusal
        except aiosmtplib.SMTPSenderRefused as refusal:
            raise (MailSenderRefused() if refusal.code >= 500 else NotNow()) from refusal
        except aiosmtplib.SMTPResponseException as refusal:
            raise _refused(refusal.code) from refusal
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as failure:
            raise MailServerUnreachable() from failure

    async def check(self) -> None:
        """Open a session, sign in, name the sender, and leave without a message. Raises as `send`."""
        try:
            async with await self._client() as client:
                if self.smtp.user:
                    await client.login(self.smtp.user, self.smtp.password)
                await client.mail(self.smtp.sender)
                await client.rset()
        except aiosmtplib.SMTPAuthenticationError as refusal:
            raise MailLoginRefused() from refusal
        except aiosmtplib.SMTPSenderRefused as refusal:
            raise MailSenderRefused() from refusal
        except aiosmtplib.SMTPResponseException as refusal:
            raise (MailServerRefused() if refusal.code >= 400 else MailServerGarbled()) from refusal
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as failure:
            raise MailServerUnreachable() from failure

    async def _client(self) -> aiosmtplib.SMTP:
        smtp = self.smtp
        opened = None if smtp.permitted is None else await _checked_socket(smtp.host, smtp.port, smtp)
        return aiosmtplib.SMTP(
            hostname=smtp.host,
            port=smtp.port if opened is None else None,
            sock=opened,
            timeout=smtp.timeout,
            use_tls=smtp.tls == "tls",
            start_tls=smtp.tls == "starttls",
            tls_context=ssl.create_default_context() if smtp.tls != "none" else None,
        )

    def _message(
        self, letter: Letter, to: str, key: str, now: datetime, enclosures: tuple[Enclosure, ...]
    ) -> EmailMessage:
        message = EmailMessage()
        try:
            # Address and EmailMessage refuse line breaks, so no value can add a header.
            message["From"] = Address(display_name=self.town, addr_spec=self.smtp.sender)
            message["To"] = Address(addr_spec=to.strip())
            message["Subject"] = letter.subject
        except (MessageError, ValueError, IndexError) as error:
            raise AddressRefused() from error
        message["Date"] = format_datetime(now)
        message["Message-ID"] = f"<{key}@{self.smtp.sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = letter.language
        message.set_content(letter.text)
        message.add_alternative(as_html(letter, self.town), subtype="html")
        for each in enclosures:
            main, _, sub = each.media_type.partition("/")
            message.add_attachment(each.content, maintype=main, subtype=sub, filename=each.name)
        return message


def as_html(letter: Letter, town: str) -> str:
    """The letter as a plain, accessible page: no picture, no tracking, nothing fetched."""
    paragraphs = "\n".join(f'<p style="margin:0 0 1em">{_linked(each)}</p>' for each in letter.paragraphs)
    return f"""<!doctype html>
<html lang="{letter.language}">
<head><meta charset="utf-8"><title>{html.escape(letter.subject)}</title></head>
<body style="margin:0;background:#ffffff">
<div style="max-width:36em;margin:0 auto;padding:1.5em;font:16px/1.55 system-ui,'Segoe
UI',Arial,sans-serif;color:#1b1b1f">
<p style="margin:0 0 1.5em;padding-bottom:.75em;border-bottom:2px solid #1b1b1f;font-weight:600">{html.escape(town)}</p>
{paragraphs}
</div>
</body>
</html>
"""


def smtp_of(connection: Connection, permitted: tuple[Network, ...], *, timeout: float = 20.0) -> Smtp:
    """A connection's values as the post needs them."""
    tls = connection.text("tls", "starttls")
    smtp = Smtp(
        host=connection.text("host"),
        port=int(connection.values.get("port") or 587),
        user=connection.text("user"),
        password=connection.text("secret"),
        sender=connection.text("sender"),
        returns=connection.text("returns"),
        timeout=timeout,
        permitted=permitted,
    )
    return msgspec.structs.replace(smtp, tls=tls if tls in ("none", "starttls", "tls") else "starttls")


async def _checked_socket(host: str, port: int, smtp: Smtp) -> socket.socket:
    """A socket connected to an address of the server that may be called. Raises `AddressForbidden`, `NameUnknown`."""
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NameUnknown() from error
    for _, _, _, _, where in found:
        addresses.check(str(where[0]), smtp.permitted or ())
    family, kind, protocol, _, where = found[0]
    opened = socket.socket(family, kind, protocol)
    opened.setblocking(False)
    try:
        async with asyncio.timeout(smtp.timeout):
            await loop.sock_connect(opened, where)
    except BaseException:
        opened.close()
        raise
    return opened


def _linked(paragraph: str) -> str:
    made, last = [], 0
    for found in LINK.finditer(paragraph):
        address = html.escape(found[0])
        made += [html.escape(paragraph[last : found.start()]), f'<a href="{address}">{address}</a>']
        last = found.end()
    made.append(html.escape(paragraph[last:]))
    return "".join(made).replace("\n", "<br>\n")


def _refused(code: int) -> Exception:
    """What a code means (RFC 5321, section 4.2.1); none at all, or one that refuses nothing, is no answer."""
    if 500 <= code < 600:
        return AddressRefused()
    return NotNow() if 400 <= code < 500 else MailServerGarbled()
