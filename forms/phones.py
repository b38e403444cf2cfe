"""Phone numbers: read as people type them (French unless they say otherwise), stored as E.164, shown the national
way. Never raises.
"""

import re
from functools import cache

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata, PhoneNumberFormat

HOME = "FR"


def is_stored_phone(text: str) -> bool:
    """Whether this is a number as we store it (E.164), that a telephone network may have given out."""
    if not re.fullmatch(r"\+[0-9]{5,15}", text):
        return False
    if _is_plainly_possible(text):
        return True
    try:
        return phonenumbers.is_possible_number(phonenumbers.parse(text))
    except phonenumbers.NumberParseException:
        return False


def _is_plainly_possible(text: str) -> bool:
    # The library reads any way of writing a number; one without a national prefix is judged by its length alone.
    code = next((text[1:end] for end in (2, 3, 4) if int(text[1:end]) in COUNTRY_CODE_TO_REGION_CODE), "")
    national = text[1 + len(code) :]
    lengths, prefix = _numbering(int(code)) if code else (frozenset[int](), None)
    return len(national) in lengths and national[0] != "0" and (prefix is None or prefix.match(national) is None)


@cache
def _numbering(code: int) -> tuple[frozenset[int], re.Pattern[str] | None]:
    """How long the national numbers of a country are, and what is dialled before them at home."""
    region = COUNTRY_CODE_TO_REGION_CODE[code][0]
    # 001 stands for numbers of no country (universal freephone).
    found = PhoneMetadata.metadata_for_region(region) if region != "001" else None
    if found is None or found.general_desc is None:
        return frozenset(), None
    prefix = found.national_prefix_for_parsing
    return frozenset(found.general_desc.possible_length), re.compile(prefix) if prefix else None


def read_phone(text: str) -> str | None:
    """The E.164 form of a typed number; None when no network could have given it out."""
    try:
        number = phonenumbers.parse(text[:60], HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def written_phone(stored: str) -> str:
    """“06 12 34 56 78” for a French number, “+44 20 7946 0958” for another; the text itself when it is no number."""
    try:
        number = phonenumbers.parse(stored, None)
    except phonenumbers.NumberParseException:
        return stored
    style = PhoneNumberFormat.NATIONAL if number.country_code == 33 else PhoneNumberFormat.INTERNATIONAL
    written = phonenumbers.format_number(number, style)
    return written if read_phone(written) == stored else stored
