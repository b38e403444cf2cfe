"""Asking: how an inhabitant fills in each procedure's form. Answers are checked like anybody's before they are
filed.
"""

from collections.abc import Awaitable, Callable
from datetime import date, datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from desk import bookings
from server.town.inhabitants import Inhabitant
from server.town.stories import ASSOCIATIONS, DANGERS, PURPOSES, near, problem

PARIS = ZoneInfo("Europe/Paris")
KINDS = {"self": 12, "descendant": 5, "ascendant": 3, "spouse": 2}
Attach = Callable[[str, str], Awaitable[dict[str, str]]]
"""Stores a file for the draft: (field, name) → the answer's entry."""


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is about to file."""

    procedure: str
    form: str
    answers: dict[str, Any]


async def report(chance: Random, who: Inhabitant, now: datetime, attach: Attach) -> Wish | None:
    """Something wrong in the street."""
    category, spot, description = problem(chance)
    contact = "none" if chance.random() < 0.12 else "email" if who.email else "phone"
    answers: dict[str, Any] = {
        "category": category,
        "place": {"address": spot.place, **(near(chance, spot) if chance.random() < 0.75 else {})},
        "district": spot.district,
        "danger": category in DANGERS and chance.random() < 0.12,
        "description": description,
        "contact": contact,
    }
    if answers["danger"]:
        answers["danger_explanation"] = DANGERS[category]
    if chance.random() < 0.35:
        answers["photos"] = [await attach("/photos", "photo.jpg")]
    if contact != "none":
        answers |= {"name": who.name, contact: who.email if contact == "email" else who.phone}
    return Wish(procedure="incident_report", form="report", answers=answers)


async def booking(chance: Random, who: Inhabitant, now: datetime, attach: Attach) -> Wish | None:
    """A room for an event, on a slot that is free; nobody insists when none is."""
    kind, purpose, people = chance.choice(PURPOSES)
    if who.email is None:
        return None
    slot = await _free_slot(chance, kind, people, now)
    if slot is None:
        return None
    answers: dict[str, Any] = {
        "applicant_kind": kind,
        "resident": chance.random() < 0.8,
        **_person(who),
        "email": who.email,
        "phone": who.phone,
        "purpose": purpose,
        "attendance": people,
        "room": slot.resource,
        "slot": slot.key,
        "rules_accepted": True,
    }
    if kind == "association":
        answers["association_name"] = chance.choice(ASSOCIATIONS)
    if chance.random() < 0.7:
        answers["insurance"] = [await attach("/insurance", "attestation-assurance.pdf")]
    return Wish(procedure="room_booking", form="booking", answers=answers)


async def certificate(chance: Random, who: Inhabitant, now: datetime, attach: Attach) -> Wish | None:
    """A copy of an act of the town's registers."""
    act = chance.choices(("birth", "marriage", "death"), (7, 2, 2))[0]
    past = date(1940, 1, 1) + timedelta(days=chance.randint(0, 29_000))
    answers: dict[str, Any] = {
        "here": True,
        f"{act}_date": past.isoformat(),
        "given_names": who.given_name,
        "family_name": who.family_name,
        "applicant_given_name": who.given_name,
        "applicant_family_name": who.family_name,
        "address": _person(who)["address"],
        "dispatch": "post" if chance.random() < 0.6 else "counter",
    }
    if act == "marriage":
        answers |= {
            "spouse_given_names": "Dominique",
            "spouse_family_name": chance.choice(("Marchal", "Renaud", "Colin")),
        }
    if act != "death":
        answers |= await _copy(chance, attach)
    if who.email:
        answers["email"] = who.email
    if not who.email or chance.random() < 0.4:
        answers["phone"] = who.phone
    return Wish(procedure="civil_status_certificate", form=act, answers=answers)


async def _copy(chance: Random, attach: Attach) -> dict[str, Any]:
    kind = chance.choices(("full", "with_parentage", "without_parentage"), (6, 2, 3))[0]
    if kind == "without_parentage":
        return {"copy_kind": kind}
    return {
        "copy_kind": kind,
        "quality": chance.choices(list(KINDS), list(KINDS.values()))[0],
        "parents": "Jean et Marie, née Dubois",
        "identity": [await attach("/identity", "piece-identite.pdf")],
    }


def _person(who: Inhabitant) -> dict[str, Any]:
    return {"given_name": who.given_name, "family_name": who.family_name, "address": who.address}


async def _free_slot(chance: Random, kind: str, people: int, now: datetime) -> bookings.Slot | None:
    rooms = [room for room in await bookings.resources() if people <= (room.capacity or 0)]
    if kind == "individual":
        rooms = [room for room in rooms if room.slug != "gymnase-leo-lagrange"]
    for _ in range(6):
        day = now.astimezone(PARIS).date() + timedelta(days=chance.randint(8, 45))
        offered = await bookings.slots_of_day(chance.choice(rooms).slug, day, now)
        free = [one.slot for one in offered if one.state == "free"]
        if free:
            return chance.choice(free)
    return None
