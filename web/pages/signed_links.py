"""Signed links: what a link of the town carries that nobody else could have written: first answers to a form, or the
right to go on with a draft. Pure; the secret is the town's."""

import base64
import binascii
import hashlib
import hmac
from datetime import datetime
from typing import Any

import msgspec

LONGEST = 4_000


class Carried(msgspec.Struct, frozen=True):
    """What a link says: for what, until when (seconds since 1970), and the values."""

    subject: str
    until: int
    values: dict[str, str | int | float | bool] = {}


def sign(secret: bytes, subject: str, until: datetime, values: dict[str, Any] | None = None) -> str:
    """The text of a link for this subject (a procedure, a draft). Raises `ValueError` above 4,000 characters."""
    body = msgspec.json.encode(Carried(subject, int(until.timestamp()), values or {}))
    written = _letters(body) + "." + _letters(_seal(secret, body))
    if len(written) > LONGEST:
        raise ValueError("Expected a shorter link: fewer values, or shorter ones.")
    return written


def read(secret: bytes, subject: str, written: str, now: datetime) -> dict[str, Any] | None:
    """What the link carries for this subject; None when it is not ours, was altered, is for another or is over."""
    body, _, seal = written[:LONGEST].partition(".")
    try:
        content, given = _octets(body), _octets(seal)
        if not hmac.compare_digest(given, _seal(secret, content)):
            return None
        carried = msgspec.json.decode(content, type=Carried)
    except (ValueError, binascii.Error, msgspec.DecodeError):
        return None
    is_right = carried.subject == subject and now.timestamp() <= carried.until
    return dict(carried.values) if is_right else None


def _seal(secret: bytes, body: bytes) -> bytes:
    return hmac.new(secret, b"link\x1f" + body, hashlib.sha256).digest()


def _letters(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def _octets(letters: str) -> bytes:
    return base64.b64decode(letters.encode("ascii") + b"=" * (-len(letters) % 4), altchars=b"-_", validate=True)
