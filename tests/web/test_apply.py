"""A citizen reports a problem: from the catalogue to the receipt, the follow-up and a message, without JavaScript."""

from datetime import timedelta
from pathlib import Path

import pytest

from accounts.departments import Department, upsert
from engine import cases, deployments
from engine.actor import SYSTEM
from engine.bundle import read_folder
from tests.web.conftest import hidden_fields, walk

PROCESSES = Path(__file__).parents[2] / "processes"


@pytest.fixture
async def town(database, now):
    """The report procedure in service, and its departments."""
    for slug in ("accueil", "voirie", "proprete", "espaces-verts", "eclairage"):
        await upsert(Department(slug=slug, name_fr=slug.title(), name_en=slug.title(), phone="0241000001"))
    await deployments.publish(read_folder(PROCESSES / "incident_report"), SYSTEM, now)


async def begin(browser):
    """Opens the first question; returns its address."""
    answer = await browser.send(
        "/demarches/incident_report/commencer", {"form": "report"}, page="/demarches/incident_report"
    )
    assert answer.status_code == 200, answer.text[:400]
    return answer


ANSWERS = {
    "/category": "road",
    "/place/address": "12 rue des Tanneurs",
    "/place/latitude": "47,3905",
    "/place/longitude": "0,6889",
    "/district": "centre",
    "/danger": "false",
    "/description": "Un trou de trente centimètres devant le portail.",
    "/contact": "email",
    "/name": "Marie Durand",
    "/email": "marie@courriel.example",
}


async def filed(browser, **changes):
    """A report filed by this browser: its receipt."""
    review = await walk(browser, await begin(browser), {**ANSWERS, **changes})
    assert "verifier" in str(review.url), review.text[:300]
    return await send(browser, review)


async def send(browser, review):
    """Sends the request from its review page."""
    path = review.url.path.replace("verifier", "envoyer")
    return await browser.client.post(path, data={"csrf": hidden_fields(review.text)["csrf"]}, follow_redirects=True)


def code_in(receipt):
    """The tracking code on a receipt."""
    return receipt.text.split('code--large">')[1].split("<")[0]


async def test_the_catalogue_finds_a_procedure_by_a_word_people_use(browser, town):
    found, unknown = await browser.open("/?q=nid-de-poule"), await browser.open("/?q=zeppelin")

    assert "/demarches/incident_report" in found.text
    assert "Aucune démarche ne correspond" in unknown.text


async def test_the_procedure_page_says_what_it_asks_for_and_what_happens_next(browser, town):
    page = await browser.open("/demarches/incident_report")

    for expected in ("Commencer", "10 jours ouvrés", "Gratuit", "Durée de conservation", "Appeler"):
        assert expected in page.text


async def test_a_report_goes_from_the_first_question_to_the_receipt(browser, town, now):
    receipt = await filed(browser)

    case = await cases.of_tracking_code(code_in(receipt))
    assert receipt.status_code == 200
    assert case.reference in receipt.text
    assert case.applicant_email == "marie@courriel.example"
    assert "mardi 24 novembre à 10 h" in receipt.text
    assert "au plus tard le mardi 8 décembre" in receipt.text


async def test_a_page_with_a_mistake_keeps_what_was_typed_and_says_how_to_mend_it(browser, town):
    first = await begin(browser)
    second = await walk(browser, first, {"/category": "road"}, until="lieu")

    wrong = await browser.client.post(
        second.url.path, data={**hidden_fields(second.text), "/place/address": "12 rue des Tanneurs", "do": "continue"}
    )
    again = await browser.open(second.url.path)

    assert wrong.status_code == 422
    assert "<title>Erreur" in wrong.text
    assert 'href="#f-district"' in wrong.text
    assert "12 rue des Tanneurs" in again.text


async def test_a_closed_tab_is_found_again_on_the_procedure_page(browser, town, clock):
    second = await walk(browser, await begin(browser), {"/category": "road"}, until="lieu")
    clock.now += timedelta(days=3)

    page = await browser.open("/demarches/incident_report")
    back = await browser.open(second.url.path.split("/etape")[0])

    assert "Reprendre ma demande" in page.text
    assert back.url.path == second.url.path


async def test_somebody_else_cannot_open_the_draft(browser, town):
    first = await begin(browser)
    browser.client.cookies.clear()

    stranger = await browser.open(first.url.path)

    assert stranger.status_code == 404


async def test_the_same_form_sent_twice_is_one_case_with_one_receipt(browser, town):
    review = await walk(browser, await begin(browser), ANSWERS)

    first, second = await send(browser, review), await send(browser, review)

    assert code_in(first) == code_in(second)
    assert len(await cases.of_person(email="marie@courriel.example")) == 1


async def test_an_unfinished_request_cannot_be_sent_by_its_address(browser, town):
    second = await walk(browser, await begin(browser), {"/category": "road"}, until="lieu")
    path = second.url.path.split("/etape")[0] + "/envoyer"

    answer = await browser.client.post(path, data={"csrf": hidden_fields(second.text)["csrf"]}, follow_redirects=True)

    assert answer.url.path.endswith("/etape/le-lieu")


async def test_an_expired_session_in_the_middle_of_a_form_loses_nothing(browser, town, clock):
    second = await walk(browser, await begin(browser), {"/category": "road"}, until="lieu")
    clock.now += timedelta(days=2)
    browser.client.cookies.delete("parvis", domain="127.0.0.1") if browser.client.cookies.get("parvis") else None

    receipt = await send(browser, await walk(browser, second, ANSWERS))

    assert "Nous avons bien reçu votre demande" in receipt.text


async def test_a_disguised_file_is_refused_beside_its_question_and_the_rest_is_kept(browser, town):
    page = await walk(browser, await begin(browser), ANSWERS, until="photos")
    files = {"/photos#file": ("trou.jpg", b"<html><script>alert(1)</script></html>", "image/jpeg")}

    answer = await browser.client.post(
        page.url.path, data={**hidden_fields(page.text), "do": "continue"}, files=files, follow_redirects=True
    )

    assert answer.status_code == 422
    assert "trou.jpg" in answer.text
    assert "error-summary" in answer.text


async def test_the_follow_up_opens_with_the_code_and_the_address_and_with_nothing_less(browser, town):
    code = code_in(await filed(browser))
    browser.client.cookies.clear()

    alone = await browser.open(f"/suivi/{code}")
    wrong = await browser.send("/suivi", {"code": code, "email": "autre@courriel.example"}, page="/suivi")
    unknown = await browser.send("/suivi", {"code": "AAAAAAAA", "email": "marie@courriel.example"}, page="/suivi")
    right = await browser.send("/suivi", {"code": code.lower(), "email": "Marie@courriel.example"}, page="/suivi")

    assert "Étape par étape" not in alone.text
    assert wrong.status_code == unknown.status_code == 422
    assert "Étape par étape" in right.text
    assert "Vous n’avez rien à faire" in right.text


async def test_guessing_codes_is_stopped_after_five_tries(browser, town):
    answers = [
        await browser.send("/suivi", {"code": "AAAAAAAA", "email": f"{n}@b.example"}, page="/suivi") for n in range(6)
    ]

    assert [answer.status_code for answer in answers] == [422] * 5 + [429]
    assert answers[-1].headers["retry-after"].isdigit()


async def test_a_message_posted_twice_is_written_once(browser, town):
    code = code_in(await filed(browser))
    page = await browser.open(f"/suivi/{code}")
    fields = hidden_fields(page.text)

    for _ in range(2):
        shown = await browser.client.post(
            f"/suivi/{code}/message", data={**fields, "words": "Le trou s’agrandit."}, follow_redirects=True
        )

    assert shown.text.count("Le trou s’agrandit.") == 1


async def test_an_applicant_withdraws_the_request_with_a_reason(browser, town):
    code = code_in(await filed(browser))

    empty = await browser.send(f"/suivi/{code}/annuler", {"reason": " "}, page=f"/suivi/{code}/annuler")
    done = await browser.send(f"/suivi/{code}/annuler", {"reason": "C’est réparé"}, page=f"/suivi/{code}/annuler")

    assert empty.status_code == 422
    assert "annulée" in done.text
    assert (await cases.of_tracking_code(code)).state == "cancelled"


async def test_a_report_close_to_another_is_offered_to_join_it(browser, town, clock):
    first = await filed(browser)
    clock.now += timedelta(days=1)
    review = await walk(browser, await begin(browser), {**ANSWERS, "/email": "paul@courriel.example"})

    assert "Quelqu’un nous a peut-être déjà prévenus" in review.text
    path = review.url.path.replace("verifier", "moi-aussi")
    joined = await browser.client.post(path, data=hidden_fields(review.text))

    assert (await cases.of_tracking_code(code_in(first))).reference in joined.text
