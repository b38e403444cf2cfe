"""The screens of connections, over the real application: kept, refused where it is wrong, tested, used, forgotten."""

from collections.abc import AsyncIterator
from datetime import timedelta
from functools import cache

import msgspec
import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from litestar.datastructures import State
from litestar.exceptions import HTTPException

from accounts import departments, people
from admin.routes import ROUTES as ADMIN
from connectors import admission, wiring
from connectors.errors import MailSenderRefused
from connectors.runner import Runner
from engine import deployments
from engine.store.statements import run, value
from server.settings import Outgoing
from tests.connectors.servers import HttpServer, answering
from tests.connectors.test_runner import Told, a_waiting_job
from tests.connectors.test_third_party import RECIPE
from tests.engine.bundles import ADMINISTRATOR, REVIEW, a_bundle
from tests.web.conftest import Browser, Clock, hidden_fields
from web.pages.house import open_house
from web.pages.problems import problem_page
from web.pages.templates import template_config
from web.routes import ROUTES as WEB


@cache
def wired() -> Litestar:
    """Wired once: each test gives it a state of its own."""
    return Litestar(
        route_handlers=[*WEB, *ADMIN],
        template_config=template_config(),
        exception_handlers={Exception: problem_page, HTTPException: problem_page},
        openapi_config=None,
    )


@pytest.fixture
async def claire(settings, database, now) -> AsyncIterator[Browser]:
    """The administrator at her desk."""
    settings = msgspec.structs.replace(settings, outgoing=Outgoing(networks="127.0.0.1/32"))
    await departments.upsert(departments.Department(slug="voirie", name_fr="Voirie", name_en="Roads"))
    person = await people.add(
        name="Claire Fontaine", email="c@ville.example", kind="agent", roles=["administrator"], now=now
    )
    available = wiring.available_of(wiring.connections_of(settings))
    house = open_house(settings, None, Clock(now), {"connectors": available})
    app = wired()
    app.state = State({"house": house})
    cookies = {"parvis": await house.sessions.open(person, now)}
    address = "http://127.0.0.1:8000"
    async with AsyncClient(transport=ASGITransport(app), base_url=address, cookies=cookies) as client:
        yield Browser(client)


def fields(server: HttpServer, **changes: str) -> dict[str, str]:
    """The form of an HTTP connection, filled in."""
    given = {"kind": "parvis.http", "slug": "registry", "title": "Registre", "v-url": server.url, "v-auth": "bearer"}
    return {**given, "v-secret": "s3cret-token", "concurrency": "4", "per_minute": "60", "active": "1", **changes}


async def test_a_connection_is_kept_tested_rehearsed_and_forgotten(claire, now):
    async with HttpServer(answering(200, {"ok": True})) as server:
        new = await claire.open("/admin/connexions/nouvelle?genre=parvis.http")
        wrong = await claire.send(
            "/admin/connexions", fields(server, title="", **{"v-url": "nonsense"}), page=str(new.url)
        )
        kept = await claire.send("/admin/connexions", fields(server), page=str(new.url))
        taken = await claire.send("/admin/connexions", fields(server), page=str(new.url))
        tested = await claire.send("/admin/connexions/registry/tester", page="/admin/connexions/registry")
        server.answer = answering(401, {})
        refused = await claire.send("/admin/connexions/registry/tester", page="/admin/connexions/registry")
        elsewhere = fields(server, **{"v-url": "https://else.example", "v-secret": ""})
        moved = await claire.send("/admin/connexions/registry", elsewhere, page="/admin/connexions/registry")
        rehearsed = await claire.send(
            "/admin/connecteurs/parvis:http/essai",
            {"v-connection": "registry", "v-method": "POST", "v-path": '="p/" + case.reference', "v-body": "={a: 1}"},
            page="/admin/connecteurs/parvis:http/essai",
        )
        calls = len(server.received)
        listed = await claire.open("/admin/connexions")
        gone = await claire.send("/admin/connexions/registry/retirer", page="/admin/connexions/registry")

    assert (wrong.status_code, taken.status_code, moved.status_code) == (422, 422, 422)
    assert "Cette réponse est nécessaire" in wrong.text and "porte ce nom" in taken.text
    assert "saisissez de nouveau le secret" in moved.text
    assert "est enregistrée" in kept.text and "Le serveur répond." in tested.text
    assert "refuse nos identifiants" in refused.text and "Test échoué" in listed.text
    assert f"POST {server.url}/p/2026-000000" in rehearsed.text and calls == 2
    assert "oubliés" in gone.text and await value("SELECT count(*) FROM connectors_connection") == 0
    shown = [new, wrong, kept, taken, tested, refused, moved, rehearsed, listed, gone]
    assert [each.url for each in shown if "s3cret-token" in each.text] == []


async def test_a_connection_that_fails_is_said_in_plain_words_with_what_waits(claire, now):
    await a_waiting_job(now)
    for _ in range(2):
        await admission.leave(
            "mail",
            await value("SELECT gen_random_uuid()"),
            "failed",
            now,
            milliseconds=1,
            reason=str(MailSenderRefused()),
        )
    later = await claire.open("/admin/blocages")
    listed = await claire.open("/admin/connexions")

    assert "Écrire la réponse (Pétition)" not in listed.text, "the settings serve it"
    assert "refuse l’expéditeur" in later.text and "1 étape l’attend" in later.text


async def test_all_cases_of_a_cause_are_tried_again_at_once(claire, now):
    case = await a_waiting_job(now)
    for moment in (now, now + timedelta(hours=1)):
        await Runner({"parvis:mail": Told(MailSenderRefused())}, worker="t").run_once(moment)
    shown = await claire.open("/admin/blocages")
    message = await value("SELECT message FROM engine_incident")
    all_of_it = {"cause": message, "connection": "mail"}
    after = await claire.send("/admin/blocages/reessayer", all_of_it, page="/admin/blocages")

    assert "refuse l’expéditeur" in shown.text and 'href="/admin/connexions/mail"' in shown.text
    assert "Encore bloqués : 0" in after.text
    assert await value("SELECT state FROM engine_case WHERE id = $1", case) == "open"


async def test_a_connector_without_code_is_brought_used_and_taken_out_of_use(claire, now):
    page = await claire.open("/admin/connecteurs")
    csrf = hidden_fields(page.text)["csrf"]

    async def bring(content: bytes):
        files = {"template": ("t.json", content, "application/json")}
        return await claire.client.post("/admin/connecteurs", data={"csrf": csrf}, files=files, follow_redirects=True)

    refused, taken = await bring(b"{}"), await bring(RECIPE)
    kind = await claire.open("/admin/connexions/nouvelle?genre=town.associations")
    out = await claire.send("/admin/connecteurs/town:associations/service", {"active": "0"}, page="/admin/connecteurs")

    assert refused.status_code == 422 and "Ce n’est pas un modèle" in refused.text
    assert "Registre des associations" in taken.text and kind.status_code == 200
    assert "Remettre en service" in out.text


async def test_a_missing_connection_is_told_where_steps_use_it_and_the_mail_of_the_settings_is_there(claire, now):
    await deployments.publish(a_bundle(REVIEW, slug="by-mail"), ADMINISTRATOR, now)
    by_mail = await claire.open("/admin/connexions")
    with_sms = a_bundle(REVIEW.replace("parvis:mail", "parvis:sms"), slug="by-sms")
    await deployments.publish(with_sms, ADMINISTRATOR, now)
    by_sms = await claire.open("/admin/connexions")

    assert "connexions qui n’existent pas" not in by_mail.text
    assert "connexions qui n’existent pas" in by_sms.text and "<code>sms</code>" in by_sms.text


async def test_what_text_messages_cost_is_on_the_page_of_their_connection(claire, now):
    sms = {"kind": "parvis.sms", "slug": "sms", "title": "SMS", "v-url": "https://sms.example", "v-cost": "4,5"}
    limits = {"concurrency": "4", "per_minute": "60", "active": "1", "v-supplier": "generic", "v-secret": "s3cret"}
    new = await claire.open("/admin/connexions/nouvelle?genre=parvis.sms")
    kept = await claire.send("/admin/connexions", {**sms, **limits, "v-sender": "MAIRIE"}, page=str(new.url))
    await run(
        "INSERT INTO connectors_sms (job_id, connection, person, segments, millicents, sent_at) "
        "VALUES (gen_random_uuid(), 'sms', 'x', 2, 9000, $1), (gen_random_uuid(), 'other', 'x', 1, 4500, $1)",
        now - timedelta(days=2),
    )

    shown = await claire.open("/admin/connexions/sms")

    assert kept.status_code == 200 and "Segments payés" in shown.text
    assert "0,09" in shown.text
