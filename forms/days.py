"""Days and times as people type, read and bound them, in French and English. `now` decides what today is, in Paris.
Never raises.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date
from dateutil.relativedelta import relativedelta

from forms.elements import Language

PARIS = ZoneInfo("Europe/Paris")
MONTHS = {
    name: month
    for month, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev february feb",
            "mars march mar",
            "avril avr april apr",
            "mai may",
            "juin june jun",
            "juillet juil july jul",
            "aout august aug",
            "septembre sept september sep",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
WHOLE_DATE = re.compile(r"([0-9]{1,2})(?:er)?[\s/.\-]+([0-9]{1,2}|[a-zA-Zéûôèê]+\.?)[\s/.\-]+([0-9]{4})")
RELATIVE = re.compile(r"today(?:([+-])([0-9]{1,5})([dwmy]))?")
UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}
CLOCK = re.compile(r"([0-9]{1,2})\s*(?:[:hH.]\s*([0-9]{2})?)?(?::([0-9]{2}))?\s*(?:h|min)?")


def read_month(text: str) -> int | None:
    """A month typed as a number or a name, with or without accents."""
    if re.fullmatch(r"[0-9]{1,2}", text):
        return int(text)
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower().strip(". ")
    return MONTHS.get(plain)


def read_day(day: str, month: str, year: str) -> str | None:
    """Three typed parts as YYYY-MM-DD; None when no such day exists."""
    number = read_month(month)
    if not re.fullmatch(r"[0-9]{1,2}", day) or number is None or not re.fullmatch(r"[0-9]{4}", year):
        return None
    try:
        return date(int(year), number, int(day)).isoformat()
    except ValueError:
        return None


def read_whole_day(text: str) -> str | None:
    """A date typed at once: “3/2/2027”, “3 février 2027”, “2027-02-03”."""
    if match := re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", text):
        return read_day(match[3], match[2], match[1])
    match = WHOLE_DATE.fullmatch(text)
    return read_day(match[1], match[2], match[3]) if match else None


def read_time(text: str) -> str | None:
    """A time of day as HH:MM:SSZ (the format asks for an offset; Z here means “local time”)."""
    if re.fullmatch(r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:[zZ]|[+-][0-9]{2}:[0-9]{2})", text):
        return text
    match = CLOCK.fullmatch(text)
    if match is None or int(match[1]) > 23 or int(match[2] or 0) > 59 or int(match[3] or 0) > 59:
        return None
    return f"{int(match[1]):02}:{match[2] or '00'}:{match[3] or '00'}Z"


def read_moment(text: str) -> str | None:
    """A day and a time of Paris, or an RFC 3339 date-time kept as it is."""
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[tT][0-9:.]+(?:[zZ]|[+-][0-9]{2}:[0-9]{2})", text):
        return text
    day_text, _, time_text = text.replace(" à ", " ").replace("T", " ").partition(" ")
    day, time = read_whole_day(day_text), read_time(time_text.strip())
    if day is None or time is None:
        return None
    return datetime.fromisoformat(f"{day}T{time[:8]}").replace(tzinfo=PARIS).isoformat()


def bound(text: str, now: datetime) -> date | None:
    """The day an option means: “2027-01-31”, “today”, “today+3d”, “today-18y”; None when it means none."""
    if match := RELATIVE.fullmatch(text):
        today = now.astimezone(PARIS).date()
        if match[1] is None:
            return today
        try:
            amount = int(match[1] + match[2])
            return today + (timedelta(amount) if match[3] == "d" else relativedelta(**{UNITS[match[3]]: amount}))  # pyright: ignore
        except (ValueError, OverflowError):
            return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def written_day(day: date, language: Language, weekday: bool = False) -> str:
    """A day as people say it: “mardi 1er décembre 2026”, “Tuesday 1 December 2026”."""
    written = format_date(day, "EEEE d MMMM y" if weekday else "d MMMM y", locale=language)
    return re.sub(r"\b1 ", "1er ", written, count=1) if language == "fr" and day.day == 1 else written


def written_moment(text: str, language: Language) -> str:
    """An RFC 3339 date-time as people say it, in Paris; the text itself when it is none."""
    try:
        moment = datetime.fromisoformat(text.replace("z", "Z")).astimezone(PARIS)
    except (ValueError, OverflowError):
        return text
    clock = moment.strftime("%H h %M") if language == "fr" else moment.strftime("%H:%M")
    return f"{written_day(moment.date(), language)}{' à ' if language == 'fr' else ' at '}{clock}"


def typed_moment(text: str) -> str:
    """A date-time as it stands in an input: typed short when that reads back as the same text, else as stored."""
    try:
        moment = datetime.fromisoformat(text.replace("z", "Z"))
        short = moment.astimezone(PARIS).strftime("%d/%m/%Y %H:%M")
    except (ValueError, OverflowError):
        return text
    return short if read_moment(short) == text else text


def typed_time(text: str) -> str:
    """A time as it stands in an input: “14:30” when that reads back as the same text, else as stored."""
    return text[:5] if read_time(text[:5]) == text else text
