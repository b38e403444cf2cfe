"""A whole booking, by the real connectors: option, decision, letter, messages, reminder, survey. Nothing is stubbed."""

from datetime import date, timedelta

from accounts import departments
from accounts.departments import Department
from connectors.document.content import Town
from connectors.mail.post import Smtp
from connectors.runner import Runner
from connectors.wiring import Connections, all_connectors
from desk import bookings, documents, filing, surveys
from desk.files import FileStore
from engine import cases, deployments, incidents, tasks, timers
from engine.actor import Actor
from engine.bundle import read_folder
from engine.store.statements import rows, value
from tests.connectors.postbox import PROCESSES, MailServer, body_of
from tests.desk.builders import a_room
from tests.desk.test_bookings import slot_of
from tests.desk.test_filing import ANSWERS, CITIZEN

ADMINISTRATOR = Actor(kind="administrator", name="Solène Roux")
AGENT = Actor(kind="agent", name="Nadia Benali", departments=("vie-associative",))
PAPER = {"id": "0192f0c8-0000-7000-8000-000000000000", "name": "attestation.pdf"}


async def a_town(now, server: MailServer, folder) -> Runner:
    for slug, name in (("vie-associative", "Vie associative"), ("voirie", "Voirie"), ("accueil", "Accueil")):
        await departments.upsert(Department(slug=slug, name_fr=name, name_en=name, email=f"{slug}@town.example"))
    await a_room(now)
    connections = Connections(
        smtp=Smtp(host="127.0.0.1", port=server.port, sender="mairie@town.example"),
        town=Town(name="Saint-Martin-sur-Loire"),
        files=FileStore(folder),
        secret=b"secret",
        public_url="https://mairie.example",
    )
    return Runner(all_connectors(connections), worker="test")


async def settle(runner: Runner, now) -> None:
    """Run jobs and timers until nothing is due."""
    while await timers.fire_due(50, now) + await runner.run_once(now):
        pass


async def complete(element: str, answers: dict, now) -> None:
    task = await value("SELECT id FROM engine_task WHERE element = $1 AND state IN ('open', 'claimed')", element)
    await tasks.complete(task, answers, AGENT, now)


async def test_a_room_is_booked_confirmed_reminded_and_rated(database, now, tmp_path):
    async with MailServer() as server:
        runner = await a_town(now, server, tmp_path)
        await deployments.publish(read_folder(PROCESSES / "room_booking"), ADMINISTRATOR, now)
        slot = await slot_of(now, day=date(2026, 12, 19))
        answers = ANSWERS | {"slot": slot.key, "insurance": [PAPER]}
        filed = await filing.file_answers("room_booking", answers, form="booking", key="k", by=CITIZEN, now=now)

        await settle(runner, now)
        await complete("Review", {"decision": "granted", "note": "La clé est à l’accueil."}, now)
        await settle(runner, now)
        for day in range(1, 40):
            await settle(runner, now + timedelta(days=day))

    stuck = await rows("SELECT element, message FROM engine_incident WHERE resolved_at IS NULL")
    assert [tuple(each) for each in stuck] == []
    assert (await cases.get(filed.case_id)).state == "closed"
    assert [each.state for each in await bookings.of_case(filed.case_id)] == ["booked"]
    assert [each.title for each in await documents.of_case(filed.case_id)] == ["Accord de réservation"]
    subjects = [message["Subject"] for message in server.received]
    assert len(subjects) == 3 and "accordée" in subjects[0]
    enclosed = [part.get_filename() for part in server.received[0].iter_attachments()]
    assert enclosed == ["reservation.ics", "accord-de-reservation-2026-000001.pdf"]
    assert "samedi 19 décembre 2026, de 9 h à 13 h" in body_of(server.received[0])
    token = body_of(server.received[2]).split("/enquete/")[1].split()[0]
    assert (await surveys.of_token(token, now)).case_id == filed.case_id
    assert not any("{{" in body_of(message) for message in server.received)


async def test_a_report_reaches_its_department_and_its_author(database, now, tmp_path):
    place = {"address": "Place du Port", "latitude": 47.35, "longitude": -0.45}
    answers = {
        "category": "road",
        "place": place,
        "description": "Trou",
        "danger": False,
        "email": "elodie@example.org",
    }
    async with MailServer() as server:
        runner = await a_town(now, server, tmp_path)
        await deployments.publish(read_folder(PROCESSES / "incident_report"), ADMINISTRATOR, now)
        filed = await filing.file_answers("incident_report", answers, form="report", key="r", by=CITIZEN, now=now)

        await settle(runner, now)

    assert (await cases.get(filed.case_id)).department == "voirie"
    assert await value("SELECT count(*) FROM engine_task WHERE state = 'open'") == 1


async def test_with_the_mail_server_down_the_case_waits_and_goes_on_after_the_mending(database, now, tmp_path):
    async with MailServer() as server:
        runner = await a_town(now, server, tmp_path)
    await deployments.publish(read_folder(PROCESSES / "room_booking"), ADMINISTRATOR, now)
    answers = ANSWERS | {"slot": (await slot_of(now)).key, "insurance": [PAPER]}
    filed = await filing.file_answers("room_booking", answers, form="booking", key="k", by=CITIZEN, now=now)
    await settle(runner, now)
    await complete("Review", {"decision": "refused", "reason": "La salle est en travaux."}, now)
    for hour in range(4):
        await settle(runner, now + timedelta(hours=hour))
    blocked = (await cases.get(filed.case_id)).state

    later = now + timedelta(hours=5)
    async with MailServer() as server:
        runner = await a_town(later, server, tmp_path)
        await incidents.resolve(await value("SELECT id FROM engine_incident WHERE resolved_at IS NULL"), AGENT, later)
        await settle(runner, later)

    assert blocked == "blocked"
    assert len(server.received) == 1
    assert await bookings.of_case(filed.case_id) == ()
