"""Wording: values as people write them in French and English: dates, times, numbers, telephones, yes and no. Pure."""

import re
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?)(?:@[\w/+-]+|\[[\w/+-]+\])?"
)
CLOCK = re.compile(r"(\d{2}:\d{2})(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})?(?:@[\w/+-]+)?")
PHONE = re.compile(r"\+33([1-9])(\d{2})(\d{2})(\d{2})(\d{2})")
YES_NO = {"fr": ("oui", "non"), "en": ("yes", "no")}


def said(value: Any, language: str, timezone: str = "Europe/Paris") -> str:
    """The value as a sentence can hold it; nothing is an empty text. ISO 8601 texts are dates, moments or times."""
    match value:
        case None:
            return ""
        case bool():
            return YES_NO[language][0 if value else 1]
        case int() | float() | Decimal():
            return _number(value, language)
        case datetime():
            return said_moment(value, language, timezone)
        case date():
            return said_day(value, language)
        case time():
            return said_time(value, language)
        case list() | tuple():
            return ", ".join(filter(None, (said(each, language, timezone) for each in value)))
        case dict():
            return ""
        case str():
            return _text(value, language, timezone)
        case _:
            return str(value)


def said_day(day: date, language: str) -> str:
    """« mardi 1er décembre 2026 », “Tuesday 1 December 2026”."""
    if language == "en":
        return format_date(day, "EEEE d MMMM y", "en")
    words = format_date(day, "EEEE d MMMM y", "fr")
    return words.replace(" 1 ", " 1er ", 1) if day.day == 1 else words


def said_time(moment: time, language: str) -> str:
    """« 9 h », « 9 h 30 »; “9:00”, “9:30”."""
    if language == "en":
        return f"{moment.hour}:{moment.minute:02d}"
    return f"{moment.hour} h {moment.minute:02d}" if moment.minute else f"{moment.hour} h"


def said_moment(moment: datetime, language: str, timezone: str = "Europe/Paris") -> str:
    """The day and the time in the town's time zone; a moment without offset is in it already."""
    local = moment.astimezone(ZoneInfo(timezone)) if moment.tzinfo else moment
    joint = "at" if language == "en" else "à"
    return f"{said_day(local.date(), language)} {joint} {said_time(local.time(), language)}"


def _number(value: float | Decimal, language: str) -> str:
    pattern = "#,##0" if value == int(value) else "#,##0.00"
    return format_decimal(value, pattern, "fr" if language == "fr" else "en")


def _text(value: str, language: str, timezone: str) -> str:
    if found := PHONE.fullmatch(value):
        return f"0{found[1]} {' '.join(found.groups()[1:])}"
    try:
        if DAY.fullmatch(value):
            return said_day(date.fromisoformat(value), language)
        if found := MOMENT.fullmatch(value):
            return said_moment(datetime.fromisoformat(found[1]), language, timezone)
        if found := CLOCK.fullmatch(value):
            return said_time(time.fromisoformat(found[1]), language)
    except ValueError:
        return value
    return value
