"""Lengths: how many segments a short message takes and what it costs (3GPP TS 23.038: GSM 7-bit alphabet, else UCS-2).
Pure.

One segment holds 160 septets or 70 UCS-2 units; several hold 153 or 67 each, the rest joins them (TS 23.040).
"""

from typing import Literal

import msgspec

BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENDED = frozenset("\f^{}\\[~]|€")
# Typography that people do not miss on a telephone, and that would more than halve what a segment holds.
PLAINER = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " "}
    | {"\u202f": " ", "œ": "oe", "Œ": "OE", "ê": "e", "ë": "e", "î": "i", "ï": "i", "ô": "o", "û": "u", "â": "a"}
    | {"ç": "c", "À": "A", "Â": "A", "È": "E", "Ê": "E", "Ë": "E", "Î": "I", "Ï": "I", "Ô": "O", "Ù": "U", "Û": "U"}
)
SINGLE = {"GSM-7": 160, "UCS-2": 70}
JOINED = {"GSM-7": 153, "UCS-2": 67}


class Length(msgspec.Struct, frozen=True, kw_only=True):
    """How long a message is: in septets or UCS-2 units, and in segments that are paid for."""

    alphabet: Literal["GSM-7", "UCS-2"]
    units: int
    segments: int


def plain(text: str) -> str:
    """The text with the letters and signs that the GSM alphabet has (French keeps é, è, à, ù)."""
    return text.translate(PLAINER)


def length_of(text: str) -> Length:
    """What the text takes on the network."""
    if all(sign in BASIC or sign in EXTENDED for sign in text):
        sizes = [2 if sign in EXTENDED else 1 for sign in text]
        return _length("GSM-7", sizes)
    return _length("UCS-2", [2 if ord(sign) > 0xFFFF else 1 for sign in text])


def _length(alphabet: Literal["GSM-7", "UCS-2"], sizes: list[int]) -> Length:
    units = sum(sizes)
    if units <= SINGLE[alphabet]:
        return Length(alphabet=alphabet, units=units, segments=1)
    # An escaped sign, or half of a pair, is never cut between two segments.
    segments, room = 1, JOINED[alphabet]
    for size in sizes:
        if size > room:
            segments, room = segments + 1, JOINED[alphabet]
        room -= size
    return Length(alphabet=alphabet, units=units, segments=segments)
