"""A draft begins with what is known, and goes on elsewhere by its link: never by anybody else's, never twice."""

import re
from datetime import timedelta

import msgspec
import pytest

from accounts.departments import Department, upsert
from connectors.wiring import deliver_of
from desk import drafts, notifications
from engine import deployments
from engine.actor import SYSTEM
from engine.bundle import bundle_of
from engine.store.statements import value
from server.settings import Smtp
from tests.conformance.forms.running import MODEL
from tests.conformance.village import bundle_around
from tests.connectors.postbox import MailServer, body_of
from tests.web.conftest import Browser, hidden_fields
from web.pages.signed_links import read, sign

SCHEMA = b"""{"type": "object", "title": "Essai", "properties": {
  "email": {"$ref": "library/email.json"},
  "theme": {"type": "string", "title": "Sujet", "enum": ["roads", "trees"]},
  "town": {"type": "string", "title": "Commune", "default": "Blois"}}}"""
UI = b"""{"type": "VerticalLayout", "elements": [
  {"type": "Control", "scope": "#/properties/email"},
  {"type": "Control", "scope": "#/properties/theme", "options": {"prefill": "link.theme"}},
  {"type": "Control", "scope": "#/properties/town"}]}"""
SECRET = b"0" * 64


@pytest.fixture
async def procedure(database, now):
    await upsert(Department(slug="anyone", name_fr="Accueil", name_en="Reception"))
    files = {"forms/request.schema.json": SCHEMA, "forms/request.ui.json": UI}
    bundle = bundle_of({**bundle_around(MODEL, "filing", "essai").files, **files})
    await deployments.publish(bundle, SYSTEM, now)


async def begun(browser: Browser, link: str = ""):
    shown = await browser.open(f"/demarches/essai?avec={link}")
    return await browser.client.post(
        "/demarches/essai/commencer", data=hidden_fields(shown.text), follow_redirects=True
    )


async def test_a_signed_link_and_the_schema_give_first_answers(browser, procedure, now):
    link = sign(SECRET, "prefill:essai", now + timedelta(days=1), {"theme": "trees"})

    first = await begun(browser, link)

    assert re.search(r'value="trees" checked', first.text)
    assert 'value="Blois"' in first.text


@pytest.mark.parametrize("theme", ["roofs", 3, "<b>"])
async def test_a_value_the_question_would_refuse_is_left_out(browser, procedure, now, theme):
    first = await begun(browser, sign(SECRET, "prefill:essai", now + timedelta(days=1), {"theme": theme}))

    assert first.status_code == 200
    assert " checked" not in first.text


async def test_a_link_that_was_altered_is_over_or_for_another_procedure_says_nothing(browser, procedure, now):
    values = {"theme": "trees"}
    good = sign(SECRET, "prefill:essai", now + timedelta(days=1), values)
    links = [
        good[:-2] + "AA",
        "x" + good,
        sign(b"another", "prefill:essai", now + timedelta(days=1), values),
        sign(SECRET, "prefill:other", now + timedelta(days=1), values),
        sign(SECRET, "prefill:essai", now - timedelta(seconds=1), values),
        "é.%",
    ]

    firsts = [await begun(browser, link) for link in links]

    assert [" checked" in first.text for first in firsts] == [False] * len(links)
    assert read(SECRET, "prefill:essai", good, now) == values


async def test_a_draft_goes_on_in_another_browser_by_its_link(browser, procedure, now):
    first = await begun(browser)
    await browser.client.post(first.url.path, data={**hidden_fields(first.text), "/town": "Tours", "do": "x"})
    link = re.findall(r'href="http://127\.0\.0\.1:8000(/reprendre/[^"]+)"', first.text)[0]
    browser.client.cookies.clear()

    looked = await browser.open(link)
    stranger = await browser.open(first.url.path)
    moved = await browser.client.post(link, data=hidden_fields(looked.text), follow_redirects=True)

    assert (looked.status_code, stranger.status_code, moved.status_code) == (200, 404, 200)
    assert 'value="Tours"' in (await browser.open(first.url.path)).text


async def test_somebody_else_s_link_opens_nothing(browser, procedure, now):
    first = await begun(browser)
    draft_id = first.url.path.split("/")[2]
    forged = sign(b"another", f"draft:{draft_id}", now + timedelta(days=9))

    assert (await browser.open(f"/reprendre/{draft_id}/{forged}")).status_code == 404


def post_of(settings, port: int):
    """How the town's notices leave, by the mail server of this port."""
    smtp = Smtp(host="127.0.0.1", port=port, sender="mairie@town.example")
    return deliver_of(msgspec.structs.replace(settings, smtp=smtp))


async def asked_by_mail(browser: Browser, email: str):
    """What the page says to whoever asks for the link of their draft at this address."""
    path = (await begun(browser)).url.path.partition("/etape/")[0] + "/lien"
    asked = await browser.open(path)
    return await browser.client.post(path, data={**hidden_fields(asked.text), "email": email})


async def test_the_link_is_written_to_the_address_the_person_gives(browser, procedure, settings, now):
    first = await begun(browser)
    wrong = await asked_by_mail(browser, "marie@")
    right = await asked_by_mail(browser, "marie@courriel.example")

    async with MailServer() as server:
        sent = await notifications.deliver_waiting(post_of(settings, server.port), now)

    assert f'{first.url.path.partition("/etape/")[0]}/lien"' in first.text
    assert (wrong.status_code, right.status_code, sent) == (422, 200, 1)
    assert "écrivez-la en entier" in wrong.text
    assert "marie@courriel.example" in right.text
    letter = server.received[0]
    assert (letter["To"], letter["Subject"]) == ("marie@courriel.example", "Votre brouillon « Modèle »")
    link = re.findall(r"http://127\.0\.0\.1:8000(/reprendre/\S+)", body_of(letter))[0]
    browser.client.cookies.clear()
    assert (await browser.open(link)).status_code == 200


async def test_a_mail_server_that_is_down_delays_the_link_and_loses_nothing(browser, procedure, settings, now):
    async with MailServer() as gone:
        port = gone.port
    await asked_by_mail(browser, "marie@courriel.example")

    down = await notifications.deliver_waiting(post_of(settings, port), now)
    async with MailServer() as back:
        soon = await notifications.deliver_waiting(post_of(settings, back.port), now)
        later = await notifications.deliver_waiting(post_of(settings, back.port), now + timedelta(minutes=1))
        again = await notifications.deliver_waiting(post_of(settings, back.port), now + timedelta(minutes=9))

    assert (down, soon, later, again) == (0, 0, 1, 0)
    assert [letter["To"] for letter in back.received] == ["marie@courriel.example"]


async def test_the_address_is_forgotten_with_the_draft(browser, procedure, now):
    await asked_by_mail(browser, "marie@courriel.example")

    await drafts.purge_expired(now + timedelta(days=400))

    assert await value("SELECT count(*) FROM desk_notification") == 0


async def test_nobody_is_written_to_again_and_again_and_only_the_owner_asks(browser, procedure, clock):
    path = (await begun(browser)).url.path.partition("/etape/")[0] + "/lien"
    fields = {**hidden_fields((await browser.open(path)).text), "email": "marie@courriel.example"}

    answers = []
    for _ in range(7):
        answers.append((await browser.client.post(path, data=fields)).status_code)
        clock.now += timedelta(minutes=1)
    browser.client.cookies.clear()
    stranger = await browser.open(path)

    assert answers == [200] * 5 + [429] * 2
    assert await value("SELECT count(*) FROM desk_notification") == 5
    assert stranger.status_code == 404


async def test_two_clicks_write_once(browser, procedure):
    path = (await begun(browser)).url.path.partition("/etape/")[0] + "/lien"
    fields = {**hidden_fields((await browser.open(path)).text), "email": "marie@courriel.example"}

    answers = [(await browser.client.post(path, data=fields)).status_code for _ in range(2)]

    assert answers == [200, 200]
    assert await value("SELECT count(*) FROM desk_notification") == 1
