"""Signatures: proves who sent a message and when, as Standard Webhooks 1.0 lays down: HMAC-SHA256 over
`id.timestamp.body`, headers `webhook-id`, `webhook-timestamp`, `webhook-signature: v1,<base64>`. Pure."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from connectors.errors import SignatureRefused

WINDOW_SECONDS = 300
"""A message older, or from further ahead, is a replay or comes from a clock that is wrong."""
PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key a secret stands for: `whsec_` and base64 as the standard writes it, else its octets."""
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def headers_of(secret: str, message_id: str, body: bytes, now: datetime) -> dict[str, str]:
    """The three headers of a signed message."""
    timestamp = str(int(now.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{_sign(secret, message_id, timestamp, body)}",
    }


def check(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> str:
    """The id of a message that is genuine and recent; `headers` by lower-case name. Raises `SignatureRefused`.

    Deduplicating by id is the caller's: within the window a genuine message may come twice.
    """
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not message_id or len(message_id) > 200 or not (timestamp.isascii() and timestamp.isdigit()):
        raise SignatureRefused()
    if len(timestamp) > 12 or abs(int(timestamp) - now.timestamp()) > WINDOW_SECONDS:
        raise SignatureRefused()
    expected = f"v1,{_sign(secret, message_id, timestamp, body)}".encode()
    given = headers.get("webhook-signature", "").encode()[:2_000].split()
    # Several signatures come while a secret is being changed: one good one is enough.
    if not any(hmac.compare_digest(each, expected) for each in given):
        raise SignatureRefused()
    return message_id


def _sign(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.new(key_of(secret), signed, hashlib.sha256).digest()).decode()
