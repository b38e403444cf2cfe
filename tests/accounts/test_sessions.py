"""Sessions: rows are the truth, Valkey only remembers."""

from datetime import timedelta

import pytest

from accounts import people
from accounts.cache import Cache
from accounts.sessions import IDLE, LONGEST, Sessions


@pytest.fixture
async def person_id(database, now):
    return await people.add(name="Ana", email="ana@ville.example", now=now)


async def test_the_holder_of_the_cookie_is_recognised_with_and_without_valkey(person_id, valkey, now):
    for cache in (Cache(valkey), Cache(None)):
        sessions = Sessions(cache)
        token = await sessions.open(person_id, now)

        seen_first, seen_again = await sessions.viewer(token, now), await sessions.viewer(token, now)

        assert seen_first == seen_again
        assert seen_first is not None
        assert seen_first.person_id == person_id


async def test_flushing_valkey_signs_nobody_out(person_id, valkey, now):
    sessions = Sessions(Cache(valkey))
    token = await sessions.open(person_id, now)
    await sessions.viewer(token, now)

    await valkey.flushdb()

    assert await sessions.viewer(token, now) is not None


async def test_a_session_ends_after_an_hour_without_use(person_id, now):
    sessions = Sessions(Cache(None))
    token = await sessions.open(person_id, now)

    assert await sessions.viewer(token, now + IDLE - timedelta(seconds=1)) is not None
    assert await sessions.viewer(token, now + 2 * IDLE - timedelta(seconds=2)) is not None
    assert await sessions.viewer(token, now + 3 * IDLE) is None


async def test_a_session_ends_twelve_hours_after_it_began_even_in_use(person_id, now):
    sessions = Sessions(Cache(None))
    token = await sessions.open(person_id, now)
    for minutes in range(0, 12 * 60, 50):
        assert await sessions.viewer(token, now + timedelta(minutes=minutes)) is not None

    assert await sessions.viewer(token, now + LONGEST) is None


async def test_signing_out_everywhere_ends_the_sessions_of_this_person_only(person_id, valkey, now):
    sessions, other = Sessions(Cache(valkey)), await people.add(name="Eve", email="eve@ville.example", now=now)
    mine, phone, hers = [await sessions.open(who, now) for who in (person_id, person_id, other)]
    await sessions.viewer(mine, now)

    closed = await sessions.close_all(person_id)

    assert closed == 2
    assert [await sessions.viewer(token, now) is not None for token in (mine, phone, hers)] == [False, False, True]


async def test_a_closed_account_has_no_session(person_id, now):
    sessions = Sessions(Cache(None))
    token = await sessions.open(person_id, now)

    await people.deactivate(person_id)

    assert await sessions.viewer(token, now) is None


async def test_an_invented_cookie_is_nobody(person_id, now):
    assert await Sessions(Cache(None)).viewer("invented", now) is None
