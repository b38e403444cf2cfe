"""The screens of rooms, over the real application: time around bookings, closures, and who waits."""

from datetime import timedelta
from uuid import uuid4

from desk import bookings, waiting
from tests.admin.test_connection_pages import claire
from tests.desk.builders import a_case, a_room
from tests.desk.test_bookings import slot_of

__all__ = ["claire"]

HALL = "/admin/salles/salle-des-fetes"


async def test_the_time_around_bookings_is_set_on_a_screen(claire, now):
    await a_room(now)
    given = {"place": "2 rue du Port", "capacity": "200", "before": "15", "after": "30", "active": "1"}

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
