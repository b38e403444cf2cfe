"""Exchanges and notifications: each side is told once, after the commit, and a broken mail server loses nothing."""

from datetime import timedelta

import pytest
from pgqueuer.errors import RetryRequested

from accounts import departments
from accounts.departments import Department
from desk import background, exchanges, notifications
from desk.errors import WordsMissing, WordsTooLong
from desk.notifications import Notice
from engine.actor import Actor
from engine.store.statements import rows, transaction, value
from tests.desk.builders import a_case

AGENT = Actor(kind="agent", name="Nadia Benali", departments=("vie-associative",))
CITIZEN = Actor(kind="citizen", name="Élodie Lefèbvre")


class Outgoing:
    """Where notices go in these tests; refuses as long as `broken`."""

    def __init__(self, broken: bool = False) -> None:
        self.sent: list[Notice] = []
        self.broken = broken

    async def __call__(self, notice: Notice, now) -> None:
        if self.broken:
            raise ConnectionError
        self.sent.append(notice)


async def test_the_town_writes_and_the_applicant_is_told_by_mail(database, now):
    case, out = await a_case(now), Outgoing()

    posted = await exchanges.post(case, "Bonjour, il manque\r\nune pièce. ", by=AGENT, now=now)
    await notifications.deliver_waiting(out, now)

    assert (posted.side, posted.words) == ("town", "Bonjour, il manque\nune pièce.")
    assert [(each.kind, each.to) for each in out.sent] == [("exchange_to_applicant", "elodie@example.org")]
    assert await exchanges.unread([case], reader="applicant") == {case: 1}


async def test_the_applicant_answers_and_the_department_is_told(database, now):
    await departments.upsert(
        Department(slug="vie-associative", name_fr="Vie associative", name_en="Clubs", email="va@x.example")
    )
    case, out = await a_case(now), Outgoing()

    await exchanges.post(case, "Voici la pièce.", by=CITIZEN, now=now)
    await notifications.deliver_waiting(out, now)

    assert [(each.kind, each.to) for each in out.sent] == [("exchange_to_town", "va@x.example")]


async def test_posting_twice_with_the_same_key_writes_once(database, now):
    case, out = await a_case(now), Outgoing()

    first = await exchanges.post(case, "Bonjour", by=AGENT, now=now, key="form-1")
    again = await exchanges.post(case, "Bonjour", by=AGENT, now=now, key="form-1")
    await notifications.deliver_waiting(out, now)

    assert first == again
    assert len(await exchanges.of_case(case)) == len(out.sent) == 1


async def test_reading_marks_the_other_side_s_words_only(database, now):
    case = await a_case(now)
    await exchanges.post(case, "Bonjour", by=AGENT, now=now)
    await exchanges.post(case, "Merci", by=CITIZEN, now=now)

    assert await exchanges.mark_read(case, reader="applicant", now=now) == 1

    assert await exchanges.unread([case], reader="applicant") == {}
    assert await exchanges.unread([case], reader="town") == {case: 1}


@pytest.mark.parametrize(("words", "refusal"), [("  \n", WordsMissing), ("a" * 5001, WordsTooLong)])
async def test_empty_or_endless_words_are_refused(database, now, words, refusal):
    case = await a_case(now)

    with pytest.raises(refusal):
        await exchanges.post(case, words, by=AGENT, now=now)


async def test_nothing_leaves_when_the_transaction_fails(database, now):
    case = await a_case(now)

    with pytest.raises(RuntimeError):
        async with transaction():
            await exchanges.post(case, "Bonjour", by=AGENT, now=now)
            raise RuntimeError

    assert await value("SELECT count(*) FROM desk_notification") == 0
    assert await value("SELECT count(*) FROM pgqueuer") == 0


async def test_the_queue_carries_ids_and_no_address(database, now):
    case = await a_case(now)

    await exchanges.post(case, "Bonjour", by=AGENT, now=now)

    queued = await rows("SELECT entrypoint, payload FROM pgqueuer")
    known = await value("SELECT id FROM desk_notification")
    assert [(each["entrypoint"], each["payload"]) for each in queued] == [("notification", str(known).encode())]


async def test_a_broken_mail_server_is_tried_again_later_and_given_up_after_a_day(database, now):
    case, out = await a_case(now), Outgoing(broken=True)
    await exchanges.post(case, "Bonjour", by=AGENT, now=now)

    await notifications.deliver_waiting(out, now)
    at_once = await notifications.deliver_waiting(out, now)
    tries = [now]
    while await value("SELECT given_up_at IS NULL FROM desk_notification"):
        tries.append(await value("SELECT due_at FROM desk_notification"))
        await notifications.deliver_waiting(out, tries[-1])

    assert at_once == 0
    assert tries[1] - now == timedelta(minutes=1)
    assert len(tries) == notifications.MOST_ATTEMPTS
    assert timedelta(hours=20) < tries[-1] - now < timedelta(days=1)


async def test_the_queue_waits_as_long_as_the_row_says(database, now):
    case, out = await a_case(now), Outgoing(broken=True)
    await exchanges.post(case, "Bonjour", by=AGENT, now=now)
    payload = await value("SELECT payload FROM pgqueuer")
    notify = background.job_kinds(out, lambda: now)["notification"]
    waits = []

    for _ in range(4):
        with pytest.raises(RetryRequested) as asked:
            await notify(payload)
        waits.append(asked.value.delay)

    assert waits == [timedelta(minutes=minutes) for minutes in (1, 2, 4, 8)]


async def test_the_queued_job_sends_once(database, now):
    case, out = await a_case(now), Outgoing()
    await exchanges.post(case, "Bonjour", by=AGENT, now=now)
    payload = await value("SELECT payload FROM pgqueuer")
    notify = background.job_kinds(out, lambda: now)["notification"]

    await notify(payload)
    await notify(payload)

    assert len(out.sent) == 1


async def test_a_failed_job_asks_the_queue_for_another_attempt(database, now):
    case = await a_case(now)
    await exchanges.post(case, "Bonjour", by=AGENT, now=now)
    notify = background.job_kinds(Outgoing(broken=True), lambda: now)["notification"]

    with pytest.raises(Exception, match="ConnectionError"):
        await notify(await value("SELECT payload FROM pgqueuer"))
