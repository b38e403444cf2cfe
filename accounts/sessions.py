"""Sessions: browsers that have signed in. Rows in PostgreSQL are the truth; Valkey remembers each for half a minute.

Only the hash of the cookie is stored. A session ends after an hour without use, or twelve hours after it began.
"""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from accounts.cache import Cache
from accounts.people import Profile
from accounts.permissions import Viewer
from accounts.store import Session, remove, rows, update

IDLE, LONGEST = timedelta(hours=1), timedelta(hours=12)

# How long another process may go on believing a session that was closed here, when Valkey was away at that moment.
_REMEMBERED_SECONDS = 30
_TOUCH_AFTER = timedelta(minutes=1)


class SignedIn(msgspec.Struct, frozen=True):
    """A live session: who, and until when."""

    viewer: Viewer
    seen_at: datetime
    ends_at: datetime

    def is_over(self, now: datetime) -> bool:
        """Left unused for too long, or too old."""
        return now >= self.ends_at or now - self.seen_at >= IDLE


class Sessions:
    """Opens, reads and closes sessions."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def open(self, person_id: UUID, now: datetime, *, device: str = "") -> str:
        """A new session; returns the secret for the cookie."""
        token = secrets.token_urlsafe(32)
        await Session.insert(
            Session(
                token_hash=_hash(token),
                person=person_id,
                device=device[:200],
                created_at=now,
                seen_at=now,
                ends_at=now + LONGEST,
            )
        )
        return token

    async def viewer(self, token: str, now: datetime) -> Viewer | None:
        """Whoever holds this cookie, or None when the session is over, closed or was never one."""
        remembered = await self._remembered(token)
        signed_in = remembered or await self._read(token, now)
        if signed_in is None or signed_in.is_over(now):
            return None
        if remembered is None:
            await self._cache.put(_key(_hash(token)), msgspec.json.encode(signed_in), _REMEMBERED_SECONDS)
        return signed_in.viewer

    async def close(self, token: str) -> None:
        """Signs this browser out."""
        await remove(Session, Session.token_hash == _hash(token))
        await self._cache.drop(_key(_hash(token)))

    async def close_all(self, person_id: UUID) -> int:
        """Signs the person out everywhere; returns how many sessions were open."""
        closed = await rows("DELETE FROM session WHERE person = {} RETURNING token_hash", person_id)
        await self._cache.drop(*(_key(row["token_hash"]) for row in closed))
        return len(closed)

    async def sweep(self, now: datetime) -> int:
        """Deletes the sessions that are over; returns how many."""
        ended = await rows("DELETE FROM session WHERE ends_at <= {} OR seen_at <= {} RETURNING 1", now, now - IDLE)
        return len(ended)

    async def _remembered(self, token: str) -> SignedIn | None:
        kept = await self._cache.get(_key(_hash(token)))
        if kept is None:
            return None
        try:
            return msgspec.json.decode(kept, type=SignedIn)
        except msgspec.DecodeError:
            return None

    async def _read(self, token: str, now: datetime) -> SignedIn | None:
        found = await rows(_SELECT, _hash(token))
        if not found:
            return None
        signed_in = _signed_in(found[0])
        if signed_in.is_over(now):
            return None
        if now - signed_in.seen_at >= _TOUCH_AFTER:
            await update(Session, {"seen_at": now}, Session.token_hash == _hash(token))
            signed_in = msgspec.structs.replace(signed_in, seen_at=now)
        return signed_in


_SELECT = """
SELECT session.seen_at, session.ends_at, person.id, kind, name, email, phone, active, locale, administrator, reception,
       coalesce(array_agg(department ORDER BY department) FILTER (WHERE department IS NOT NULL), ARRAY[]::varchar[])
       AS departments,
       coalesce(array_agg(department ORDER BY department) FILTER (WHERE supervisor), ARRAY[]::varchar[]) AS supervised
FROM session JOIN person ON person.id = session.person LEFT JOIN membership ON membership.person = person.id
WHERE session.token_hash = {} AND person.active
GROUP BY session.token_hash, person.id
"""


def _signed_in(row: dict[str, Any]) -> SignedIn:
    return SignedIn(msgspec.convert(row, Profile, strict=False).viewer(), row["seen_at"], row["ends_at"])


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _key(token_hash: bytes) -> str:
    return f"parvis:session:{token_hash.hex()}"
