"""Calendars: a booking as an iCalendar file (RFC 5545). Pure; never sends it."""

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
