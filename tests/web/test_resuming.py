"""A draft begins with what is known, and goes on elsewhere by its link: never by anybody else's, never twice."""

import re
from datetime import timedelta

import pytest

from accounts.departments import Department, upsert
from engine import deployments
from engine.actor import SYSTEM
from engine.bundle import bundle_of
from tests.conformance.forms.running import MODEL
from tests.conformance.village import bundle_around
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


async def test_the_link_is_written_to_the_address_the_person_gives(browser, procedure, application):
    letters = []

    async def send(to, language, **values):
        letters.append((to, language, values))

    application.state["house"].connections["send_resume_link"] = send
    first = await begun(browser)
    path = first.url.path.partition("/etape/")[0] + "/lien"
    asked = await browser.open(path)

    wrong = await browser.client.post(path, data={**hidden_fields(asked.text), "email": "marie@"})
    right = await browser.client.post(path, data={**hidden_fields(asked.text), "email": "marie@courriel.example"})

    assert f'href="{path}"' in first.text
    assert (wrong.status_code, right.status_code) == (422, 200)
    assert "écrivez-la en entier" in wrong.text
    assert "marie@courriel.example" in right.text
    assert [(to, language) for to, language, _ in letters] == [("marie@courriel.example", "fr")]
    browser.client.cookies.clear()
    link = letters[0][2]["link"].removeprefix("http://127.0.0.1:8000")
    assert (await browser.open(link)).status_code == 200


async def test_nobody_is_written_to_again_and_again_and_only_the_owner_asks(browser, procedure, application):
    letters = []

    async def send(to, language, **values):
        letters.append(to)

    application.state["house"].connections["send_resume_link"] = send
    path = (await begun(browser)).url.path.partition("/etape/")[0] + "/lien"
    fields = {**hidden_fields((await browser.open(path)).text), "email": "marie@courriel.example"}

    answers = [(await browser.client.post(path, data=fields)).status_code for _ in range(7)]
    browser.client.cookies.clear()
    stranger = await browser.open(path)

    assert answers == [200] * 5 + [429] * 2
    assert len(letters) == 5
    assert stranger.status_code == 404
