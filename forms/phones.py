"""Phone numbers: read as people type them (French unless they say otherwise), stored as E.164, shown the national
way. Never raises.
"""

import phonenumbers
from phonenumbers import PhoneNumberFormat

HOME = "FR"


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
