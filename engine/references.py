"""References: what a citizen quotes (`2026-000123`) and the tracking code of the follow-up page.

A tracking code is 8 letters from `secrets` without look-alikes (34 bits): it can be read aloud. It never opens a case
alone: the follow-up page also asks for the e-mail address, throttled, with a constant answer.
"""

import secrets
from datetime import datetime
from zoneinfo import ZoneInfo

from engine.store.statements import value

# Without I, L, O, U, V, W: they are mistaken for 1, 0 or for each other, on paper or aloud. 20 letters, 34 bits.
LETTERS = "ACDEFGHJKMNPRSTXYZQB"
LENGTH = 8


async def next_reference(now: datetime, zone: ZoneInfo) -> str:
    """The next reference of the year of `now` in the town. Numbers may have gaps, never repeats."""
    year = now.astimezone(zone).year
    number: int = await value("SELECT engine_next_reference($1)", year)
    return f"{year}-{number:06d}"


def new_tracking_code() -> str:
    """Eight letters, drawn by the system's secure source."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def normalise_tracking_code(text: str) -> str:
    """What somebody typed, as a code: capitals, without spaces, dots or hyphens."""
    return "".join(letter for letter in text.upper() if letter.isalpha())
