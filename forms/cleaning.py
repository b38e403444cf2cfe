"""Cleaning: what any text from outside becomes before it is read: NFC, without control characters. Never raises."""

import re
import unicodedata

LONGEST_TEXT = 20_000
LONGEST_LINE = 2_000
# Control characters have no place in an answer (a NUL breaks PostgreSQL), lone surrogates cannot be stored in UTF-8,
# and invisible direction marks make a text read otherwise than it is stored. Joiners stay: names and emoji use them.
# So do marks that nobody sees and tags that carry a hidden text.
UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u200b\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e007f]"
)
# Letters that are drawn as nothing: a text of them alone is no answer.
BLANK = re.compile("[\\s\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2800\u3164\uffa0]*")


def clean_line(text: str) -> str:
    """One line of text: line ends become spaces, ends trimmed."""
    return clean_text(text.replace("\r", " ").replace("\n", " ").replace("\t", " ")).strip()


def clean_text(text: str) -> str:
    """Text of several lines, ended by newlines, trailing space trimmed."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    cleaned = unicodedata.normalize("NFC", UNWANTED.sub("", lines)).rstrip()
    return "" if BLANK.fullmatch(cleaned) else cleaned
