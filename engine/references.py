"""References: what a citizen quotes (`2026-000123`) and the tracking code of the follow-up page.

A tracking code is 8 letters from `secrets` without look-alikes (34 bits): it can be read aloud. It never opens a case
alone: the follow-up page also asks for the e-mail address, throttled, with a constant answer.

Whether a reference or a code is free is seen when the case is written, which is begun again with others if it is not.
"""

import secrets
from collections import deque
from datetime import datetime, timedelta
from uuid import UUID
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import msgspec

from engine.store.statements import database, row

# Without I, L, O, U, V, W: they are mistaken for 1, 0 or for each other, on paper or aloud. 20 letters, 34 bits.
LETTERS = "ACDEFGHJKMNPRSTXYZQB"
LENGTH = 8

# A form posted twice draws no second number.
DRAW = """SELECT known.id AS known, CASE WHEN known.id IS NULL THEN
    ARRAY(SELECT engine_next_reference($2) FROM generate_series(1, $3)) END AS numbers
    FROM (SELECT 1) AS once LEFT JOIN engine_case known ON known.key = $1"""
# Numbers drawn when the last ones were used up sooner than this: twice as many as then, so that a flood of cases seldom
# draws; else one.
BUSY = timedelta(seconds=1)
MOST = 32
# What nobody used for longer is given up: a case would have a lower number than those filed before it.
OLDEST = timedelta(minutes=1)


class Drawn(msgspec.Struct, frozen=True):
    """What a new case is known by; `known` is the case that was filed with the same key before, if there is one."""

    reference: str
    tracking_code: str
    known: UUID | None = None


class Numbers:
    """Numbers of one year, drawn from one database and not used yet. They may have gaps, and never repeat."""

    def __init__(self, year: int) -> None:
        self.year = year
        self._unused: deque[int] = deque()
        self._drawn_at: datetime | None = None
        self._block = 1

    async def next(self, key: str | None, now: datetime, *, look: bool) -> UUID | int:
        """The next number, drawn with others when many are used; or the case of this key, if it is looked for or if
        numbers must be drawn anyway."""
        if self._drawn_at is not None and now - self._drawn_at > OLDEST:
            self._unused.clear()
        if self._unused and not look:
            return self._unused.popleft()
        found = await row(DRAW, key, self.year, 0 if self._unused else self._next_block(now))
        assert found is not None
        if found["known"] is not None:
            return found["known"]
        self._unused.extend(found["numbers"])
        # Whoever drew at the same time may have taken what was there.
        return self._unused.popleft() if self._unused else await self.next(key, now, look=look)

    def _next_block(self, now: datetime) -> int:
        busy = self._drawn_at is not None and now - self._drawn_at < BUSY
        self._block, self._drawn_at = min(self._block * 2, MOST) if busy else 1, now
        return self._block


_numbers: WeakKeyDictionary[object, Numbers] = WeakKeyDictionary()


async def draw(now: datetime, zone: ZoneInfo, key: str | None, *, look: bool) -> Drawn:
    """The next reference of the year of `now` in the town, and a tracking code, in at most one round trip. Not always
    does it notice that the key is known, unless it shall `look`."""
    numbers = _numbers_of(now.astimezone(zone).year)
    found = await numbers.next(key, now, look=look)
    known, drawn = (found, 0) if isinstance(found, UUID) else (None, found)
    return Drawn(f"{numbers.year}-{drawn:06d}", new_tracking_code(), known)


def _numbers_of(year: int) -> Numbers:
    known = _numbers.get(database())
    if known is None or known.year != year:
        known = _numbers[database()] = Numbers(year)
    return known


def new_tracking_code() -> str:
    """Eight letters, drawn by the system's secure source."""
    drawn, code = secrets.randbelow(len(LETTERS) ** LENGTH), ""
    for _ in range(LENGTH):
        drawn, place = divmod(drawn, len(LETTERS))
        code += LETTERS[place]
    return code


def normalise_tracking_code(text: str) -> str:
    """What somebody typed, as a code: capitals, without spaces, dots or hyphens."""
    return "".join(letter for letter in text.upper() if letter.isalpha())
