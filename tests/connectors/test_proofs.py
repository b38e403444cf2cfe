"""Long proofs: runners killed during 500 mail and webhook jobs; 1,000 people who want the same room, 50 times.

`make prove`, or `pytest -m proof tests/connectors/test_proofs.py -s` to read the figures."""

import asyncio
import multiprocessing
import random
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec
import pytest

from connectors import connections
from connectors.catalogue import load_catalogue
from connectors.connections import Card
from connectors.keyring import Keyring
from connectors.signatures import check
from connectors.vault import Vault
from desk import bookings, seasons, waiting
from desk.errors import SlotTaken
from desk.seasons import Wish
from engine.store.statements import rows, value
from tests.connectors.postbox import MailServer
from tests.connectors.runner_process import run
from tests.connectors.servers import HttpServer
from tests.desk.builders import a_case as a_bare_case
from tests.desk.builders import a_room
from tests.desk.test_bookings import slot_of
from tests.engine.bundles import a_case, a_procedure

CASES = 250
SECRET = "a secret of both sides"
BODY = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Tell"/>
<serviceTask id="Tell" name="Prévenir">
  <extensionElements><zeebe:taskDefinition type="parvis:webhook" retries="50"/>
    <zeebe:ioMapping><zeebe:input source="case.filed" target="event"/></zeebe:ioMapping></extensionElements>
</serviceTask>
<sequenceFlow id="f2" sourceRef="Tell" targetRef="Write"/>
<serviceTask id="Write" name="Écrire">
  <extensionElements><zeebe:taskDefinition type="parvis:mail" retries="50"/>
    <zeebe:ioMapping><zeebe:input source="answer" target="letter"/>
      <zeebe:input source="=case.applicant.email" target="to"/></zeebe:ioMapping></extensionElements>
</serviceTask>
<sequenceFlow id="f3" sourceRef="Write" targetRef="Done"/><endEvent id="Done"/>
"""
LETTERS = {"letters/answer.fr.txt": b"Objet : Dossier {{ case.reference }}\n\nBonjour,\n"}


@pytest.mark.proof
async def test_runners_killed_during_500_jobs_lose_nothing(database, tmp_path: Path, capsys):
    now = datetime.now(UTC)
    await a_procedure(now, BODY, slug="proof", files=LETTERS)
    for number in range(CASES):
        await a_case(now, "proof", key=f"k{number}")
    async with MailServer() as mail, HttpServer() as hook:
        await _connect(hook, tmp_path, now)
        given = {"database_url": database.url, "folder": str(tmp_path), "smtp_port": mail.port}
        kills = await _kill_until_done(given, mail, hook)

    jobs = {each["id"]: each["type"] for each in await rows("SELECT id, type FROM engine_job")}
    done = await value("SELECT count(*) FROM engine_job WHERE state = 'done'")
    mails = Counter(str(each["Message-ID"]).strip("<>").partition("@")[0] for each in mail.received)
    notices = Counter(each.headers["idempotency-key"] for each in hook.received)
    for each in hook.received:
        assert check(SECRET, each.headers, each.body, datetime.now(UTC)) == each.headers["idempotency-key"]
    wrote, told = ({str(id) for id, type in jobs.items() if type == kind} for kind in ("parvis:mail", "parvis:webhook"))
    with capsys.disabled():
        print(f"\n{kills} kills -9; {len(jobs)} jobs, {done} done")
        print(f"mails: {len(wrote - set(mails))} missing, {sum(mails.values()) - len(mails)} again, same Message-ID")
        print(f"notices: {len(told - set(notices))} missing, {sum(notices.values()) - len(notices)} again, same key")
    assert (len(jobs), done) == (2 * CASES, 2 * CASES)
    assert (set(mails), set(notices)) == (wrote, told)
    assert await value("SELECT count(*) FROM engine_case WHERE state = 'closed'") == CASES
    assert kills >= 10


async def _connect(hook: HttpServer, folder: Path, now: datetime) -> None:
    template = load_catalogue().kinds["parvis.webhook"]
    card = Card(slug="webhook", kind=template.id, title="W", given={"url": hook.url}, per_minute=6_000)
    vault = Vault(Keyring(folder).keys())
    await connections.keep(card, {"secret": SECRET}, template=template, vault=vault, by_name="P", now=now)


async def _kill_until_done(given: dict[str, Any], mail: MailServer, hook: HttpServer) -> int:
    """Starts a runner, lets it do some work, kills it at any instant, and again; the last one ends the work."""
    # Forked from a server that has imported everything: what is proven is the kill, not Python's start.
    born = multiprocessing.get_context("forkserver")
    born.set_forkserver_preload(["tests.connectors.runner_process"])
    chance, kills = random.Random(6), 0
    while await _left() > 0:
        before = len(mail.received) + len(hook.received)
        process = born.Process(target=run, args=(given,))
        process.start()
        goal = before + chance.randint(15, 40)
        while len(mail.received) + len(hook.received) < goal and await _left() > 0:
            await asyncio.sleep(0.05)
            assert process.exitcode is None
        await asyncio.sleep(chance.random() * 0.2)
        process.kill()
        await asyncio.to_thread(process.join)
        kills += 1
    return kills


async def _left() -> int:
    return int(await value("SELECT count(*) FROM engine_case WHERE state <> 'closed'"))


@pytest.mark.proof
@pytest.mark.parametrize("span", ["the same slot", "slots that overlap"])
async def test_no_room_is_booked_twice_in_50_times_1000_tries(database, now, span, capsys):
    await a_room(now)
    cases = [await a_bare_case(now) for _ in range(20)]
    doubles, winners, refused = 0, 0, 0

    async def try_it(number: int, round: int) -> bool:
        base = await slot_of(now, day=now.date() + timedelta(days=1 + round))
        shift = timedelta(minutes=0 if span == "the same slot" else 15 * (number % 8))
        slot = bookings.slot_between(base.resource, base.begin + shift, base.until + shift)
        try:
            await bookings.book(cases[number % len(cases)], slot, now)
        except SlotTaken:
            return False
        return True

    for round in range(25):
        outcomes = await asyncio.gather(*(try_it(number, round) for number in range(1_000)))
        winners, refused = winners + sum(outcomes), refused + outcomes.count(False)
        doubles += await value(
            "SELECT count(*) FROM desk_booking a JOIN desk_booking b ON a.resource = b.resource AND a.id < b.id "
            "AND a.during && b.during WHERE a.state <> 'released' AND b.state <> 'released'"
        )

    with capsys.disabled():
        print(f"\n{span}: 25 x 1,000 tries, {winners} told yes, {refused} told no, {doubles} double bookings")
    assert doubles == 0
    assert await value("SELECT count(*) FROM desk_booking") == 25


@pytest.mark.proof
async def test_seasons_lines_and_single_slots_at_once_book_nothing_twice(database, now, capsys):
    """Clubs, single bookings, holds given back and people in line, all over one hall that is cleaned in between."""
    room = await a_room(now)
    await bookings.define_resource(msgspec.structs.replace(room, before_minutes=10, after_minutes=30), (), now)
    cases = [await a_bare_case(now) for _ in range(20)]
    chance, told = random.Random(11), Counter[str]()

    async def try_it(number: int) -> None:
        case, day = cases[number % len(cases)], now.date() + timedelta(days=1 + chance.randrange(28))
        begin = datetime(day.year, day.month, day.day, chance.randrange(8, 20), 15 * chance.randrange(4))
        slot = bookings.slot_between(room.slug, begin, begin + timedelta(hours=2))
        what = chance.choice(("book", "book", "season", "wait", "release"))
        try:
            match what:
                case "book":
                    await bookings.book(case, slot, now)
                case "season":
                    wish = Wish(first=slot, rule="FREQ=WEEKLY;COUNT=4", partial=number % 2 == 0)
                    await seasons.book_season(case, wish, now, job_id=uuid4())
                case "wait":
                    await waiting.join(case, slot, "booked", now, job_id=uuid4())
                case _:
                    await bookings.release(case, now)
            told[f"{what} yes"] += 1
        except SlotTaken:
            told[f"{what} no"] += 1
        except asyncpg.DeadlockDetectedError:
            told["tried again later"] += 1

    doubles = 0
    for _ in range(10):
        await asyncio.gather(*(try_it(number) for number in range(500)))
        doubles += await value(
            "SELECT count(*) FROM desk_booking a JOIN desk_booking b ON a.resource = b.resource AND a.id < b.id "
            "AND a.kept && b.kept WHERE a.state <> 'released' AND b.state <> 'released'"
        )
    doubles += await value(
        "SELECT count(*) FROM desk_waiting WHERE state = 'served' AND job_id NOT IN "
        "(SELECT job_id FROM desk_booking WHERE job_id IS NOT NULL)"
    )

    with capsys.disabled():
        print(f"\n10 x 500 of all kinds: {dict(told)}, {doubles} double bookings")
    assert doubles == 0 and told["season yes"] > 10 and told["wait yes"] > 100
