"""Guards: which API client asks, and whether its scopes allow it. Every route of the API names one; nothing is open but
the token's own address.

Bearer: an access token of `/oauth/token`, or the client's secret itself. Basic, with id and secret, is for development:
only where the town is served to its own machine.
"""

import base64
import binascii
import time
from collections import OrderedDict
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from litestar.handlers import BaseRouteHandler

from accounts import clients
from accounts.clients import Client, Scope
from accounts.errors import TooManyTries
from accounts.throttle import Limit
from api.errors import NotPermitted, TooManyRequests, Unauthenticated
from api.house import Connection, house_of, now_of
from engine.actor import Actor

CLIENT_RATE = Limit("api-client", 20_000, 60)
REFUSED_RATE = Limit("api-refused", 60, 60)
BELIEVED_SECONDS = 5.0
"""How long a process goes on believing a token: a revoked client is refused everywhere after that."""
_TOUCHED = timedelta(minutes=5)
_MOST_BELIEVED = 2_000
_HOME = ("127.0.0.1", "::1", "localhost")
_believed: OrderedDict[tuple[int, str], tuple[float, Client]] = OrderedDict()


class scoped:
    """Lets clients in that have this scope."""

    def __init__(self, scope: Scope) -> None:
        self.scope: Scope = scope

    async def __call__(self, connection: Connection, _: BaseRouteHandler) -> None:
        client = await authenticated(connection)
        if not client.may(self.scope):
            raise NotPermitted(f"The API client was not given the scope “{self.scope}”.")


async def any_client(connection: Connection, _: BaseRouteHandler) -> None:
    """Lets every client in, whatever its scopes."""
    await authenticated(connection)


def open_to_all(connection: Connection, _: BaseRouteHandler) -> None:
    """Public, said aloud: the token's address, the documentation."""


def client_of(connection: Connection) -> Client:
    """The client a guard has let in."""
    return connection.scope["state"]["api_client"]


def actor_of(connection: Connection) -> Actor:
    """The client as author of what it does: a system, named in the journal."""
    client = client_of(connection)
    return Actor(kind="system", name=client.name, id=client.id, departments=(client.department,))


def seen_by(client: Client) -> list[str] | None:
    """The procedures a client is kept to; None: all."""
    return list(client.procedures) or None


async def authenticated(connection: Connection) -> Client:
    """The client of this request. Raises `Unauthenticated`, `TooManyRequests`."""
    state = connection.scope["state"]
    if "api_client" not in state:
        client = await _client(connection)
        await _count(connection, CLIENT_RATE, str(client.id))
        state["api_client"] = client
    return state["api_client"]


async def basic_client(connection: Connection) -> Client | None:
    """The client whose id and secret are in the header; None without such a header. Raises `Unauthenticated`."""
    kind, _, given = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        client_id, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
    except (binascii.Error, ValueError) as broken:
        raise Unauthenticated from broken
    found = await clients.of_secret(secret, client_id)
    if found is None:
        await refused(connection)
    return found


async def refused(connection: Connection) -> None:
    """Count a wrong secret. Raises `Unauthenticated`, or `TooManyRequests` for who guesses."""
    address = connection.client.host if connection.client else ""
    await _count(connection, REFUSED_RATE, address)
    raise Unauthenticated


async def _client(connection: Connection) -> Client:
    kind, _, given = connection.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic" and is_at_home(house_of(connection).public_url):
        found = await basic_client(connection)
        assert found is not None, "a wrong secret was refused"
        return found
    if kind.lower() != "bearer" or not given.strip():
        raise Unauthenticated
    return await _bearer(connection, given.strip())


async def _bearer(connection: Connection, token: str) -> Client:
    place = (id(connection.app), token)
    until, known = _believed.get(place, (0.0, None))
    # The monotonic clock: how long to believe is the machine's matter, not the town's.
    if known is not None and time.monotonic() < until:
        return known
    now = now_of(connection)
    found = await (clients.of_secret(token) if token.startswith(clients.PREFIX) else clients.of_token(token, now))
    if found is None:
        await refused(connection)
        raise Unauthenticated
    if found.used_at is None or now - found.used_at > _TOUCHED:
        await clients.touch(found.id, now)
    _believed[place] = (time.monotonic() + BELIEVED_SECONDS, found)
    while len(_believed) > _MOST_BELIEVED:
        _believed.popitem(last=False)
    return found


def forget(number: UUID) -> None:
    """Stop believing a client in this process, at once."""
    for place in [place for place, (_, client) in _believed.items() if client.id == number]:
        del _believed[place]


def forget_all() -> None:
    """Stop believing everybody in this process."""
    _believed.clear()


def is_at_home(public_url: str) -> bool:
    """The town is served to its own machine, without encryption: somebody develops."""
    address = urlsplit(public_url)
    return address.scheme == "http" and address.hostname in _HOME


async def _count(connection: Connection, limit: Limit, subject: str) -> None:
    now = now_of(connection)
    try:
        await house_of(connection).throttle.count(limit, subject, now)
    except TooManyTries as many:
        seconds = max(1, int((many.retry_at - now).total_seconds()))
        raise TooManyRequests("", **{"retry-after": str(seconds)}) from many
