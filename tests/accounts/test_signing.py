"""Signing in, passwords and throttles."""

import asyncio
from datetime import timedelta

import pytest
from valkey.asyncio import Valkey

from accounts import passwords, people, throttle
from accounts.cache import Cache
from accounts.errors import PasswordRefused, ResetExpired, SignInRefused, TooManyTries
from accounts.sessions import Sessions
from accounts.signing import sign_in
from accounts.throttle import Limit, Throttle

PASSWORD = "le marché du samedi"


@pytest.fixture
async def person_id(database, now):
    hashed = await passwords.hash_password(PASSWORD)
    return await people.add(name="Ana", email="ana@ville.example", password_hash=hashed, now=now)


async def test_the_right_password_signs_in_whatever_the_capitals_of_the_address(person_id, now):
    found = await sign_in("Ana@Ville.example", PASSWORD, address="::1", throttling=Throttle(Cache(None)), now=now)

    assert found == person_id


@pytest.mark.parametrize("email", ["ana@ville.example", "nobody@ville.example"])
async def test_a_wrong_password_and_an_unknown_address_are_refused_alike(person_id, now, email):
    with pytest.raises(SignInRefused):
        await sign_in(email, "something else", address="::1", throttling=Throttle(Cache(None)), now=now)


async def test_a_closed_account_is_refused(person_id, now):
    await people.deactivate(person_id)

    with pytest.raises(SignInRefused):
        await sign_in("ana@ville.example", PASSWORD, address="::1", throttling=Throttle(Cache(None)), now=now)


async def test_the_seventh_try_on_an_account_waits_even_from_other_addresses(person_id, now):
    throttling = Throttle(Cache(None))
    for number in range(6):
        with pytest.raises(SignInRefused):
            await sign_in("ana@ville.example", "wrong", address=f"10.0.0.{number}", throttling=throttling, now=now)

    with pytest.raises(TooManyTries) as refusal:
        await sign_in("ana@ville.example", PASSWORD, address="10.0.1.1", throttling=throttling, now=now)

    assert now < refusal.value.retry_at <= now + timedelta(minutes=15)


async def test_fifty_tries_at_once_are_fifty_tries(valkey, now):
    throttling, limit = Throttle(Cache(valkey)), Limit("test", 5, 60)

    outcomes = await asyncio.gather(*(throttling.count(limit, "ana", now) for _ in range(50)), return_exceptions=True)

    assert sum(outcome is None for outcome in outcomes) == 5


async def test_without_valkey_the_limit_holds_in_this_process_and_nobody_waits_long(now):
    dead = Valkey.from_url("valkey://192.0.2.1:6379/0")
    throttling, limit = Throttle(Cache(dead)), Limit("test", 2, 60)
    began = asyncio.get_running_loop().time()

    outcomes = await asyncio.gather(*(throttling.count(limit, "ana", now) for _ in range(4)), return_exceptions=True)

    assert sum(outcome is None for outcome in outcomes) == 2
    assert asyncio.get_running_loop().time() - began < 1.0
    await dead.aclose()


async def test_a_password_link_works_once_and_closes_the_sessions(person_id, now):
    sessions = Sessions(Cache(None))
    cookie = await sessions.open(person_id, now)
    link = await passwords.issue_reset(person_id, now)

    await passwords.use_reset(link, "un nouveau secret bien long", now)

    assert await sessions.viewer(cookie, now) is None
    with pytest.raises(ResetExpired):
        await passwords.use_reset(link, "encore un autre secret", now)


async def test_a_password_link_dies_after_an_hour_and_when_a_newer_one_is_sent(person_id, now):
    first = await passwords.issue_reset(person_id, now)
    second = await passwords.issue_reset(person_id, now)

    assert not await passwords.reset_is_open(first, now)
    assert await passwords.reset_is_open(second, now)
    assert not await passwords.reset_is_open(second, now + timedelta(hours=1))


@pytest.mark.parametrize(
    ("password", "reason"),
    [("court", "short"), ("motdepasse123", "common"), ("aaaaaaaaaaaaaa", "common"), ("marie.durand!!", "personal")],
)
def test_passwords_others_would_guess_are_refused_with_the_reason(password, reason):
    with pytest.raises(PasswordRefused) as refusal:
        passwords.check(password, email="marie.durand@ville.example")

    assert refusal.value.reason == reason


def test_throttle_keys_never_hold_what_people_typed():
    assert "ana@" not in throttle._key(throttle.SIGN_IN_ACCOUNT, "ana@ville.example", 1)
