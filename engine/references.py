"""References: what a citizen quotes (`2026-000123`) and the tracking code of the follow-up page.

A tracking code is 8 letters from `secrets` without look-alikes (34 bits): it can be read aloud. It never opens a case
alone: the follow-up page also asks for the e-mail address, throttled, with a constant answer.
"""

import secrets
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from engine.store.statements import row

# Without I, L, O, U, V, W: they are mistaken for 1, 0 or for each other, on paper or aloud. 20 letters, 34 bits.
LETTERS = "ACDEFGHJKMNPRSTXYZQB"
LENGTH = 8

# A form posted twice draws no second number.
DRAW = """SELECT known.id AS known, CASE WHEN known.id IS NULL THEN engine_next_reference($2) END AS number,
    EXISTS (SELECT FROM engine_case WHERE tracking_code = $3) AS taken
    FROM (SELECT 1) AS once LEFT JOIN engine_case known ON known.key = $1"""


class Drawn(msgspec.Struct, frozen=True):
    """What a new case is known by; `known` is the case that was filed with the same key before, if there is one."""

    reference: str
    tracking_code: str
    known: UUID | None


async def draw(now: datetime, zone: ZoneInfo, key: str | None) -> Drawn:
    """The next reference of the year of `now` in the town, and an unused tracking code, in one round trip. Numbers may
    have gaps, never repeats.
    """
    year = now.astimezone(zone).year
    while True:
        code = new_tracking_code()
        found = await row(DRAW, key, year, code)
        assert found is not None
        if not found["taken"]:
            return Drawn(f"{year}-{found['number'] or 0:06d}", code, found["known"])


def new_tracking_code() -> str:
    """Eight letters, drawn by the system's secure source."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def normalise_tracking_code(text: str) -> str:
    """What somebody typed, as a code: capitals, without spaces, dots or hyphens."""
    return "".join(letter for letter in text.upper() if letter.isalpha())
