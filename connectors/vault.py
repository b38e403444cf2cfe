"""Vault: the secrets of connections, encrypted with AES-256-GCM (NIST SP 800-38D) under a key that is not in the
database.

The connection's name is bound in (additional data), so that a row copied over another does not open. Each secret text
is sealed with the newest key; older keys still open, until `parvis connections rotate` has sealed everything again.
"""

import hashlib
import os
from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from connectors.errors import VaultLocked

NONCE = 12
SHORTEST = 32


class Sealed(msgspec.Struct, frozen=True, kw_only=True):
    """Encrypted values and the id of the key that opens them (a fingerprint: it says nothing of the key)."""

    content: bytes
    key_id: str


class Vault:
    """`Vault(keys)`: texts of 32 characters or more, newest first. `reload` gives them again, when a secret was sealed
    with one that another process has added since."""

    def __init__(self, keys: tuple[str, ...], reload: Callable[[], tuple[str, ...]] | None = None) -> None:
        self._reload = reload
        self._take(keys)

    def _take(self, keys: tuple[str, ...]) -> None:
        if not keys or any(len(each) < SHORTEST for each in keys):
            raise ValueError("Expected keys of 32 characters or more.")
        self._keys = {_fingerprint(each): AESGCM(_derived(each)) for each in keys}
        self.newest = _fingerprint(keys[0])

    def seal(self, values: Mapping[str, Any], name: str) -> Sealed:
        """Encrypt the values of the connection `name`."""
        nonce = os.urandom(NONCE)
        content = self._keys[self.newest].encrypt(nonce, msgspec.json.encode(dict(values)), _bound(name))
        return Sealed(content=nonce + content, key_id=self.newest)

    def open(self, sealed: Sealed, name: str) -> dict[str, Any]:
        """The values. Raises `VaultLocked` when the key is gone or the row was altered or moved."""
        if sealed.key_id not in self._keys and self._reload is not None:
            self._take(self._reload())
        key = self._keys.get(sealed.key_id)
        if key is None:
            raise VaultLocked()
        try:
            plain = key.decrypt(sealed.content[:NONCE], sealed.content[NONCE:], _bound(name))
        except InvalidTag as error:
            raise VaultLocked() from error
        return msgspec.json.decode(plain, type=dict[str, Any])


def _derived(key: str) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=32, salt=None, info=b"parvis connections").derive(key.encode())


def _fingerprint(key: str) -> str:
    return hashlib.sha256(b"parvis key id" + _derived(key)).hexdigest()[:16]


def _bound(name: str) -> bytes:
    return f"connectors_connection/secrets/{name}".encode()
