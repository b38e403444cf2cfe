"""Returns: bounces and replies, tied to their case by the address they come back to:
`name+<case>-<proof>@domain` (sub-addressing, RFC 5233). Reading is pure; taking writes to the case, once.

A bounce is a delivery status notification (RFC 3464). Answers of machines (RFC 3834) are left out.
"""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Literal
from uuid import UUID

import msgspec

from desk import exchanges
from desk.errors import TooManyExchanges, WordsMissing
from engine import cases, journal, messages
from engine.actor import SYSTEM, Actor
from engine.errors import CaseUnknown

BOUNCED = "A message to the applicant could not be delivered: the address does not exist or refuses our mail."
DELAYED = "A message to the applicant is late: the receiving server does not take it yet."
MESSAGE = "parvis.mail_bounced"
LONGEST = 5_000
TAG = re.compile(r"\+([a-z2-7]{26})-([a-z2-7]{16})@")
# Where a reply begins to quote what we had written.
QUOTE = re.compile(
    r"^(?:>|-{2,} ?Message d.origine|-{2,} ?Original Message|_{10,}|(?:Le|On) .{5,120}(?:a écrit|wrote) ?:\s*$)", re.M
)


class Returned(msgspec.Struct, frozen=True, kw_only=True):
    """What came back for a case. `key` is the message's id: taken once."""

    case_id: UUID
    kind: Literal["bounce", "delay", "reply"]
    key: str
    words: str = ""


def return_address(returns: str, case_id: UUID, secret: bytes) -> str:
    """Where bounces and replies about a case come back; nobody else can make one."""
    name, _, domain = returns.partition("@")
    case = base64.b32encode(case_id.bytes).decode().rstrip("=").lower()
    return f"{name}+{case}-{_proof(case, secret)}@{domain}"


def case_of(address: str, secret: bytes) -> UUID | None:
    """The case an address of ours belongs to; None when it is not one."""
    found = TAG.search(address.lower())
    if found is None or not hmac.compare_digest(_proof(found[1], secret), found[2]):
        return None
    try:
        return UUID(bytes=base64.b32decode(found[1].upper() + "======"))
    except (binascii.Error, ValueError):
        return None


def read(content: bytes, recipients: tuple[str, ...], secret: bytes) -> Returned | None:
    """What a message received by the town's return address means; None when it is about no case, or nobody wrote it."""
    case_id = next((found for each in recipients if (found := case_of(each, secret))), None)
    message = message_from_bytes(content, policy=policy.default)
    if case_id is None or not isinstance(message, EmailMessage):
        return None
    key = hashlib.sha256((str(message.get("Message-ID") or "") + str(case_id)).encode()).hexdigest()[:32]
    action = _action_of(message)
    if action:
        kind = {"failed": "bounce", "delayed": "delay"}.get(action)
        return Returned(case_id=case_id, kind=kind, key=key) if kind else None  # type: ignore[arg-type]
    if str(message.get("Auto-Submitted", "no")).lower() != "no" or message.get("Precedence") in ("bulk", "junk"):
        return None
    words = _words_of(message)
    return Returned(case_id=case_id, kind="reply", key=key, words=words) if words else None


async def take(returned: Returned, now: datetime) -> bool:
    """Write it to the case. A bounce wakes what waits for the message `parvis.mail_bounced` with the case's reference.
    False when the case is gone or has it already."""
    try:
        case = await cases.get(returned.case_id)
        if returned.kind == "reply":
            by = Actor(kind="citizen", name=case.applicant_name or "")
            await exchanges.post(returned.case_id, returned.words, by=by, now=now, key=f"mail:{returned.key}")
            return True
    except (CaseUnknown, TooManyExchanges, WordsMissing):
        return False
    known = [fact for fact in await journal.of_case(returned.case_id) if fact.parameters.get("key") == returned.key]
    if known:
        return False
    fact = BOUNCED if returned.kind == "bounce" else DELAYED
    await journal.write(returned.case_id, fact, {"key": returned.key}, SYSTEM, now)
    if returned.kind == "bounce":
        await messages.publish(MESSAGE, case.reference, {"bounced": True}, now=now, message_id=returned.key)
    return True


def _proof(case: str, secret: bytes) -> str:
    made = hmac.new(secret, f"mail return:{case}".encode(), hashlib.sha256).digest()[:10]
    return base64.b32encode(made).decode().lower()


def _action_of(message: EmailMessage) -> str:
    """`failed`, `delayed`, `delivered`… of a delivery status notification; empty for any other message."""
    if message.get_content_type() != "multipart/report":
        return ""
    for part in message.walk():
        if part.get_content_type() == "message/delivery-status":
            groups = part.get_payload()
            for group in groups if isinstance(groups, list) else []:
                if found := str(group.get("Action", "")).strip().lower():  # type: ignore[union-attr]
                    return found
    return ""


def _words_of(message: EmailMessage) -> str:
    body = message.get_body(("plain",)) or message.get_body(("html",))
    if body is None:
        return ""
    try:
        text = str(body.get_content()).replace("\r\n", "\n")
    except (LookupError, UnicodeError, KeyError):
        return ""
    if body.get_content_subtype() == "html":
        text = re.sub(r"<(?:br|/p|/div)[^>]*>", "\n", re.sub(r"(?s)<(style|script).*?</\1>", "", text))
        text = re.sub(r"<[^>]+>", "", text)
    quoted = QUOTE.search(text)
    return (text[: quoted.start()] if quoted else text).replace("\0", "").strip()[:LONGEST]
