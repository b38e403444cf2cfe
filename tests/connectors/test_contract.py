"""What each HTTP connector says to a real server, how its connection is tested and its step rehearsed. The cases that
all connectors share are in `test_contract_table`."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from connectors import connections
from connectors.address.connector import AddressConnector
from connectors.addresses import networks_of
from connectors.catalogue import Catalogue, load_catalogue, template_of
from connectors.connections import Card
from connectors.http.connector import HttpConnector
from connectors.recipes import RecipeConnector
from connectors.signatures import check
from connectors.sms.connector import SmsConnector
from connectors.sms.spending import spent
from connectors.toolbox import Toolbox
from connectors.vault import Vault
from connectors.webhook.connector import WebhookConnector
from engine.connector import BusinessError, Failure
from tests.connectors.postbox import a_job, letters
from tests.connectors.servers import HttpServer, answering
from tests.desk.builders import a_case

SECRET = "s3cret-of-the-registry"
VAULT = Vault(("k" * 40,))
PLACE = {"score": 0.9, "label": "3 rue des Lilas 49000 Saint-Martin", "citycode": "49007", "city": "Saint-Martin"}
PLACES = {"features": [{"properties": PLACE, "geometry": {"coordinates": [-0.55, 47.47]}}]}
RECIPE = {
    "id": "town.registry",
    "name": "Registre",
    "properties": [
        {"value": "town:registry", "binding": {"type": "zeebe:taskDefinition", "property": "type"}},
        {"binding": {"type": "zeebe:input", "name": "number"}},
    ],
    "parvis": {
        "connection": {
            "default": "one",
            "host_fields": ["url", "token_url"],
            "fields": [
                {"id": "url", "label": "Adresse"},
                {"id": "token_url", "label": "Serveur de jetons"},
                {"id": "auth", "label": "Compte"},
                {"id": "user", "label": "Client"},
                {"id": "secret", "label": "Secret", "secret": True},
            ],
        },
        "recipe": {
            "method": "POST",
            "path": '="/v1/" + input.number',
            "body": "={number: input.number}",
            "result": "={found: response.body.ok}",
            "error": '=if response.status = 404 then {code: "NOT_THERE"} else null',
        },
    },
}
INPUTS: dict[str, dict[str, Any]] = {
    "parvis:http": {"method": "POST", "path": "/people", "query": {"q": "a b"}, "body": {"name": "Élodie"}},
    "parvis:webhook": {"event": "case.granted", "data": {"name": "Élodie"}},
    "parvis:sms": {"to": "06 12 34 56 78", "text": "Votre créneau est réservé"},
    "parvis:address": {"query": "3 rue des Lilas", "postcode": "49000"},
    "town:registry": {"number": "12/B"},
}
GIVEN: dict[str, dict[str, Any]] = {
    "parvis:http": {"auth": "bearer"},
    "parvis:webhook": {},
    "parvis:sms": {"supplier": "generic", "sender": "MAIRIE", "cost": 4.5, "cap": 3},
    "parvis:address": {},
    "town:registry": {"auth": "bearer"},
}
TYPES = tuple(INPUTS)


def catalogue() -> Catalogue:
    return load_catalogue().with_more([template_of(json.dumps(RECIPE).encode(), "registry")])


def tools(seconds: float = 0.7) -> Toolbox:
    return Toolbox(catalogue, VAULT, permitted=networks_of("127.0.0.1/32"), seconds=seconds)


def connector(type: str) -> Any:
    template = catalogue().of_type(type)
    assert template
    return {
        "parvis:http": lambda: HttpConnector(tools()),
        "parvis:webhook": lambda: WebhookConnector(tools()),
        "parvis:sms": lambda: SmsConnector(tools(), letters, secret=b"s"),
        "parvis:address": lambda: AddressConnector(tools()),
        "town:registry": lambda: RecipeConnector(template, tools()),
    }[type]()


async def connected(type: str, server: HttpServer, now, **given: Any) -> None:
    """A connection named `one` to this server."""
    template = catalogue().of_type(type)
    assert template
    values = {"url": f"{server.url}/base", **GIVEN[type], **given}
    has_secret = any(field.secret for field in template.connection.fields) if template.connection else False
    await connections.keep(
        Card(slug="one", kind=template.kind, title="Un", given=values),
        {"secret": SECRET} if has_secret else {},
        template=template,
        vault=VAULT,
        by_name="Claire",
        now=now,
    )


def job_of(type: str, **told: Any):
    given = {"connection": "one", **INPUTS[type], **told}
    return a_job(
        type,
        input=given,
        case={"applicant": {"name": "Élodie Martin", "email": "elodie@example.org"}},
    )


@pytest.mark.parametrize("type", TYPES)
async def test_a_connection_is_tested_and_a_step_rehearsed_without_a_word_of_the_secret(database, now, type):
    async with HttpServer(answering(200, {"ok": True}, content_type="application/json")) as server:
        await connected(type, server, now)
        one = connector(type)

        await knocked(one, server, type, now)
        previewed = await one.preview(job_of(type), now)

    assert previewed.lines and SECRET not in str(previewed)


async def knocked(one, server: HttpServer, type: str, now) -> None:
    _, connection, _ = await connections.opened("one", VAULT)
    server.answer = answering(200, {"ok": True})
    assert (await one.test(connection, now)).well
    server.answer = answering(401, {})
    assert not (await one.test(connection, now)).well
    server.behaviour = "cut"
    said = await one.test(connection, now)
    server.behaviour = "answer"
    assert not said.well and "does not answer" in said.said


async def test_a_notice_is_signed_and_a_replay_is_recognised(database, now):
    async with HttpServer() as server:
        await connected("parvis:webhook", server, now)
        job = job_of("parvis:webhook")
        await connector("parvis:webhook").run(job, now)

    notice = server.received[0]
    assert check(SECRET, notice.headers, notice.body, now + timedelta(minutes=4)) == str(job.id)
    for later, secret, body in ((6, SECRET, notice.body), (0, "another secret", notice.body), (0, SECRET, b"{}")):
        with pytest.raises(Failure):
            check(secret, notice.headers, body, now + timedelta(minutes=later))
    assert notice.json()["case"] == {"reference": "2026-000123", "procedure": "room_booking"}


async def test_a_call_goes_where_the_connection_says_with_its_values(database, now):
    async with HttpServer(answering(201, {"id": 7}, content_type="application/json")) as server:
        await connected("parvis:http", server, now)
        outcome = await connector("parvis:http").run(job_of("parvis:http"), now)
        with pytest.raises(Failure):
            await connector("parvis:http").run(job_of("parvis:http", path="http://127.0.0.1:1/x"), now)

    call = server.received[0]
    assert (call.method, call.path, call.json()) == ("POST", "/base/people?q=a+b", {"name": "Élodie"})
    assert call.headers["authorization"] == f"Bearer {SECRET}"
    assert outcome.variables == {"response": {"status": 201, "body": {"id": 7}}}


async def test_a_connection_of_another_kind_gives_its_secret_to_nobody(database, now):
    async with HttpServer() as server:
        await connected("parvis:webhook", server, now)

        with pytest.raises(Failure):
            await connector("parvis:http").run(job_of("parvis:http"), now)

    assert server.received == []


async def test_a_recipe_maps_both_ways_and_names_its_business_errors(database, now):
    async with HttpServer(answering(200, {"ok": "yes"}, content_type="application/json")) as server:
        await connected("town:registry", server, now)
        outcome = await connector("town:registry").run(job_of("town:registry"), now)
        server.answer = answering(404, {})
        with pytest.raises(BusinessError) as caught:
            await connector("town:registry").run(job_of("town:registry"), now)

    assert outcome.variables == {"found": "yes"}
    assert (server.received[0].path, server.received[0].json()) == ("/base/v1/12/B", {"number": "12/B"})
    assert caught.value.code == "NOT_THERE"


async def test_the_presets_speak_as_their_suppliers_want(database, now):
    async with HttpServer(answering(201, {})) as server:
        await connected("parvis:sms", server, now, supplier="brevo", cap=9)
        await connector("parvis:sms").run(job_of("parvis:sms"), now)
        await connected("parvis:sms", server, now, supplier="twilio", user="AC1", cap=9)
        await connector("parvis:sms").run(job_of("parvis:sms"), now)

    brevo, twilio = server.received
    assert (brevo.path, brevo.headers["api-key"]) == ("/base/v3/transactionalSMS/send", SECRET)
    assert brevo.json()["recipient"] == "33612345678"
    assert twilio.path == "/base/2010-04-01/Accounts/AC1/Messages.json"
    assert b"To=%2B33612345678&From=MAIRIE&Body=Votre" in twilio.body


async def test_nobody_gets_more_text_messages_in_a_day_than_the_town_allows(database, now):
    case = await a_case(now)
    async with HttpServer() as server:
        await connected("parvis:sms", server, now, cap=2)
        one = connector("parvis:sms")
        for _ in range(2):
            outcome = await one.run(msgspec.structs.replace(job_of("parvis:sms"), case_id=case), now)
        with pytest.raises(BusinessError) as caught:
            await one.run(job_of("parvis:sms"), now)
        foreseen = await one.preview(job_of("parvis:sms"), now)
        await one.run(job_of("parvis:sms"), now + timedelta(days=1, seconds=1))

    paid = await spent("one", now - timedelta(days=1))
    assert (paid.messages, paid.segments, paid.cents) == (3, 3, 13.5)
    assert ("Reçus par cette personne en 24 h", "2 sur 2") in foreseen.lines
    assert caught.value.code == "SMS_CAP"
    assert outcome.variables["sms"] == {"sent": True, "segments": 1, "cents": 4.5}
    assert len(server.received) == 3


async def test_an_address_is_found_told_apart_and_placed(database, now):
    async with HttpServer(answering(200, PLACES)) as server:
        await connected("parvis:address", server, now, citycodes="49007")
        found = (await connector("parvis:address").run(job_of("parvis:address"), now)).variables["address"]
        await connected("parvis:address", server, now, citycodes="49001")
        codes = []
        for given in ({}, {"score": "0.95"}):
            with pytest.raises(BusinessError) as caught:
                await connector("parvis:address").run(job_of("parvis:address", **given), now)
            codes.append(caught.value.code)

    assert (found["latitude"], found["longitude"], found["insee"]) == (47.47, -0.55, "49007")
    assert server.received[0].path == "/base/search?q=3+rue+des+Lilas&limit=5&postcode=49000"
    assert codes == ["ADDRESS_OUTSIDE", "ADDRESS_UNKNOWN"]
