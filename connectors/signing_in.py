"""Signing in: the headers that say who we are. Mostly those of `calling.credentials_of`; with `auth` oauth2, an access
token that an authorisation server gives for our account (RFC 6749, section 4.4), asked through the guarded client, kept
in memory until shortly before it ends, never written anywhere."""

import asyncio
import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import msgspec

from connectors import redaction
from connectors.calling import credentials_of
from connectors.errors import AnswerGarbled, ConnectionIncomplete, CredentialsRefused, ServerFailed
from engine.connector import Connection, HttpReply, Tools

MARGIN = timedelta(seconds=30)
UNTOLD, LONGEST = 60, 24 * 3600
"""Seconds a token is kept whose life the server did not tell, and at most."""


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """An access token and when it ends. Its `repr` shows neither."""

    value: str
    until: datetime

    def __repr__(self) -> str:
        return "Token(…)"


class SigningIn:
    """Signs in for one connector; its tokens live as long as it does."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._tokens: dict[str, Token] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def headers(self, connection: Connection, job_id: str, body: bytes, now: datetime) -> dict[str, str]:
        """The headers of one call. Raises a `ConnectorError` when the authorisation server gives no token."""
        if connection.text("auth") != "oauth2":
            return credentials_of(connection, job_id, body, now)
        return {"Authorization": f"Bearer {(await self._token(connection, now)).value}"}

    async def request(
        self,
        connection: Connection,
        method: str,
        url: str,
        *,
        job_id: str,
        now: datetime,
        headers: Mapping[str, str],
        body: bytes | None = None,
    ) -> HttpReply:
        """One call, signed in. A token that is refused before its end (revoked) is replaced, once."""
        said = await self.headers(connection, job_id, body or b"", now)
        reply = await self.tools.request(connection, method, url, headers={**headers, **said}, body=body)
        if reply.status != 401 or connection.text("auth") != "oauth2":
            return reply
        self._tokens.pop(_key(connection), None)
        said = await self.headers(connection, job_id, body or b"", now)
        return await self.tools.request(connection, method, url, headers={**headers, **said}, body=body)

    async def _token(self, connection: Connection, now: datetime) -> Token:
        key = _key(connection)
        # Jobs that find the token ended ask for one together, not each for its own.
        async with self._locks.setdefault(key, asyncio.Lock()):
            kept = self._tokens.get(key)
            if kept is None or kept.until <= now:
                kept = await self._ask(connection, now)
                self._tokens = {name: each for name, each in self._tokens.items() if each.until > now}
                self._tokens[key] = kept
        redaction.opened([kept.value])
        return kept

    async def _ask(self, connection: Connection, now: datetime) -> Token:
        url, user, secret = (connection.text(name) for name in ("token_url", "user", "secret"))
        if not url or not user or not secret:
            raise ConnectionIncomplete()
        form = {"grant_type": "client_credentials"}
        form |= {name: said for name in ("scope", "audience") if (said := connection.text(name))}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        if connection.text("token_auth", "basic") == "post":
            form |= {"client_id": user, "client_secret": secret}
        else:
            # Each is form-encoded before it is joined (RFC 6749, section 2.3.1).
            pair = f"{quote(user, safe='')}:{quote(secret, safe='')}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        reply = await self.tools.request(connection, "POST", url, headers=headers, body=urlencode(form).encode())
        if reply.status >= 500 or reply.status in (408, 429):
            raise ServerFailed()
        if reply.status != 200:
            raise CredentialsRefused()
        return read_token(reply.json(), now)


def read_token(answer: Any, now: datetime) -> Token:
    """The token of an answer (RFC 6749, section 5.1). Raises `AnswerGarbled` when there is none we can use. Pure."""
    given = answer if isinstance(answer, dict) else {}
    value, kind = given.get("access_token"), str(given.get("token_type", "")).lower()
    if not isinstance(value, str) or not value.isascii() or not value.isprintable() or kind != "bearer" or " " in value:
        raise AnswerGarbled()
    life = given.get("expires_in", UNTOLD)
    seconds = int(life) if isinstance(life, int | float) or (isinstance(life, str) and life.isdigit()) else UNTOLD
    life_left = timedelta(seconds=max(0, min(seconds, LONGEST)))
    return Token(value=value, until=now + max(life_left - MARGIN, timedelta(0)))


def _key(connection: Connection) -> str:
    """Changed values of a connection (another secret, another server) are another key."""
    values = msgspec.json.encode(connection.values, order="sorted", enc_hook=str)
    return f"{connection.slug}:{hashlib.sha256(values).hexdigest()}"
