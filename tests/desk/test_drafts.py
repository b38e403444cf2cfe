"""Drafts: nothing typed is lost, and nobody reads another's."""

from datetime import timedelta
from uuid import uuid4

import pytest

from desk import bookings, drafts
from desk.drafts import Owner
from desk.errors import DraftAlreadyFiled, DraftNotFound, DraftTooLarge
from engine.store.statements import run, value
from tests.desk.builders import MARIE, PAUL, a_case, a_draft, a_room
from tests.desk.test_bookings import slot_of


async def test_a_draft_is_resumed_where_it_was_left(database, now):
    draft = await a_draft(now)

    await drafts.save_page(draft.id, MARIE, answers={"name": "Élodie"}, page="date", done="who", now=now)

    found = await drafts.offered("room_booking", MARIE, now)
    assert found and (found.answers, found.page, found.pages_done) == ({"name": "Élodie"}, "date", ("who",))


async def test_a_page_saved_twice_is_done_once(database, now):
    draft = await a_draft(now)

    for _ in range(2):
        saved = await drafts.save_page(draft.id, MARIE, answers={}, page=None, done="who", now=now)

    assert saved.pages_done == ("who",)


async def test_what_is_typed_on_the_way_leaves_the_other_pages_done(database, now):
    draft = await a_draft(now)
    await drafts.save_page(draft.id, MARIE, answers={}, page=None, done="who", now=now)

    saved = await drafts.save_page(draft.id, MARIE, answers={"day": "tomor"}, page="date", now=now)

    assert saved.pages_done == ("who",)


async def test_a_page_that_asks_more_than_before_is_no_longer_done(database, now):
    draft = await a_draft(now)
    for page in ("who", "date"):
        await drafts.save_page(draft.id, MARIE, answers={}, page=None, done=page, now=now)

    saved = await drafts.save_page(draft.id, MARIE, answers={}, page="room", undone=["who"], now=now)

    assert saved.pages_done == ("date",)


async def test_nobody_else_resumes_it(database, now):
    draft = await a_draft(now)

    for stranger in (PAUL, Owner(), Owner(person=uuid4())):
        with pytest.raises(DraftNotFound):
            await drafts.resume(draft.id, stranger, now)


async def test_the_browser_s_token_is_never_stored(database, now):
    draft = await a_draft(now)

    assert await value("SELECT browser FROM desk_draft WHERE id = $1", draft.id) != MARIE.browser


async def test_one_draft_per_procedure_and_person_is_offered(database, now):
    old = await a_draft(now)

    new = await a_draft(now + timedelta(minutes=1))

    assert [each.id for each in await drafts.of_owner(MARIE, now)] == [new.id]
    with pytest.raises(DraftNotFound):
        await drafts.resume(old.id, MARIE, now)


async def test_after_logging_in_the_browser_s_drafts_follow_the_person(database, now):
    draft, person = await a_draft(now), uuid4()

    assert await drafts.adopt("browser-of-marie", person, now) == 1

    assert (await drafts.resume(draft.id, Owner(person=person), now)).id == draft.id


async def test_a_discarded_draft_frees_its_slot(database, now):
    await a_room(now)
    draft, slot = await a_draft(now), await slot_of(now)
    await bookings.hold(draft.id, slot, now)

    await drafts.discard(draft.id, MARIE, now)

    assert await bookings.is_free(slot, now)


async def test_a_filed_draft_cannot_be_changed(database, now):
    draft = await a_draft(now)
    await run("UPDATE desk_draft SET case_id = $2 WHERE id = $1", draft.id, await a_case(now))

    with pytest.raises(DraftAlreadyFiled):
        await drafts.save_page(draft.id, MARIE, answers={}, page=None, now=now)


async def test_an_old_draft_expires_and_is_purged(database, now):
    draft = await a_draft(now)
    later = now + timedelta(days=91)

    assert await drafts.offered("room_booking", MARIE, later) is None
    assert await drafts.purge_expired(later) == 1
    with pytest.raises(DraftNotFound):
        await drafts.resume(draft.id, MARIE, now)


async def test_answers_of_unreasonable_size_are_refused(database, now):
    draft = await a_draft(now)

    with pytest.raises(DraftTooLarge):
        await drafts.save_page(draft.id, MARIE, answers={"x": "a" * 600_000}, page=None, now=now)
