"""Builders for the desk's tests: a case as a row, rooms, drafts. Defaults everywhere; name only what the test is
about."""

from datetime import datetime, time
from typing import Any
from uuid import UUID

from desk import bookings, drafts
from desk.bookings import Opening, Resource
from desk.drafts import Draft, Owner
from engine.encoding import json_text
from engine.ids import new_id
from engine.store.statements import run

MARIE = Owner(browser="browser-of-marie")
PAUL = Owner(browser="browser-of-paul")

ADD_CASE = """INSERT INTO engine_case (id, reference, tracking_code, procedure, definition_hash, title, state,
department, departments,
    priority, origin, channel, language, applicant_name, applicant_email, applicant_phone, applicant_digits,
    filed_by_name, filed_at,
    closed_at, waited_seconds, transfers, context)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, ARRAY[$8], 50, 'online', 'email', $9, $10, $11, $12, $13, $10, $14, $15,
    0, 0,
    $16::text::jsonb)"""


async def a_case(now: datetime, **told: Any) -> UUID:
    """A case as filing leaves it, without instance."""
    case_id = new_id(now)
    mark = case_id.hex[-6:]
    phone = told.get("phone", "06 12 34 56 78")
    await run(
        ADD_CASE,
        *(case_id, told.get("reference", f"2026-{mark}"), f"CODE{mark}", told.get("procedure", "room_booking")),
        *(told.get("definition_hash", "hash"), told.get("title", "Salle des fêtes"), told.get("state", "open")),
        *(told.get("department", "vie-associative"), told.get("language", "fr"), told.get("name", "Élodie Lefèbvre")),
        *(told.get("email", "elodie@example.org"), phone, "".join(filter(str.isdigit, phone or "")) or None, now),
        *(told.get("closed_at"), json_text(told.get("context", {}))),
    )
    return case_id


async def a_draft(now: datetime, owner: Owner = MARIE, **told: Any) -> Draft:
    """A draft of a room booking."""
    told = {"procedure": "room_booking", "form": "booking", "definition_hash": "hash"} | told
    return await drafts.begin(told.pop("procedure"), owner=owner, now=now, **told)


async def a_room(now: datetime, slug: str = "salle-des-fetes") -> Resource:
    """A room open every day: morning, afternoon, and an evening that ends after midnight."""
    room = Resource(
        slug=slug, name={"fr": "Salle des fêtes", "en": "Village hall"}, place="2 rue du Port", capacity=200
    )
    openings = tuple(
        Opening(weekday=day, begin=begin, until=until, label=label)
        for day in range(1, 8)
        for begin, until, label in (
            (time(9), time(13), "morning"),
            (time(14), time(18), "afternoon"),
            (time(19), time(1), "evening"),
        )
    )
    await bookings.define_resource(room, openings, now)
    return room
