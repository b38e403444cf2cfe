"""Tokens: secrets given to people (browser, survey address) are stored as their SHA-256 only. Pure."""

import base64
import hashlib
import hmac


def digest(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def derived(secret: bytes, purpose: str, key: str) -> str:
    """A token of 160 bits that is always the same for a key, and that nobody without the secret can guess."""
    made = hmac.new(secret, f"{purpose}:{key}".encode(), hashlib.sha256).digest()[:20]
    return base64.b32encode(made).decode().lower()
