"""Language: the words of the screens. Code and templates speak English; gettext catalogues in `locale/` say it in
French.

Catalogues are compiled in memory at start (no binary is committed).
The language of a request lives in a context variable,
set by `web.pages.visit`, because Jinja asks for translations without saying for whom.
"""

import gettext
from contextvars import ContextVar, Token
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_time
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from forms.typography import typeset

LANGUAGES = ("fr", "en")
LOCALES = Path(__file__).parents[2] / "locale"

_spoken: ContextVar[str] = ContextVar("parvis_language", default="fr")


def choose(asked: str, remembered: str, default: str) -> str:
    """The language to answer in: the one asked for, else the one chosen before, else the town's."""
    return next((code for code in (asked, remembered, default) if code in LANGUAGES), "fr")


def speak(code: str) -> Token[str]:
    """From now on, in this request, speak this language; hand the result to `hush`."""
    return _spoken.set(code)


def hush(marker: Token[str]) -> None:
    """Back to what was spoken before."""
    _spoken.reset(marker)


def spoken() -> str:
    """The language of the current request."""
    return _spoken.get()


@cache
def translations(code: str) -> gettext.NullTranslations:
    """All catalogues of a language as one. English needs none: message ids are English sentences."""
    merged = Catalog(locale=code)
    for path in sorted((LOCALES / code / "LC_MESSAGES").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=code):
                if message.id:
                    merged[message.id] = message
                else:
                    merged.mime_headers = [("Content-Type", "text/plain; charset=utf-8")]
    if not len(merged):
        return gettext.NullTranslations()
    compiled = BytesIO()
    write_mo(compiled, merged)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def translate(message: str) -> str:
    """The message in the language of the request."""
    return translations(spoken()).gettext(message)


def translate_plural(singular: str, plural: str, count: int) -> str:
    """The singular or plural message in the language of the request."""
    return translations(spoken()).ngettext(singular, plural, count)


def say_day(moment: datetime | date, timezone: ZoneInfo, today: date) -> str:
    """“mardi 1er décembre”, with the year when it is another one than today's."""
    day, code = _local(moment, timezone), spoken()
    if code == "en":
        return format_date(day, "EEEE d MMMM" if day.year == today.year else "EEEE d MMMM y", locale="en_GB")
    text = format_date(day, "EEEE d MMMM" if day.year == today.year else "EEEE d MMMM y", locale="fr_FR")
    return text.replace(" 1 ", " 1er ", 1) if day.day == 1 else text


def say_short_day(moment: datetime | date, timezone: ZoneInfo, today: date) -> str:
    """“1er déc.”, for tables."""
    day = _local(moment, timezone)
    pattern = "d MMM" if day.year == today.year else "d MMM y"
    text = format_date(day, pattern, locale="en_GB" if spoken() == "en" else "fr_FR")
    return text.replace("1 ", "1er ", 1) if spoken() == "fr" and day.day == 1 else text


def say_hour(moment: datetime, timezone: ZoneInfo) -> str:
    """“14 h 02” or “2:02 pm”."""
    local = moment.astimezone(timezone)
    if spoken() == "en":
        return format_time(local, "h:mm a", locale="en_GB")
    return f"{local.hour} h {local.minute:02d}" if local.minute else f"{local.hour} h"


def say_money(amount: Any) -> str:
    """“12,50 €”; whole euros without cents."""
    value = Decimal(str(amount))
    locale = "en_GB" if spoken() == "en" else "fr_FR"
    if value == value.to_integral_value():
        return format_currency(
            value, "EUR", "#,##0 ¤" if spoken() == "fr" else "¤#,##0", locale=locale, currency_digits=False
        )
    return format_currency(value, "EUR", locale=locale)


def say_number(amount: Any) -> str:
    """A number with the separators of the language."""
    return format_decimal(amount, locale="en_GB" if spoken() == "en" else "fr_FR")


def say_size(octets: int) -> str:
    """“1,2 Mo” or “1.2 MB”."""
    units = ("o", "ko", "Mo", "Go") if spoken() == "fr" else ("B", "kB", "MB", "GB")
    size, unit = float(octets), 0
    while size >= 1000 and unit < len(units) - 1:
        size, unit = size / 1000, unit + 1
    return f"{say_number(round(size, 1 if unit > 1 else 0))} {units[unit]}"


def say_phone(number: str) -> str:
    """“02 41 00 00 00” when it is French, unchanged otherwise."""
    digits = "".join(character for character in number if character.isdigit())
    if number.startswith("+33") and len(digits) == 11:
        digits = "0" + digits[2:]
    if len(digits) == 10 and digits.startswith("0"):
        return " ".join(digits[start : start + 2] for start in range(0, 10, 2))
    return number


def pick(texts: Any) -> str:
    """The text of this language in `{"fr": …, "en": …}` (or a struct with those fields); French when there is no
    other."""
    if texts is None:
        return ""
    if isinstance(texts, str):
        return texts
    found = texts.get if isinstance(texts, dict) else lambda code: getattr(texts, code, None)
    text = str(found(spoken()) or found("fr") or "")
    return typeset(text) if spoken() == "fr" else text


def _local(moment: datetime | date, timezone: ZoneInfo) -> date:
    return moment.astimezone(timezone).date() if isinstance(moment, datetime) else moment
