"""What comes in: signed notices that start or wake a case, once; bounces and replies that find their case."""

import json
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP as WIRE

import aiosmtplib
import httpx
import msgspec
import pytest
from litestar import Litestar

from api.inbound import ROUTES
from connectors import connections, signatures
from connectors.catalogue import load_catalogue
from connectors.connections import Card
from connectors.housekeeping import forget_old
from connectors.mail.returns import case_of, read, return_address, take
from connectors.toolbox import Toolbox
from connectors.vault import Vault
from desk import exchanges
from engine import cases, journal
from engine.store.statements import value
from server.mail_in import taking_returns
from server.settings import Settings
from tests.engine.bundles import PAYMENT, REVIEW, a_case, a_procedure

SECRET = "a secret of both sides"
VAULT = Vault(("k" * 40,))
MAIL_SECRET = b"0" * 64


class House(msgspec.Struct):
    """The part of the house that the route reads."""

    connections: dict
    clock: object


class Town(msgspec.Struct):
    tools: Toolbox


def client(now) -> httpx.AsyncClient:
    app = Litestar(route_handlers=list(ROUTES), openapi_config=None)
    app.state["house"] = House({"connectors": Town(Toolbox(load_catalogue, VAULT))}, lambda: now)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://town.example")


async def connect(now, slug="treasury", secret=SECRET, **given) -> None:
    template = load_catalogue().kinds["parvis.inbound"]
    values = {"message": "payment", "key": "=body.invoice", "variables": "={paid: body.amount}", **given}
    values = {name: said for name, said in values.items() if said is not None}
    card = Card(slug=slug, kind=template.id, title="Trésor", given=values)
    await connections.keep(card, {"secret": secret}, template=template, vault=VAULT, by_name="C", now=now)


async def send(now, body: object, slug="treasury", id="m1", secret=SECRET, at=None, **headers: str) -> tuple[int, dict]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    signed = signatures.headers_of(secret, id, content, at or now)
    async with client(now) as http:
        answer = await http.post(f"/api/inbound/{slug}", content=content, headers={**signed, **headers})
    return answer.status_code, answer.json()


async def test_a_notice_wakes_the_case_that_waits_for_it_once(database, now):
    await a_procedure(now, PAYMENT)
    case = await a_case(now, answers={"invoice": "F-12"})
    await connect(now)

    first = await send(now, {"invoice": "F-12", "amount": 40})
    again = await send(now, {"invoice": "F-12", "amount": 40})

    assert first == (202, {"reached": 1, "repeated": False})
    assert again == (202, {"reached": 0, "repeated": True})
    assert await value("SELECT name FROM engine_task WHERE case_id = $1", case.case_id) == "Examiner"


async def test_what_comes_before_anybody_waits_is_kept_for_its_time(database, now):
    await connect(now)
    early = await send(now, {"invoice": "F-13", "amount": 40})
    await a_procedure(now, PAYMENT)

    case = await a_case(now + timedelta(hours=1), answers={"invoice": "F-13"})

    assert early[1]["reached"] == 0
    assert await value("SELECT count(*) FROM engine_task WHERE case_id = $1", case.case_id) == 1


async def test_a_notice_without_key_starts_a_case(database, now):
    started = REVIEW.replace(
        '<startEvent id="Filed"/>',
        '<startEvent id="Filed"/><sequenceFlow id="f0" sourceRef="Rung" targetRef="Review"/>'
        '<startEvent id="Rung"><messageEventDefinition messageRef="alarm"/></startEvent>',
    )
    await a_procedure(now, started)
    await connect(now, message="alarm", key=None, variables="={answers: {name: body.name}}")

    told = await send(now, {"name": "Capteur 7"})

    assert told == (202, {"reached": 1, "repeated": False})
    assert await value("SELECT count(*) FROM engine_case") == 1


async def test_a_stranger_learns_nothing_and_changes_nothing(database, now):
    await a_procedure(now, PAYMENT)
    await a_case(now, answers={"invoice": "F-12"})
    await connect(now)
    body = {"invoice": "F-12", "amount": 40}

    refused = [
        await send(now, body, secret="another secret"),
        await send(now, body, slug="nobody"),
        await send(now, body, at=now - timedelta(minutes=6)),
        await send(now, body, at=now + timedelta(minutes=6)),
        await send(now, body, **{"webhook-signature": "v1,AAAA"}),
        await send(now, body, **{"webhook-timestamp": "x"}),
        await send(now, body, **{"webhook-id": "m2"}),
    ]
    garbled = [(await send(now, content, id=f"g{index}"))[0] for index, content in enumerate(GARBAGE)]

    assert {(status, answer["title"]) for status, answer in refused} == {
        (401, "The signature is missing, wrong or too old.")
    }
    assert garbled == [400, 400, 400, 400, 422]
    assert await value("SELECT count(*) FROM engine_task") == 0


GARBAGE = (b"", b"[1]", b"{" * 5_000, b'{"a":' * 500 + b"1" + b"}" * 500, b'{"amount": 1}')


async def test_ids_of_old_notices_are_forgotten(database, now):
    await connect(now)
    await send(now, {"invoice": "x", "amount": 1})

    counts = [await forget_old(now + timedelta(days=days)) for days in (1, 3)]

    assert counts == [0, 1]


def bounce(action: str = "failed", message_id: str = "<b1@mx>") -> bytes:
    """A delivery status notification as mail servers write them (RFC 3464)."""
    return (
        f"From: mailer@mx.example\r\nTo: x\r\nSubject: Undelivered\r\nMessage-ID: {message_id}\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        f"Reporting-MTA: dns; mx.example\r\n\r\nFinal-Recipient: rfc822; e@example.org\r\nAction: {action}\r\n"
        "Status: 5.1.1\r\n\r\n--b--\r\n"
    ).encode()


def reply(**headers: str) -> bytes:
    message = EmailMessage(policy=WIRE)
    message["From"], message["Subject"], message["Message-ID"] = "e@example.org", "Re: Votre demande", "<r1@mx>"
    for name, said in headers.items():
        message[name.replace("_", "-")] = said
    message.set_content(
        "Bonjour,\nVoici ma réponse.\n\nLe mardi 24 novembre 2026, la mairie a écrit :\n> Votre demande"
    )
    return message.as_bytes()


async def test_a_bounce_and_a_reply_find_their_case_by_their_address(database, now):
    await a_procedure(now)
    case = await a_case(now)
    address = return_address("retours@ville.example", case.case_id, MAIL_SECRET)

    bounced = read(bounce(), (address,), MAIL_SECRET)
    replied = read(reply(), (address.upper(),), MAIL_SECRET)
    assert bounced and replied
    taken = [await take(each, now) for each in (bounced, bounced, replied, replied)]

    facts = [fact.fact for fact in await journal.of_case(case.case_id)]
    assert taken[:2] == [True, False]
    assert sum("could not be delivered" in fact for fact in facts) == 1
    (kept,) = await exchanges.of_case(case.case_id)
    assert (kept.side, kept.words) == ("applicant", "Bonjour,\nVoici ma réponse.")


def test_nobody_makes_a_return_address_and_machines_are_not_listened_to(now):
    from uuid import uuid4

    case = uuid4()
    address = return_address("retours@ville.example", case, MAIL_SECRET)
    forged = address.replace("retours+" + address[8], "retours+" + ("a" if address[8] != "a" else "b"))

    assert (case_of(address, MAIL_SECRET), case_of(forged, MAIL_SECRET)) == (case, None)
    assert case_of("retours@ville.example", MAIL_SECRET) is None
    assert len(address.partition("@")[0]) <= 64  # RFC 5321, 4.5.3.1.1
    for content in (reply(Auto_Submitted="auto-replied"), reply(Precedence="bulk"), bounce("delivered")):
        assert read(content, (address,), MAIL_SECRET) is None
    assert read(reply(), ("retours@ville.example",), MAIL_SECRET) is None
    assert read(b"", (address,), MAIL_SECRET) is None


async def test_the_town_s_mail_server_hands_them_over_by_smtp(database, now, tmp_path, unused_port):
    await a_procedure(now)
    case = await a_case(now)
    settings = Settings(data_dir=tmp_path, secret_key="0" * 64, returns_port=unused_port)
    address = return_address("retours@ville.example", case.case_id, MAIL_SECRET)

    async with taking_returns(settings, lambda: now), aiosmtplib.SMTP(hostname="127.0.0.1", port=unused_port) as mail:
        await mail.sendmail("", [address], bounce())
        with pytest.raises(aiosmtplib.SMTPRecipientsRefused):
            await mail.sendmail("", ["somebody@ville.example"], bounce())

    assert (await cases.get(case.case_id)).state == "open"
    assert any("could not be delivered" in fact.fact for fact in await journal.of_case(case.case_id))


@pytest.fixture
def unused_port() -> int:
    import socket

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]
