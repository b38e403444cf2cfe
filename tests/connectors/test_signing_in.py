"""OAuth 2 client credentials, against a real authorisation server: one token for many calls, asked again when it ends
or is refused. The secret stays sealed; no token is ever said."""

import asyncio
import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from connectors.errors import AnswerGarbled, ConnectionIncomplete, CredentialsRefused, ServerFailed
from connectors.redaction import redacted, watched
from connectors.signing_in import Token, read_token
from engine.store.statements import value
from tests.connectors.servers import HttpServer, Received, answering
from tests.connectors.test_contract import SECRET, connected, connector, job_of

TYPES = ("parvis:http", "town:registry")


class Issuer:
    """Gives tokens t1, t2, …; the service takes those of `good`."""

    def __init__(self, life: int = 3600) -> None:
        self.life, self.given, self.good = life, 0, set[str]()

    def token(self, _: Received) -> tuple[int, dict[str, str], bytes]:
        self.given += 1
        self.good.add(f"token-{self.given}")
        body = {"access_token": f"token-{self.given}", "token_type": "Bearer", "expires_in": self.life}
        return 200, {"content-type": "application/json"}, json.dumps(body).encode()

    def service(self, request: Received) -> tuple[int, dict[str, str], bytes]:
        known = request.headers.get("authorization", "").removeprefix("Bearer ") in self.good
        return (200 if known else 401), {"content-type": "application/json"}, b'{"ok": true}'


async def signed(issuer: Issuer, tokens: HttpServer, service: HttpServer, now, type="parvis:http", **given: Any):
    """A connector whose connection signs in at `tokens`."""
    tokens.answer, service.answer = issuer.token, issuer.service
    oauth = {"auth": "oauth2", "user": "parvis", "token_url": f"{tokens.url}/oauth/token", **given}
    await connected(type, service, now, **oauth)
    return connector(type)


async def test_a_token_is_asked_once_and_serves_until_it_ends(database, now):
    async with HttpServer() as tokens, HttpServer() as service:
        issuer = Issuer()
        one = await signed(issuer, tokens, service, now, scope="registry.write", audience="registry")

        for minutes in (0, 10, 58):
            await one.run(job_of("parvis:http"), now + timedelta(minutes=minutes))
        before_end = issuer.given
        await one.run(job_of("parvis:http"), now + timedelta(minutes=60))

    asked = parse_qs(tokens.received[0].body.decode())
    assert (before_end, issuer.given) == (1, 2)
    assert asked == {
        "grant_type": ["client_credentials"],
        "scope": ["registry.write"],
        "audience": ["registry"],
    }
    pair = base64.b64encode(f"parvis:{SECRET}".encode()).decode()
    assert tokens.received[0].headers["authorization"] == f"Basic {pair}"
    assert [each.headers["authorization"] for each in service.received] == ["Bearer token-1"] * 3 + ["Bearer token-2"]


async def test_account_and_secret_may_travel_in_the_form(database, now):
    async with HttpServer() as tokens, HttpServer() as service:
        one = await signed(Issuer(), tokens, service, now, token_auth="post")
        await one.run(job_of("parvis:http"), now)

    asked = parse_qs(tokens.received[0].body.decode())
    assert (asked["client_id"], asked["client_secret"]) == (["parvis"], [SECRET])
    assert "authorization" not in tokens.received[0].headers


async def test_jobs_at_once_ask_for_one_token(database, now):
    async with HttpServer() as tokens, HttpServer() as service:
        issuer = Issuer()
        one = await signed(issuer, tokens, service, now)

        await asyncio.gather(*(one.run(job_of("parvis:http"), now) for _ in range(8)))

    assert (issuer.given, len(service.received)) == (1, 8)


async def test_a_token_refused_before_its_end_is_replaced_once(database, now):
    async with HttpServer() as tokens, HttpServer() as service:
        issuer = Issuer()
        one = await signed(issuer, tokens, service, now)
        await one.run(job_of("parvis:http"), now)
        issuer.good.clear()

        await one.run(job_of("parvis:http"), now)
        service.answer = answering(401, {})
        with pytest.raises(CredentialsRefused):
            await one.run(job_of("parvis:http"), now)

    assert issuer.given == 3
    keys = [each.headers["idempotency-key"] for each in service.received]
    assert keys[1] == keys[2] and keys[3] == keys[4], "the second try is the same call"


async def test_another_secret_is_another_token(database, now):
    async with HttpServer() as tokens, HttpServer() as service:
        issuer = Issuer()
        one = await signed(issuer, tokens, service, now)
        await one.run(job_of("parvis:http"), now)

        await connected("parvis:http", service, now, auth="oauth2", user="other", token_url=f"{tokens.url}/oauth/token")
        await one.run(job_of("parvis:http"), now)

    assert issuer.given == 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (answering(401, {"error": "invalid_client"}), CredentialsRefused),
        (answering(400, {"error": "invalid_scope"}), CredentialsRefused),
        (answering(503, {}), ServerFailed),
        (answering(200, {"token_type": "mac", "access_token": "x"}), AnswerGarbled),
        (answering(200, ["nothing"]), AnswerGarbled),
        (lambda _: (200, {"content-type": "application/json"}, b"{nonsense"), AnswerGarbled),
    ],
)
async def test_an_authorisation_server_that_gives_no_token_is_told_in_plain_words(database, now, answer, error):
    async with HttpServer() as tokens, HttpServer() as service:
        one = await signed(Issuer(), tokens, service, now)
        tokens.answer = answer

        with watched() as secrets, pytest.raises(error) as caught:
            await one.run(job_of("parvis:http"), now)

    assert service.received == []
    assert SECRET not in redacted(str(caught.value), None, secrets)


async def test_a_test_of_the_connection_signs_in(database, now):
    from connectors import connections
    from tests.connectors.test_contract import VAULT

    async with HttpServer() as tokens, HttpServer() as service:
        one = await signed(Issuer(), tokens, service, now)
        _, connection, _ = await connections.opened("one", VAULT)
        well = await one.test(connection, now)
        tokens.answer = answering(401, {})
        ill = await connector("parvis:http").test(connection, now)

    assert well.well and not ill.well and "credentials" in ill.said


async def test_a_connector_without_code_signs_in_too(database, now):
    async with HttpServer() as tokens, HttpServer() as service:
        issuer = Issuer()
        template_fields = {"auth": "oauth2", "user": "parvis", "token_url": f"{tokens.url}/token"}
        tokens.answer, service.answer = issuer.token, issuer.service
        await connected("town:registry", service, now, **template_fields)

        await connector("town:registry").run(job_of("town:registry"), now)

    assert service.received[0].headers["authorization"] == "Bearer token-1"


async def test_a_connection_without_token_server_is_incomplete(database, now):
    async with HttpServer() as tokens, HttpServer() as service:
        one = await signed(Issuer(), tokens, service, now, token_url=None)

        with pytest.raises(ConnectionIncomplete):
            await one.run(job_of("parvis:http"), now)


async def test_neither_secret_nor_token_is_in_the_database(database, now):
    async with HttpServer() as tokens, HttpServer() as service:
        one = await signed(Issuer(), tokens, service, now)
        await one.run(job_of("parvis:http"), now)

    for word in (SECRET, "token-1"):
        kept = "SELECT count(*) FROM connectors_connection c WHERE position($1::bytea in secrets) > 0 OR c::text ~ $2"
        assert await value(kept, word.encode(), word) == 0


def test_a_token_is_never_shown_and_ends_before_the_server_says(now):
    token = read_token({"access_token": "abc", "token_type": "bearer", "expires_in": "120"}, now)

    assert token == Token(value="abc", until=now + timedelta(seconds=90))
    assert "abc" not in repr(token)
    assert read_token({"access_token": "abc", "token_type": "Bearer", "expires_in": 5}, now).until == now
