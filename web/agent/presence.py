"""Presence: who else has a case open now. Kept in Valkey for a minute and a half; without it nobody is announced, and
nothing breaks.

What two agents do at once is settled by the verbs (the second to complete is told who did it); this only avoids it.
"""

from uuid import UUID

import msgspec

from accounts.cache import Cache
from accounts.permissions import Viewer

SECONDS = 90
Seen = dict[str, tuple[str, float]]


async def announce(cache: Cache, case_id: UUID, viewer: Viewer, now: float) -> list[str]:
    """Say that the viewer is here (`now` in seconds); the names of the others who were, less than a minute and a half
    ago.
    """
    key = f"presence:{case_id}"
    held = await cache.get(key)
    seen: Seen = msgspec.json.decode(held, type=Seen) if held else {}
    fresh = {who: (name, at) for who, (name, at) in seen.items() if now - at < SECONDS}
    fresh[str(viewer.person_id)] = (viewer.name, now)
    await cache.put(key, msgspec.json.encode(fresh), SECONDS)
    return sorted(name for who, (name, _) in fresh.items() if who != str(viewer.person_id))
