"""After filing: surveys, what the town asks of the applicant, accounts, and filing on behalf."""

from datetime import timedelta

import pytest

from accounts import passwords, people
from desk import surveys
from engine import cases
from tests.web.conftest import hidden_fields, walk
from tests.web.test_apply import ANSWERS, code_in, filed, send, town

__all__ = ["town"]
PASSWORD = "le marché du samedi"


@pytest.fixture
async def invitation(browser, town, now):
    """The token of a survey about a filed report."""
    case = await cases.of_tracking_code(code_in(await filed(browser)))
    _, token = await surveys.invite(case.id, secret=b"0" * 32, key="job", now=now)
    return token


async def test_a_survey_takes_one_answer(browser, invitation, now):
    page = await browser.open(f"/enquete/{invitation}?note=4")
    fields = {**hidden_fields(page.text), "score": "4", "comment": "Rapide."}

    first = await browser.client.post(f"/enquete/{invitation}", data=fields)
    second = await browser.client.post(f"/enquete/{invitation}", data={**fields, "score": "1"})

    assert 'value="4" checked' in page.text
    assert "Merci" in first.text
    assert "Vous avez déjà répondu" in second.text
    assert [comment.score for comment in await surveys.comments()] == [4]


@pytest.mark.parametrize("score", ["", "9", "-1", "x", "4 "])
async def test_a_score_outside_the_scale_is_asked_again_and_the_comment_stays(browser, invitation, score):
    answer = await browser.send(
        f"/enquete/{invitation}", {"score": score, "comment": "Rapide."}, page=f"/enquete/{invitation}"
    )

    assert answer.status_code == 422
    assert "Rapide." in answer.text


async def test_an_old_invitation_says_that_the_survey_is_closed(browser, invitation, clock):
    clock.now += timedelta(days=90)

    assert "Cette enquête est close" in (await browser.open(f"/enquete/{invitation}")).text
    assert (await browser.open("/enquete/inventee")).status_code == 404


async def test_signing_up_says_the_same_whether_the_address_is_known_or_not(browser, town, application):
    sent = []

    async def send_link(person, link):
        sent.append((person.email, link))

    application.state["house"].connections["send_password_link"] = send_link
    fields = {"name": "Marie Durand", "email": "marie@courriel.example"}

    first = await browser.send("/compte/creer", fields, page="/compte/creer")
    again = await browser.send("/compte/creer", fields, page="/compte/creer")
    wrong = await browser.send("/compte/creer", {"name": "", "email": "marie"}, page="/compte/creer")

    assert first.status_code == again.status_code == 200
    assert [email for email, _ in sent] == ["marie@courriel.example"] * 2
    assert wrong.status_code == 422
    assert (await people.of_email("marie@courriel.example")).kind == "citizen"


async def test_a_citizen_with_an_account_finds_their_requests_and_opens_them_without_code(browser, town, now):
    hashed = await passwords.hash_password(PASSWORD)
    await people.add(name="Marie", email="m@courriel.example", kind="citizen", password_hash=hashed, now=now)
    await browser.send("/connexion", {"email": "m@courriel.example", "password": PASSWORD})
    code = code_in(await filed(browser))

    mine = await browser.open("/compte")
    shown = await browser.open(f"/suivi/{code}")

    assert f"/suivi/{code}" in mine.text
    assert "Étape par étape" in shown.text


async def test_an_agent_files_for_somebody_at_the_counter_under_their_own_name(browser, town, now):
    hashed = await passwords.hash_password(PASSWORD)
    await people.add(name="Ana Ruiz", email="ana@ville.example", password_hash=hashed, departments=["accueil"], now=now)
    await browser.send("/connexion", {"email": "ana@ville.example", "password": PASSWORD}, follow=False)

    first = await browser.send(
        "/agent/guichet", {"procedure": "incident_report/report", "origin": "phone"}, page="/agent/guichet"
    )
    receipt = await send(browser, await walk(browser, first, ANSWERS))

    case = await cases.of_tracking_code(code_in(receipt))
    assert 'data-density="compact"' in first.text
    assert (case.origin, case.filed_by_name, case.applicant_name) == ("phone", "Ana Ruiz", "Marie Durand")
    assert case.applicant_id is None


async def test_a_page_typed_at_the_counter_comes_back_after_the_session_ended(browser, town, now, clock):
    hashed = await passwords.hash_password(PASSWORD)
    await people.add(name="Ana Ruiz", email="ana@ville.example", password_hash=hashed, departments=["accueil"], now=now)
    await browser.send("/connexion", {"email": "ana@ville.example", "password": PASSWORD}, follow=False)
    first = await browser.send(
        "/agent/guichet", {"procedure": "incident_report/report", "origin": "counter"}, page="/agent/guichet"
    )
    clock.now += timedelta(hours=2)

    refused = await browser.client.post(first.url.path, data={**hidden_fields(first.text), "/category": "road"})

    assert refused.status_code == 401
    assert hidden_fields(refused.text)["kept:/category"] == "road"
