"""The screens of rooms, over the real application: time around bookings, closures, and who waits."""

from datetime import timedelta
from uuid import uuid4

import pytest

from desk import bookings, resources, waiting
from tests.admin.test_connection_pages import claire
from tests.desk.builders import a_case, a_room
from tests.desk.test_bookings import SATURDAY, slot_of

__all__ = ["claire"]

HALL = "/admin/salles/salle-des-fetes"
WEEK = {f"day_{day}": "9h–13h, 14h–18h, 19h–1h" for day in range(1, 8)}


def filled(**changes: str) -> dict[str, str]:
    """The form of the hall as `a_room` has it."""
    facts = {"name_fr": "Salle des fêtes", "place": "2 rue du Port", "capacity": "200", "before": "0", "after": "0"}
    return {**facts, "active": "1", **WEEK, **changes}


async def test_the_time_around_bookings_is_set_on_a_screen(claire, now):
    await a_room(now)
    given = filled(before="15", after="30")

    wrong = await claire.send(HALL, {**given, "after": "une heure"}, page=HALL)
    kept = await claire.send(HALL, given, page=HALL)
    listed = await claire.open("/admin/salles")
    room = await bookings.resource("salle-des-fetes")

    assert wrong.status_code == 422 and "nombre entier" in wrong.text and "une heure" in wrong.text
    assert "C’est enregistré" in kept.text and "Salle des fêtes" in listed.text
    assert (room.before_minutes, room.after_minutes, room.capacity) == (15, 30, 200)
    assert len(await bookings.slots_of_day("salle-des-fetes", now.date() + timedelta(days=3), now)) == 3, (
        "openings stay"
    )


async def test_a_room_is_created_with_its_week_and_can_be_booked_the_same_day(claire, now):
    given = filled(name_fr="Salle Étoile", name_en="Star room", equipment="tables, chaises", day_2="8h–12h, 12h–14h30")

    empty = await claire.open("/admin/salles/nouvelle")
    added = await claire.send("/admin/salles", given, page="/admin/salles/nouvelle")
    room = await resources.resource("salle-etoile")
    offered = await bookings.slots_of_day("salle-etoile", now.date() + timedelta(days=7), now)

    assert "Ouvertures de la semaine" in empty.text and "C’est ajouté" in added.text
    assert (room.name, room.equipment, room.active) == (
        {"fr": "Salle Étoile", "en": "Star room"},
        ("tables", "chaises"),
        True,
    )
    assert [f"{each.slot.begin:%H:%M}-{each.slot.until:%H:%M}" for each in offered] == ["08:00-12:00", "12:00-14:30"]
    assert 'value="8h–12h, 12h–14h30"' in added.text, "the week is shown as it is typed"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"day_1": "14h–9h"}, "finit avant de commencer"),
        ({"day_1": "8h–12h, 11h–13h"}, "« 11h–13h » chevauche « 8h–12h »"),
        ({"day_2": "0h30–3h"}, "« 0h30–3h » chevauche « 19h–1h »"),
        ({"day_7": "le soir"}, "« le soir » n’est pas une plage"),
        ({"name_fr": ""}, "Cette réponse est nécessaire"),
        ({"slug": "Salle A/B"}, "Minuscules sans accent"),
        ({"capacity": "beaucoup"}, "nombre entier de personnes"),
        ({"slug": "salle-des-fetes"}, "porte déjà ce nom court"),
    ],
)
async def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_lost(claire, now, changes, said):
    await a_room(now)
    given = filled(name_fr="Préau", place="Cour de l’école") | changes

    answered = await claire.send("/admin/salles", given, page="/admin/salles/nouvelle")

    (name,) = changes
    beside = answered.text.split(f'id="f-{name}-error">')[1].split("</p>")[0]
    assert answered.status_code == 422 and said in beside.replace("\u00a0", " ")
    assert "Cour de l’école" in answered.text and [each.slug for each in await resources.resources()] == [
        "salle-des-fetes"
    ]


async def test_bookings_outside_the_new_openings_stay_and_are_listed(claire, now):
    await a_room(now)
    morning, evening = await slot_of(now), await slot_of(now, "evening")
    case, other = await a_case(now), await a_case(now)
    await bookings.book(case, morning, now)
    await bookings.book(other, evening, now)

    before = await claire.open(HALL)
    kept = await claire.send(HALL, filled(day_6="9h–13h, 14h–18h"), page=HALL)
    saturday = await bookings.slots_of_day("salle-des-fetes", SATURDAY, now)

    assert "hors des ouvertures" not in before.text
    assert "1 réservation est hors des ouvertures" in kept.text
    assert f"/agent/dossiers/{other}" in kept.text and f"/agent/dossiers/{case}" not in kept.text
    assert [each.state for each in await bookings.of_case(other)] == ["booked"]
    assert [each.slot.label for each in saturday] == ["morning", "afternoon"], "labels stay with their spans"


async def test_a_closure_is_set_and_taken_back_and_who_waited_is_served(claire, now):
    await a_room(now)
    slot, case = await slot_of(now), await a_case(now)
    closure = {"first_day": "2026-12-01", "last_day": "2026-12-10", "reason": "travaux"}

    wrong = await claire.send(f"{HALL}/fermer", {**closure, "last_day": "2026-11-30"}, page=HALL)
    closed = await claire.send(f"{HALL}/fermer", closure, page=HALL)
    await waiting.join(case, slot, "option", now, job_id=uuid4())
    shown = await claire.open(HALL)
    address = shown.text.split('action="' + HALL + "/rouvrir/")[1].split('"')[0]
    await claire.send(f"{HALL}/rouvrir/{address}", {}, page=HALL)

    assert wrong.status_code == 422 and "Donnez deux jours" in wrong.text
    assert "travaux" in closed.text and "1 demande attend un créneau" in shown.text
    assert [each.state for each in await bookings.of_case(case)] == ["option"]


async def test_a_room_that_is_not_there_is_not_found(claire, now):
    assert (await claire.open("/admin/salles/lune")).status_code == 404
