"""Background: purges forget what nobody needs, and hot questions use their index."""

from datetime import timedelta

import pytest

from desk import background, bookings, errands
from desk.files import FileStore
from engine.store.statements import row, rows, run, transaction, value
from tests.desk.builders import a_case, a_draft, a_room
from tests.desk.test_bookings import slot_of
from tests.desk.test_exchanges import Outgoing


async def test_every_periodic_job_runs_on_an_empty_town(database, now, tmp_path):
    for expression, function in background.periodic(Outgoing(), FileStore(tmp_path), lambda: now).values():
        assert (len(expression.split()), await function()) == (5, 0)


async def test_lapsed_holds_are_forgotten_after_a_day_and_options_never(database, now):
    await a_room(now)
    await bookings.hold((await a_draft(now)).id, await slot_of(now), now)
    await bookings.book(await a_case(now), await slot_of(now, "afternoon"), now, confirmed=False)

    purged = [
        await bookings.purge_lapsed(now + timedelta(hours=2)),
        await bookings.purge_lapsed(now + timedelta(days=2)),
    ]

    assert purged == [0, 1]
    assert await value("SELECT count(*) FROM desk_booking") == 1


async def test_old_errands_are_forgotten(database, now):
    await errands.mark_done("job", now)

    assert await errands.purge_old(now + timedelta(days=401)) == 1
    assert not await errands.is_done("job")


@pytest.mark.parametrize(
    ("question", "index"),
    [
        (
            "SELECT case_id FROM desk_report WHERE procedure = 'p' AND category = 'c' AND latitude BETWEEN 47 AND "
            "47.01",
            "desk_report_near",
        ),
        (
            "SELECT id FROM desk_booking WHERE resource = 'r' AND coalesce(kept, during) && "
            "tstzrange('2026-12-05', '2026-12-06') AND state <> 'released'",
            "desk_booking_alone",
        ),
        (
            "SELECT id FROM desk_notification WHERE sent_at IS NULL AND given_up_at IS NULL AND due_at <= '2026-12-05' "
            "ORDER BY due_at, id LIMIT 100",
            "desk_notification_waiting",
        ),
        ("SELECT id FROM desk_exchange WHERE case_id = gen_random_uuid() AND read_at IS NULL", "desk_exchange_"),
        (
            "SELECT id FROM desk_draft WHERE browser = 'b' AND case_id IS NULL ORDER BY saved_at DESC",
            "desk_draft_browser",
        ),
    ],
)
async def test_a_hot_question_uses_its_index(database, question, index):
    async with transaction():
        await run("SET LOCAL enable_seqscan = off")
        plan = "\n".join(each[0] for each in await rows(f"EXPLAIN {question}"))

    assert index in plan


async def test_no_table_of_the_desk_reads_the_database_s_clock(database):
    found = await row(
        "SELECT count(*) FILTER (WHERE column_default LIKE '%now()%') AS clocks FROM information_schema.columns "
        "WHERE table_name LIKE 'desk_%'"
    )

    assert found and found["clocks"] == 0
