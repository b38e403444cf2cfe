"""Signing in, out, and finding what one had typed."""

from datetime import timedelta

import pytest

from accounts import passwords, people
from tests.web.conftest import hidden_fields

PASSWORD = "le marché du samedi"


@pytest.fixture
async def agent(database, now):
    hashed = await passwords.hash_password(PASSWORD)
    return await people.add(name="Ana Ruiz", email="ana@ville.example", password_hash=hashed, now=now)


async def test_the_sign_in_page_speaks_french_and_english(browser, database):
    french, english = await browser.open("/connexion"), await browser.open("/connexion?lang=en")

    assert '<html lang="fr">' in french.text
    assert "Se connecter" in french.text
    assert "Sign in" in english.text


async def test_every_page_carries_the_safety_headers(browser, database):
    answer = await browser.open("/connexion")

    assert "default-src 'self'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"


async def test_a_wrong_password_says_so_beside_the_field(browser, agent):
    answer = await browser.sign_in("ana@ville.example", "faux")

    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert 'value="ana@ville.example"' in answer.text


async def test_signing_out_everywhere_closes_this_browser_too(browser, agent):
    await browser.send("/connexion", {"email": "ana@ville.example", "password": PASSWORD}, follow=False)

    await browser.send("/deconnexion/partout", page="/contact", follow=False)

    refused = await browser.send("/deconnexion", page="/connexion")

    assert (await browser.open("/deconnexion")).status_code == 405
    assert refused.status_code == 401


@pytest.mark.parametrize(
    "headers", [{"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}, {"sec-fetch-site": "same-site"}]
)
async def test_a_form_posted_by_another_site_is_refused(browser, agent, headers):
    answer = await browser.send("/connexion", {"email": "ana@ville.example", "password": PASSWORD}, headers=headers)

    assert answer.status_code == 403


async def test_a_form_without_its_token_or_with_a_planted_one_is_refused(browser, agent):
    await browser.open("/connexion")

    without = await browser.client.post("/connexion", data={"email": "ana@ville.example", "password": PASSWORD})
    browser.client.cookies.set("parvis-visitor", "planted")
    planted = await browser.client.post("/connexion", data={"csrf": "planted", "email": "a@b.example", "password": "x"})

    assert (without.status_code, planted.status_code) == (403, 403)


async def test_what_was_typed_comes_back_when_the_session_has_ended(browser, agent, clock):
    await browser.send("/connexion", {"email": "ana@ville.example", "password": PASSWORD}, follow=False)
    page = await browser.open("/contact")
    clock.now += timedelta(hours=2)

    refused = await browser.client.post(
        "/deconnexion/partout", data={"csrf": hidden_fields(page.text)["csrf"], "words": "Bonjour, voici la suite"}
    )
    fields = hidden_fields(refused.text)
    back = await browser.client.post("/connexion", data={**fields, "email": "ana@ville.example", "password": PASSWORD})

    assert refused.status_code == 401
    assert fields["kept:words"] == "Bonjour, voici la suite"
    assert hidden_fields(back.text)["words"] == "Bonjour, voici la suite"
    assert 'action="/deconnexion/partout"' in back.text


@pytest.mark.parametrize(
    "elsewhere", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"]
)
async def test_signing_in_never_leads_to_another_site(browser, agent, elsewhere):
    answer = await browser.send(
        "/connexion", {"email": "ana@ville.example", "password": PASSWORD, "next": elsewhere}, follow=False
    )

    assert answer.headers["location"] == "/agent"


async def test_a_forgotten_password_is_answered_alike_for_everybody(browser, agent):
    known = await browser.send("/mot-de-passe", {"email": "ana@ville.example"})
    unknown = await browser.send("/mot-de-passe", {"email": "personne@ville.example"})

    assert known.status_code == unknown.status_code == 200
    assert known.text.count("notice--success") == unknown.text.count("notice--success") == 1


async def test_a_password_link_lets_one_choose_another_password_and_signs_in(browser, agent, now):
    token = await passwords.issue_reset(agent, now)

    weak = await browser.send(f"/mot-de-passe/{token}", {"new_password": "court"})
    done = await browser.send(f"/mot-de-passe/{token}", {"new_password": "une phrase plus longue"}, follow=False)
    again = await browser.open(f"/mot-de-passe/{token}")

    assert weak.status_code == 422
    assert done.headers["location"] == "/agent"
    assert again.status_code == 404


async def test_an_address_that_leads_nowhere_answers_with_a_calm_page(browser, database):
    answer = await browser.open("/nulle-part")

    assert answer.status_code == 404
    assert "text/html" in answer.headers["content-type"]
    assert "default-src 'self'" in answer.headers.get("content-security-policy", "")
