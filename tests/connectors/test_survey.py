"""Surveys that leave later, and their one reminder: through the verbs, a moved clock and a real mail server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import asyncpg
import pytest

from connectors.errors import InputMissing
from connectors.mail.notices import NoticePost
from connectors.survey.connector import SurveyConnector
from desk import cancellations, mailings, notifications, surveys
from engine.store.statements import run, value
from tests.connectors.postbox import MailServer, a_job, body_of, letters
from tests.desk.builders import a_case
from tests.engine.bundles import CITIZEN, a_procedure
from tests.engine.bundles import a_case as a_filed_case
from web.pages import language

DAY = timedelta(days=1)


class Town:
    """A survey connector, the sweep and the post, at the same mail server."""

    def __init__(self, server: MailServer) -> None:
        self.server = server
        self.connector = SurveyConnector(server.post(), letters, secret=b"s", public_url="https://x", town="T")
        self.notices = NoticePost(server.post(), "https://x", "T")

    async def ask(self, case_id, now, **given):
        """The step runs."""
        given = {"letter": "survey", "to": "elodie@example.org", **given}
        return await self.connector.run(a_job("parvis:survey", case_id, input=given), now)

    async def live(self, now) -> int:
        """The periodic work at this instant; how many letters there are since."""
        before = len(self.server.received)
        await mailings.sweep(now)
        await notifications.deliver_waiting(self.notices, now)
        return len(self.server.received) - before

    def token(self, number: int = -1) -> str:
        return body_of(self.server.received[number]).split("https://x/enquete/")[1].split()[0]


@pytest.fixture
async def town(database) -> AsyncIterator[Town]:
    async with MailServer() as server:
        yield Town(server)


async def test_a_delayed_invitation_leaves_when_it_is_due_though_the_step_is_done(town, now):
    case = await a_case(now)

    outcome = await town.ask(case, now, delay="P2D", measure="effort")
    early = await town.live(now + 2 * DAY - timedelta(minutes=1))
    invited_early = await surveys.figures()
    due = [await town.live(now + 2 * DAY), await town.live(now + 3 * DAY)]

    assert outcome.variables == {"invited": False, "planned": True}
    assert (early, invited_early, due) == (0, (), [1, 0])
    invitation = await surveys.of_token(town.token(), now + 3 * DAY)
    assert (invitation.case_id, invitation.measure, invitation.invited_at) == (case, "effort", now + 2 * DAY)
    assert await value("SELECT asked::text FROM desk_mailing") == "{}", "a mailing that is done keeps no word"
    assert await value("SELECT count(*) FROM engine_journal WHERE fact = $1", mailings.INVITED) == 1


@pytest.mark.parametrize("delay", ["", "P1D"])
async def test_one_reminder_follows_an_invitation_without_answer_never_a_second(town, now, delay):
    await town.ask(await a_case(now), now, delay=delay, reminder="P7D")
    await town.live(now + DAY)

    sent = [await town.live(now + days * DAY) for days in (7, 8, 9, 30)]

    assert sum(sent) == 1 and town.token(0) == town.token(1)
    assert "il est encore temps" in town.server.received[1]["Subject"]


async def test_nobody_who_has_answered_is_reminded(town, now):
    await town.ask(await a_case(now), now, reminder="P7D")
    await surveys.answer(town.token(), score=4, now=now + DAY)

    assert await town.live(now + 8 * DAY) == 0
    assert await value("SELECT state || ' ' || reason FROM desk_mailing") == "spared answered"


@pytest.mark.parametrize("end", ["withdrawn", "erased"])
async def test_nothing_leaves_for_a_case_withdrawn_or_erased_meanwhile(town, now, end):
    await a_procedure(now)
    invited, planned = [(await a_filed_case(now, key=key)).case_id for key in ("one", "two")]
    await town.ask(invited, now, reminder="P7D")
    await town.ask(planned, now, delay="P1D")

    for case in (invited, planned):
        if end == "withdrawn":
            await cancellations.cancel(case, "doublon", by=CITIZEN, now=now)
        else:
            await run("DELETE FROM engine_case WHERE id = $1", case)

    assert await town.live(now + 10 * DAY) == 0
    left = await value("SELECT count(*) FROM desk_mailing WHERE reason = 'withdrawn'")
    assert left == (2 if end == "withdrawn" else 0)


async def test_one_person_has_no_more_letters_in_a_year_than_the_step_allows(town, now):
    first, second, third = await a_case(now), await a_case(now), await a_case(now)

    await town.ask(first, now, reminder="P7D", most="2")
    reminded = await town.live(now + 7 * DAY)
    at_once = await town.ask(second, now + 8 * DAY, most="2")
    await town.ask(third, now + 8 * DAY, most="2", delay="P1D")
    later = await town.live(now + 9 * DAY)
    next_year = await town.ask(second, now + 373 * DAY, most="2")

    assert (reminded, later) == (1, 0)
    assert [each.variables["invited"] for each in (at_once, next_year)] == [False, True]


async def test_two_cases_of_one_person_at_the_same_instant_make_one_letter(town, now):
    cases = [await a_case(now) for _ in range(6)]

    outcomes = await asyncio.gather(*(town.ask(case, now, most="1") for case in cases))

    assert [each.variables["invited"] for each in outcomes].count(True) == 1 == len(town.server.received)


async def test_sweeps_and_repeats_at_once_send_each_letter_once(town, now):
    job = a_job("parvis:survey", await a_case(now), input={"to": "e@example.org", "delay": "P1D", "reminder": "P7D"})
    await asyncio.gather(*(town.connector.run(job, now) for _ in range(3)))

    handed = await asyncio.gather(*(mailings.sweep(now + DAY) for _ in range(5)))
    reminded = await asyncio.gather(*(mailings.sweep(now + 8 * DAY) for _ in range(5)))

    assert (sum(handed), sum(reminded)) == (1, 1)
    assert await value("SELECT count(*) FROM desk_notification") == 2


@pytest.mark.parametrize("given", [{"delay": "demain"}, {"reminder": "P900D"}, {"delay": "-P1D"}])
async def test_what_is_no_duration_is_said_in_french_and_nothing_leaves(town, now, given):
    with pytest.raises(InputMissing) as refused:
        await town.ask(await a_case(now), now, **given)

    assert refused.value.sentence is not None
    marker = language.speak("fr")
    said = refused.value.sentence.says(language.translate)
    language.hush(marker)
    assert "attend une durée" in said and town.server.received == []


CUT_WHO_WAITS = """
DO $$ DECLARE waiting integer; BEGIN
    LOOP
        SELECT pid INTO waiting FROM pg_stat_activity
            WHERE wait_event_type = 'Lock' AND datname = current_database();
        EXIT WHEN FOUND;
        PERFORM pg_sleep(0.02), pg_stat_clear_snapshot();
    END LOOP;
    PERFORM pg_terminate_backend(waiting);
END $$"""


async def test_a_sweep_that_is_cut_in_the_middle_has_done_nothing_and_the_next_one_sends(town, now, database):
    await town.ask(await a_case(now), now, delay="P1D", reminder="P7D")
    other = await asyncpg.connect(database.url)
    async with other.transaction():
        await other.execute("LOCK TABLE desk_notification IN ACCESS EXCLUSIVE MODE")
        sweeping = asyncio.create_task(mailings.sweep(now + DAY))
        await other.execute(CUT_WHO_WAITS)
        (outcome,) = await asyncio.gather(sweeping, return_exceptions=True)
    await other.close()

    assert isinstance(outcome, Exception)
    assert await surveys.figures() == () and await value("SELECT count(*) FROM desk_mailing") == 1
    assert [await town.live(now + days * DAY) for days in (1, 2, 8, 9)] == [1, 0, 1, 0]
