"""Weeks: the openings of a resource as people write them (`8h–13h, 13h30–18h30`), one text a weekday. Pure."""

import re
from collections.abc import Iterable, Sequence
from datetime import time, timedelta

import msgspec

from desk.errors import OpeningsBackwards, OpeningsOverlap, OpeningsUnreadable, TooManyOpenings
from desk.slots import ZONE, Opening, Slot, slots_on

LONGEST = 200
MOST_A_DAY = 12
LATEST_NEXT_MORNING = time(6)
"""An end that is not after its start is the next morning's, up to this hour; later it is a mistake."""

_HOUR = r"(\d{1,2})(?: ?(?:h|:|\.) ?(\d{2})?)?"
_SPAN = re.compile(rf"(?:de |from )?{_HOUR} ?(?:-|–|—|à|to|until) ?{_HOUR}", re.IGNORECASE)
_BETWEEN = re.compile(r"[,;\n]| et | and ")

_DAY = timedelta(days=1)
_WEEK = 7 * _DAY


class _Laid(msgspec.Struct, frozen=True):
    """An opening on the line of the week, from Monday 0:00."""

    begin: timedelta
    until: timedelta
    opening: Opening


def read_day(weekday: int, text: str) -> tuple[Opening, ...]:
    """The openings of a weekday (1 is Monday), in order; none when it is empty.

    Raises `OpeningsUnreadable`, `OpeningsBackwards`, `TooManyOpenings`.
    """
    if len(text) > LONGEST:
        raise OpeningsUnreadable(piece=text[:20])
    pieces = [" ".join(each.split()) for each in _BETWEEN.split(text.replace("\u00a0", " ").replace("\u202f", " "))]
    found = [_read_span(weekday, piece) for piece in pieces if piece]
    if len(found) > MOST_A_DAY:
        raise TooManyOpenings(piece="")
    return tuple(sorted(found, key=lambda each: each.begin))


def refuse_overlaps(openings: Sequence[Opening]) -> None:
    """Raises `OpeningsOverlap` for the first that begins before another one ends, Sunday's night on Monday included."""
    laid = sorted((_lay(each) for each in openings), key=lambda each: each.begin)
    # The first of the next week closes the circle.
    following = [*laid[1:], *(msgspec.structs.replace(each, begin=each.begin + _WEEK) for each in laid[:1])]
    for first, second in zip(laid, following, strict=True):
        if second.begin < first.until and first.opening is not second.opening:
            piece, other = write(second.opening, "fr"), write(first.opening, "fr")
            raise OpeningsOverlap(weekday=second.opening.weekday, piece=piece, other=other)


def uncovered(slots: Iterable[Slot], openings: Sequence[Opening], *, timezone: str = ZONE) -> tuple[Slot, ...]:
    """Those that are not wholly within the openings; openings that touch count as one."""
    return tuple(each for each in slots if not _is_covered(each, openings, timezone))


def write_day(weekday: int, openings: Iterable[Opening], language: str) -> str:
    """The openings of a weekday, as `read_day` reads them."""
    return ", ".join(write(each, language) for each in openings if each.weekday == weekday)


def write(opening: Opening, language: str) -> str:
    """One span: “8h30–13h” in French, “08:30–13:00” in English."""
    said = _said_in_french if language == "fr" else _said_in_english
    return f"{said(opening.begin)}–{said(opening.until)}"


def _is_covered(slot: Slot, openings: Sequence[Opening], timezone: str) -> bool:
    first, last = slot.begin.date() - _DAY, slot.until.date()
    days = (first + count * _DAY for count in range((last - first).days + 1))
    reached = slot.begin
    for day in days:
        for offered in slots_on(slot.resource, day, openings, timezone=timezone):
            if offered.begin <= reached < offered.until:
                reached = offered.until
    return reached >= slot.until


def _read_span(weekday: int, piece: str) -> Opening:
    found = _SPAN.fullmatch(piece)
    if found is None:
        raise OpeningsUnreadable(piece=piece)
    begin, until = _time(found[1], found[2]), _time(found[3], found[4])
    if begin is None or until is None or found[1] == "24":
        raise OpeningsUnreadable(piece=piece)
    if (until <= begin and until > LATEST_NEXT_MORNING) or until == begin:
        raise OpeningsBackwards(piece=piece)
    return Opening(weekday=weekday, begin=begin, until=until, label="")


def _time(hour: str, minute: str | None) -> time | None:
    hours, minutes = int(hour), int(minute or 0)
    if (hours, minutes) == (24, 0):
        return time(0)
    return time(hours, minutes) if hours < 24 and minutes < 60 else None


def _lay(opening: Opening) -> _Laid:
    midnight = (opening.weekday - 1) * _DAY
    begin, until = midnight + _since_midnight(opening.begin), midnight + _since_midnight(opening.until)
    return _Laid(begin, until if until > begin else until + _DAY, opening)


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute)


def _said_in_french(moment: time) -> str:
    return f"{moment.hour}h{moment.minute:02d}" if moment.minute else f"{moment.hour}h"


def _said_in_english(moment: time) -> str:
    return f"{moment:%H:%M}"
