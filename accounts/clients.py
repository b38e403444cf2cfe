"""Clients: other systems of the town that speak to the API. Each holds scopes and, if an administrator says so, only
some procedures.

Only hashes of secrets and tokens are kept. Never decides what a scope allows: the guards of `api` do.
"""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

import msgspec

from accounts.errors import ClientRefused, ClientUnknown
from accounts.ids import new_id
from accounts.store import ApiClient, ApiToken, remove, rows, transaction, update

Scope = Literal[
    "deploy", "start", "read", "jobs", "tasks", "messages", "operate", "evaluate", "submissions", "figures", "webhooks"
]
SCOPES: tuple[Scope, ...] = get_args(Scope)
TOKEN_LIFETIME = timedelta(hours=1)
PREFIX = "pvs_"
"""What every secret begins with, so that tools that look for leaked secrets know ours."""
LONGEST_NAME = 80
_LONGEST_SECRET = 200


class Client(msgspec.Struct, frozen=True, kw_only=True):
    """One client. `procedures` are slugs, empty: all of them. `department` answers for what it deploys (a slug)."""

    id: UUID
    client_id: str
    name: str
    scopes: tuple[Scope, ...]
    procedures: tuple[str, ...]
    department: str
    created_at: datetime
    created_by_name: str
    used_at: datetime | None
    revoked_at: datetime | None

    def may(self, scope: Scope) -> bool:
        """The client was given this scope, and is not revoked."""
        return self.revoked_at is None and scope in self.scopes

    def sees(self, procedure: str) -> bool:
        """The client may know of this procedure and of its cases."""
        return not self.procedures or procedure in self.procedures


class Token(msgspec.Struct, frozen=True):
    """An access token, told once; `seconds` it lives."""

    text: str
    seconds: int


async def add(
    name: str,
    *,
    scopes: Iterable[Scope],
    department: str,
    by_name: str,
    now: datetime,
    procedures: Iterable[str] = (),
) -> tuple[Client, str]:
    """Adds a client; returns it with its secret, which is told this once. Raises `ClientRefused`."""
    wanted, tidy = set(scopes), " ".join(name.split())[:LONGEST_NAME]
    if not tidy or not wanted or not wanted.issubset(SCOPES) or not department:
        raise ClientRefused
    secret, number = PREFIX + secrets.token_urlsafe(32), new_id(now)
    await ApiClient.insert(
        ApiClient(
            id=number,
            client_id=f"parvis-{secrets.token_hex(6)}",
            name=tidy,
            secret_hash=_hash(secret),
            scopes=[scope for scope in SCOPES if scope in wanted],
            procedures=sorted(set(procedures)),
            department=department,
            created_at=now,
            created_by_name=by_name,
        )
    )
    return await get(number), secret


async def get(number: UUID) -> Client:
    """The client of this id. Raises `ClientUnknown`."""
    found = await _clients("WHERE id = {}", number)
    if not found:
        raise ClientUnknown
    return found[0]


async def everyone() -> list[Client]:
    """Every client, those in use first, by name."""
    return await _clients("ORDER BY revoked_at IS NOT NULL, lower(name), id")


async def of_secret(secret: str, client_id: str | None = None) -> Client | None:
    """The client that holds this secret (and has this id, when it names one); None for anybody else."""
    found = await _clients("WHERE secret_hash = {} AND revoked_at IS NULL", _hash(secret[:_LONGEST_SECRET]))
    return next((client for client in found if client_id in (None, client.client_id)), None)


async def of_token(token: str, now: datetime) -> Client | None:
    """The client an access token was issued to; None once it is over or the client is revoked."""
    found = await _clients(
        "JOIN api_token ON api_token.client = api_client.id"
        " WHERE token_hash = {} AND ends_at > {} AND revoked_at IS NULL",
        *(_hash(token[:_LONGEST_SECRET]), now),
    )
    return found[0] if found else None


async def issue(client: Client, now: datetime) -> Token:
    """A new access token (RFC 6749, 4.4) that lives an hour."""
    token = secrets.token_urlsafe(32)
    async with transaction():
        await rows("DELETE FROM api_token WHERE ends_at <= {} RETURNING 1", now)
        await ApiToken.insert(ApiToken(token_hash=_hash(token), client=client.id, ends_at=now + TOKEN_LIFETIME))
        await update(ApiClient, {"used_at": now}, ApiClient.id == client.id)
    return Token(token, int(TOKEN_LIFETIME.total_seconds()))


async def touch(number: UUID, now: datetime) -> None:
    """Notes that the client is still in use."""
    await update(ApiClient, {"used_at": now}, ApiClient.id == number)


async def revoke(number: UUID, now: datetime) -> None:
    """Refuses the client from now on, and forgets its tokens. Raises `ClientUnknown`."""
    async with transaction():
        await get(number)
        await rows("UPDATE api_client SET revoked_at = coalesce(revoked_at, {}) WHERE id = {} RETURNING 1", now, number)
        await remove(ApiToken, ApiToken.client == number)


_COLUMNS = """api_client.id, client_id, name, scopes, procedures, department, created_at, created_by_name, used_at,
    revoked_at"""


async def _clients(rest: str, *values: Any) -> list[Client]:
    found = await rows(f"SELECT {_COLUMNS} FROM api_client {rest}", *values)
    return [msgspec.convert(row, Client, strict=False) for row in found]


def _hash(secret: str) -> bytes:
    # A random secret of 256 bits needs no slow hash: nobody guesses it.
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
