"""Quantities: numbers as people type and read them in French and English (“1 250,50”, “1,250.50”). Never raises."""

import re
from decimal import Decimal

from forms.elements import Language

SPACES = re.compile(r"[\s'\u2019]")
PLAIN = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
LONGEST = 400


def read_number(text: str, language: Language, unit: str = "") -> int | float | None:
    """The number a person typed; None when it is none. A comma is decimal in French and, in English, unless it groups
    thousands.
    """
    bare = SPACES.sub("", text.strip().removesuffix(unit or "€").removesuffix("€"))
    bare = bare.replace("\u2212", "-")
    if len(bare) > LONGEST:
        return None
    plain = _with_point(bare, language)
    if not PLAIN.fullmatch(plain):
        return None
    if re.fullmatch(r"[+-]?[0-9]+", plain):
        return int(plain)
    number = float(plain)
    if number in {float("inf"), float("-inf")}:
        return None
    return int(number) if number.is_integer() and abs(number) < 2**53 else number


def _with_point(text: str, language: Language) -> str:
    commas, points = text.count(","), text.count(".")
    if commas and points:
        grouping = "," if text.rindex(".") > text.rindex(",") else "."
        return text.replace(grouping, "").replace(",", ".")
    if points > 1:
        return text.replace(".", "")
    if commas > 1 or (commas and language == "en" and re.fullmatch(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+", text)):
        return text.replace(",", "")
    return text.replace(",", ".")


def decimals(text: str, language: Language) -> int:
    """How many decimals were typed."""
    plain = _with_point(SPACES.sub("", text.strip().removesuffix("€")), language)
    return len(plain.rpartition(".")[2]) if "." in plain else 0


def typed_number(number: float, language: Language) -> str:
    """A number as it stands in an input: no grouping, and read back as the same number."""
    plain = str(number) if isinstance(number, int) else format(Decimal(repr(number)), "f")
    return plain.replace(".", ",") if language == "fr" else plain


def typed_money(amount: float, language: Language) -> str:
    """An amount as it stands in an input: two decimals where there are some cents."""
    if isinstance(amount, int) or round(amount, 2) != amount:
        return typed_number(amount, language)
    return f"{amount:.2f}".replace(".", "," if language == "fr" else ".")


def written_number(number: float, language: Language) -> str:
    """A number as a text shows it: “1 250,5”, “1,250.5”."""
    plain = str(number) if isinstance(number, int) else format(Decimal(repr(number)), "f")
    return _grouped(plain, language)


def written_money(number: float, language: Language) -> str:
    """An amount in euros: “1 250,50 €”, “€1,250.50”, cents only where there are some."""
    amount = Decimal(repr(number))
    plain = format(amount, ".0f") if amount == amount.to_integral_value() else format(amount, ".2f")
    grouped = _grouped(plain.removeprefix("-"), language)
    sign = "\u2212" if amount < 0 else ""
    return f"{sign}{grouped}\u00a0€" if language == "fr" else f"{sign}€{grouped}"


def _grouped(plain: str, language: Language) -> str:
    sign = "\u2212" if plain.startswith("-") else ""
    whole, point, rest = plain.removeprefix("-").partition(".")
    parts: list[str] = []
    while len(whole) > 3:
        whole, parts = whole[:-3], [whole[-3:], *parts]
    mark, separator = (",", "\u202f") if language == "fr" else (".", ",")
    return sign + separator.join([whole, *parts]) + (mark + rest if point else "")
