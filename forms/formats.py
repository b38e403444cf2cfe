"""Formats and compilation: turns a schema into a validator that checks formats, matches in linear time and opens no
connection.
"""

import re
from datetime import date
from typing import Any

from jsonschema_rs import Draft202012Validator, EmailOptions, RegexOptions

from forms.phones import is_stored_phone

OWN = frozenset({"phone", "siret", "iban"})
STANDARD = frozenset(
    [
        "date",
        "date-time",
        "time",
        "duration",
        "email",
        "idn-email",
        "hostname",
        "idn-hostname",
        "ipv4",
        "ipv6",
        "uri",
        "uri-reference",
        "iri",
        "iri-reference",
        "uri-template",
        "uuid",
        "json-pointer",
        "relative-json-pointer",
        "regex",
    ]
)
KNOWN = OWN | STANDARD


def is_phone(text: Any) -> bool:
    """An international number as we store it (E.164), that a telephone network may have given out."""
    return is_stored_phone(text) if isinstance(text, str) else True


def is_siret(text: Any) -> bool:
    """Fourteen digits whose Luhn sum is a multiple of ten, or of five for La Poste (356000000), which ran out of Luhn
    numbers.
    """
    if not isinstance(text, str):
        return True
    if not re.fullmatch(r"[0-9]{14}", text):
        return False
    if text.startswith("356000000"):
        return sum(map(int, text)) % 5 == 0
    doubled = [int(digit) * (2 if rank % 2 else 1) for rank, digit in enumerate(reversed(text))]
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def is_iban(text: Any) -> bool:
    """An account number without spaces whose check digits are right (ISO 13616, ISO 7064 MOD 97-10)."""
    if not isinstance(text, str):
        return True
    if not re.fullmatch(r"[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}", text):
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def is_day(text: Any) -> bool:
    """A day of the calendar written YYYY-MM-DD."""
    if not isinstance(text, str):
        return True
    try:
        return bool(re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text)) and bool(date.fromisoformat(text))
    except ValueError:
        return False


def compile_schema(schema: dict[str, Any]) -> Draft202012Validator:
    """A validator of `schema`; raises `ValueError` when a keyword or a regular expression cannot be compiled."""
    return Draft202012Validator(
        schema,
        formats={"phone": is_phone, "siret": is_siret, "iban": is_iban},
        validate_formats=True,
        pattern_options=RegexOptions(size_limit=1_000_000),
        email_options=EmailOptions(require_tld=True, allow_domain_literal=False, allow_display_text=False),
        offline=True,
    )
