"""Post: one message by SMTP. Knows the protocol and its refusals; never knows a case, never retries."""

import html
import re
import ssl
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from typing import Literal

import aiosmtplib
import msgspec

from connectors.errors import MailServerRefused, MailServerUnreachable
from connectors.letters import Letter

LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?)]")
# Python folds a long French subject between two encoded words and loses the blank there (“vous  êtredélivrée”): lines
# as long as SMTP allows (RFC 5321, 4.5.3.1.6) are not folded.
WIRE = SMTP.clone(max_line_length=998, cte_type="7bit")
SENDER_REFUSED = frozenset({530, 534, 535, 538, 550, 553, 554})


class Smtp(msgspec.Struct, frozen=True, kw_only=True):
    """How mail leaves. `sender` is an address; the town's name is put before it."""

    host: str
    port: int = 25
    tls: Literal["none", "starttls", "tls"] = "none"
    user: str = ""
    password: str = ""
    sender: str = "ne-pas-repondre@example.org"
    timeout: float = 20.0


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

    async def send(
        self, letter: Letter, to: str, *, key: str, now: datetime, enclosures: tuple[Enclosure, ...] = ()
    ) -> None:
        """Hand one message to the mail server. `key` makes its Message-ID, so that a repeat is recognised by whoever
        receives it.

        Raises `AddressRefused`, `NotNow`, `MailServerRefused`, `MailServerUnreachable`.
        """
        message = self._message(letter, to, key, now, enclosures)
        client = aiosmtplib.SMTP(
            hostname=self.smtp.host,
            port=self.smtp.port,
            timeout=self.smtp.timeout,
            use_tls=self.smtp.tls == "tls",
            start_tls=self.smtp.tls == "starttls",
            tls_context=ssl.create_default_context() if self.smtp.tls != "none" else None,
        )
        try:
            async with client:
                if self.smtp.user:
                    await client.login(self.smtp.user, self.smtp.password)
                await client.sendmail(self.smtp.sender, [to.strip()], message.as_bytes(policy=WIRE))
        except aiosmtplib.SMTPRecipientsRefused as refusal:
            raise _refused(refusal.recipients[0].code) from refusal
        except (aiosmtplib.SMTPAuthenticationError, aiosmtplib.SMTPSenderRefused) as refusal:
            raise (MailServerRefused() if refusal.code >= 500 else NotNow()) from refusal
        except aiosmtplib.SMTPResponseException as refusal:
            raise _refused(refusal.code) from refusal
        except (aiosmtplib.SMTPException, OSError, TimeoutError) as failure:
            raise MailServerUnreachable() from failure

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


def _linked(paragraph: str) -> str:
    made, last = [], 0
    for found in LINK.finditer(paragraph):
        address = html.escape(found[0])
        made += [html.escape(paragraph[last : found.start()]), f'<a href="{address}">{address}</a>']
        last = found.end()
    made.append(html.escape(paragraph[last:]))
    return "".join(made).replace("\n", "<br>\n")


def _refused(code: int) -> Exception:
    if code >= 500:
        return AddressRefused()
    return NotNow()
