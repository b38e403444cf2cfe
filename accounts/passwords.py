"""Passwords: argon2id hashes and the links that replace a forgotten one. Never keeps or logs a password in clear.

Hashing runs in two threads of its own: a flood of sign-ins queues there and never takes the memory or the event
loop of the process.
"""

import asyncio
import hashlib
import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from accounts.errors import PasswordRefused, ResetExpired
from accounts.ids import PersonId
from accounts.store import Person, ResetToken, Session, remove, rows, transaction, update

RESET_LIFETIME = timedelta(hours=1)
SHORTEST, LONGEST = 12, 1024

# OWASP Password Storage Cheat Sheet, argon2id: 46 MiB, one pass, one lane.
_HASHER = PasswordHasher(time_cost=1, memory_cost=47104, parallelism=1, type=Type.ID)
_THREADS = ThreadPoolExecutor(max_workers=2, thread_name_prefix="argon2")

# Compared with when nobody has the address, so that the answer takes as long.
_NOBODY = "$argon2id$v=19$m=47104,t=1,p=1$c29tZXNhbHRzb21lc2FsdA$xJyIvI2kMYrM0gM6/5SCjrBZDOPKP8I1bX7b5qjx3FE"

_COMMON = ("motdepasse", "password", "azerty", "qwerty", "123456", "mairie", "bonjour", "soleil", "parvis", "secret")


def check(password: str, *, email: str = "") -> None:
    """Refuses a password that others would guess. Raises `PasswordRefused(reason)`: `short`, `long`, `common` or
    `personal`."""
    lowered = password.lower()
    if len(password) < SHORTEST:
        raise PasswordRefused("short")
    if len(password) > LONGEST:
        raise PasswordRefused("long")
    if len(set(lowered)) < 5 or any(len(lowered.replace(word, "")) < 5 for word in _COMMON):
        raise PasswordRefused("common")
    if email and email.split("@")[0].lower() in lowered and len(email.split("@")[0]) > 3:
        raise PasswordRefused("personal")


async def hash_password(password: str) -> str:
    """The argon2id hash to store."""
    return await asyncio.get_running_loop().run_in_executor(_THREADS, _HASHER.hash, password)


async def matches(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one hashed. Takes as long when there is no hash."""
    fits = await asyncio.get_running_loop().run_in_executor(
        _THREADS, _verify, password_hash or _NOBODY, password[:LONGEST]
    )
    return fits and password_hash is not None


async def replace(person_id: UUID, password: str) -> None:
    """Stores a new password and closes every session of the person. Call `check` first."""
    hashed = await hash_password(password)
    async with transaction():
        await update(Person, {"password_hash": hashed}, Person.id == person_id)
        await remove(Session, Session.person == person_id)


async def issue_reset(person_id: UUID, now: datetime) -> str:
    """A secret for a password link, good once and for one hour; earlier links of the person stop working."""
    token = secrets.token_urlsafe(32)
    async with transaction():
        await remove(ResetToken, ResetToken.person == person_id)
        await ResetToken.insert(ResetToken(token_hash=_hash(token), person=person_id, ends_at=now + RESET_LIFETIME))
    return token


async def reset_is_open(token: str, now: datetime) -> bool:
    """Whether the link may still be used."""
    found = await rows("SELECT 1 FROM reset_token WHERE token_hash = {} AND ends_at > {}", _hash(token), now)
    return bool(found)


async def use_reset(token: str, password: str, now: datetime) -> PersonId:
    """Replaces the password of whoever received the link. Raises `ResetExpired`, `PasswordRefused` (the link then
    stays good)."""
    check(password)
    hashed = await hash_password(password)
    async with transaction():
        used = await rows(
            "DELETE FROM reset_token WHERE token_hash = {} AND ends_at > {} RETURNING person", _hash(token), now
        )
        if not used:
            raise ResetExpired
        person_id = PersonId(used[0]["person"])
        await update(Person, {"password_hash": hashed}, Person.id == person_id)
        await remove(Session, Session.person == person_id)
    return person_id


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
