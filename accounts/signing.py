"""Signing in: one address and one password against the throttle. Answers alike, and as slowly, whatever was wrong."""

from datetime import datetime

from accounts import people, throttle
from accounts.errors import SignInRefused
from accounts.ids import PersonId
from accounts.passwords import matches
from accounts.store import rows
from accounts.throttle import Throttle


async def sign_in(email: str, password: str, *, address: str, throttling: Throttle, now: datetime) -> PersonId:
    """The person whose address and password these are. `address` is the caller's network address.
    Raises `TooManyTries`, `SignInRefused`."""
    await throttling.count(throttle.SIGN_IN_ADDRESS, address, now)
    await throttling.count(throttle.SIGN_IN_ACCOUNT, email, now)
    found = await rows("SELECT id, password_hash, active FROM person WHERE email = {}", email.strip().lower())
    fits = await matches(password, found[0]["password_hash"] if found else None)
    if not (fits and found[0]["active"]):
        raise SignInRefused
    await throttling.forget(throttle.SIGN_IN_ACCOUNT, email, now)
    return PersonId(found[0]["id"])


async def may_send_reset(email: str, *, address: str, throttling: Throttle, now: datetime) -> people.Profile | None:
    """The active person to whom a password link should be sent, if any. Raises `TooManyTries`."""
    await throttling.count(throttle.RESET_ADDRESS, address, now)
    await throttling.count(throttle.RESET_ACCOUNT, email, now)
    person = await people.of_email(email)
    return person if person is not None and person.active else None
