"""Calendars: a booking as an iCalendar file, a resource's bookings as a feed (RFC 5545). Pure; never sends it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from icalendar import Calendar, Event

if TYPE_CHECKING:
    from desk.bookings import Booking


def calendar_file(booking: "Booking", *, name: str, place: str, url: str, now: datetime) -> bytes:
    """The booking as one VEVENT. Its UID is stable, so that a second file replaces the first in the citizen's
    calendar."""
    event = Event()
    event.add("uid", f"{booking.id}@parvis")
    event.add("dtstamp", now.astimezone(UTC))
    event.add("dtstart", booking.slot.begin.astimezone(UTC))
    event.add("dtend", booking.slot.until.astimezone(UTC))
    event.add("summary", name)
    event.add("status", "CONFIRMED" if booking.state == "booked" else "TENTATIVE")
    if place:
        event.add("location", place)
    if url:
        event.add("url", url)
    calendar = Calendar()
    calendar.add("prodid", "-//Parvis//Agenda//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(event)
    return calendar.to_ical()


def calendar_feed(bookings: "Iterable[Booking]", *, name: str, place: str, now: datetime) -> bytes:
    """The bookings of one resource, for a calendar that follows it. Says when it is taken, never by whom."""
    calendar = Calendar()
    calendar.add("prodid", "-//Parvis//Agenda//FR")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval;value=duration", "PT1H")
    for booking in bookings:
        is_booked = booking.state == "booked"
        event = Event()
        event.add("uid", f"{booking.id}@parvis")
        event.add("dtstamp", now.astimezone(UTC))
        event.add("dtstart", booking.slot.begin.astimezone(UTC))
        event.add("dtend", booking.slot.until.astimezone(UTC))
        event.add("summary", f"{name} : {'réservé' if is_booked else 'option'}")
        event.add("status", "CONFIRMED" if is_booked else "TENTATIVE")
        event.add("location", place or name)
        calendar.add_component(event)
    return calendar.to_ical()
