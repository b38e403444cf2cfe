"""What a town offers and how it went: rooms and their slots, scores, figures by department; and drafts of a person."""

from datetime import datetime, timedelta

from desk import bookings, surveys
from tests.api.conftest import Asking
from tests.api.test_town import a_town, submitted
from tests.desk.builders import a_case as a_case_of_the_desk
from tests.desk.builders import a_draft, a_room
from tests.web.conftest import Clock

DAY = "2026-12-05"


async def test_rooms_and_the_free_slots_of_a_day_are_told(asking: Asking, now: datetime) -> None:
    await a_room(now)
    client = await asking(scopes=["read"])
    [room] = (await client.get("/api/resources")).json()
    address = f"/api/resources/{room['slug']}/slots"
    first = (await bookings.slots_of_day(room["slug"], datetime.fromisoformat(DAY).date(), now))[0].slot

    await bookings.hold((await a_draft(now)).id, first, now)

    slots = (await client.get(address, params={"day": DAY})).json()
    assert [(each["label"], each["isFree"]) for each in slots] == [
        ("morning", False),
        ("afternoon", True),
        ("evening", True),
    ]
    assert slots[0]["value"] == first.key
    assert (await client.get(address, params={"day": "2036-01-01"})).status_code == 400
    assert (await client.get("/api/resources/nothing/slots", params={"day": DAY})).status_code == 404


async def test_scores_are_told_of_the_procedures_a_client_may_see(asking: Asking, now: datetime, clock: Clock) -> None:
    case = await a_case_of_the_desk(now)
    _, token = await surveys.invite(case, secret=b"secret of the town", key="job-1", now=now)
    await surveys.answer(token, score=4, comment="", now=now)
    client, kept = await asking(scopes=["figures"]), await asking(scopes=["figures"], procedures=["permit"])
    clock.now += timedelta(hours=1)

    [score] = (await client.get("/api/surveys")).json()

    assert score["figures"]["answered"] == 1
    assert (await kept.get("/api/surveys")).json() == []


async def test_figures_of_departments_are_for_clients_of_all_procedures(
    asking: Asking, now: datetime, clock: Clock
) -> None:
    await a_town(now)
    client, kept = await asking(), await asking(procedures=["petition"])
    await submitted(client)
    clock.now += timedelta(hours=1)

    found = await client.get("/api/figures/departments")

    assert (list(found.json()), found.json()["voirie"]["filed"]) == (["voirie"], 1)
    assert (await kept.get("/api/figures/departments")).status_code == 403


async def test_a_person_has_the_drafts_that_were_begun_for_them(asking: Asking, now: datetime) -> None:
    await a_town(now)
    client = await asking()
    begun = (await client.post("/api/drafts", json={"procedure": "petition", "person": "42"})).json()
    address, person = f"/api/drafts/{begun['id']}", {"person": "42"}

    assert [each["id"] for each in (await client.get("/api/drafts", params=person)).json()] == [begun["id"]]
    assert (await client.get("/api/drafts", params={"person": "43"})).json() == []
    assert (await client.get(address, params=person)).json()["id"] == begun["id"]
    assert (await client.get("/api/procedures/petition")).json()["slug"] == "petition"
    assert (await client.delete(address, params=person)).status_code == 204
    assert (await client.get(address, params=person)).status_code == 404
    assert (await client.get("/api/drafts", params=person)).json() == []
