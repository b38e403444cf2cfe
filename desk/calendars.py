"""Calendars: bookings as iCalendar files, a resource's bookings as a feed (RFC 5545). Pure; never sends them.

A season is one event with its rule; dates it does not have are exceptions (EXDATE), so that every calendar shows
exactly the bookings that exist.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec
from icalendar import Calendar, Event
from icalendar.prop import vRecur

from desk.recurrence import occurrences
from desk.seasons import Season
from desk.slots import ZONE, Slot
from desk.spans import Booking


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """What an event says besides its times. `states` are words for booked and option, or empty."""

    name: str
    place: str = ""
    url: str = ""
    states: tuple[str, str] = ("", "")


def calendar_file(booking: Booking, *, name: str, place: str, url: str, now: datetime) -> bytes:
    """The booking as one VEVENT. Its UID is stable, so that a second file replaces the first in the citizen's
    calendar."""
    return _published([_event(booking, Said(name=name, place=place, url=url), now)])


def season_file(season: Season, *, name: str, place: str, url: str, now: datetime, timezone: str = ZONE) -> bytes:
    """The season as one repeating VEVENT, for the citizen's calendar."""
    return _published(_season_events(season, Said(name=name, place=place, url=url), now, timezone))


def calendar_feed(
    bookings: Iterable[Booking],
    *,
    name: str,
    place: str,
    now: datetime,
    seasons: Iterable[Season] = (),
    timezone: str = ZONE,
) -> bytes:
    """The bookings of one resource, for a calendar that follows it; dates of `seasons` are shown by their rule. Says
    when it is taken, never by whom."""
    said = Said(name=name, place=place or name, states=("réservé", "option"))
    seasons = tuple(seasons)
    whole = {each.id for each in seasons}
    calendar = _calendar()
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval;value=duration", "PT1H")
    for each in seasons:
        for event in _season_events(each, said, now, timezone):
            calendar.add_component(event)
    for each in bookings:
        if each.season_id not in whole:
            calendar.add_component(_event(each, said, now))
    return _written(calendar)


def _season_events(season: Season, said: Said, now: datetime, timezone: str) -> list[Event]:
    """The repeating event, and dates that the rule does not give as they are (moved, or not yet confirmed) apart."""
    wished = occurrences(season.first, season.rule, timezone=timezone)
    kept = {each.slot.begin: each for each in season.bookings}
    if not kept:
        return []
    state = season.bookings[0].state
    regular = {slot.begin for slot in wished if _is_regular(slot, kept.get(slot.begin), state)}
    apart = [_event(each, said, now) for begin, each in kept.items() if begin not in regular]
    if not regular:
        return apart
    event = _bare(str(season.id), state, said, now)
    zone = ZoneInfo(timezone)
    # DTSTART is always a date of the event (RFC 5545, section 3.8.5.3): the first of the rule.
    event.add("dtstart", wished[0].begin.astimezone(zone))
    event.add("dtend", wished[0].until.astimezone(zone))
    event.add("rrule", vRecur.from_ical(season.rule))
    if without := [slot.begin.astimezone(zone) for slot in wished if slot.begin not in regular]:
        event.add("exdate", without)
    return [event, *apart]


def _is_regular(slot: Slot, booking: Booking | None, state: str) -> bool:
    return booking is not None and (booking.slot.until, booking.state) == (slot.until, state)


def _event(booking: Booking, said: Said, now: datetime) -> Event:
    event = _bare(str(booking.id), booking.state, said, now)
    event.add("dtstart", booking.slot.begin.astimezone(UTC))
    event.add("dtend", booking.slot.until.astimezone(UTC))
    return event


def _bare(uid: str, state: str, said: Said, now: datetime) -> Event:
    word = said.states[0 if state == "booked" else 1]
    event = Event()
    event.add("uid", f"{uid}@parvis")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("summary", f"{said.name} : {word}" if word else said.name)
    event.add("status", "CONFIRMED" if state == "booked" else "TENTATIVE")
    if said.place:
        event.add("location", said.place)
    if said.url:
        event.add("url", said.url)
    return event


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Parvis//Agenda//FR")
    calendar.add("version", "2.0")
    return calendar


def _published(events: Iterable[Event]) -> bytes:
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    for each in events:
        calendar.add_component(each)
    return _written(calendar)


def _written(calendar: Calendar) -> bytes:
    calendar.add_missing_timezones()
    return calendar.to_ical()
