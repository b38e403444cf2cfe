"""A session that ends while somebody types: after signing in, what was typed is there and can be sent."""

from datetime import timedelta

from accounts import passwords, people
from engine import tasks
from tests.bad_input.visitors import a_report_procedure, a_task_to_answer, begun
from tests.web.conftest import hidden_fields

PASSWORD = "le marché du samedi"


async def signed_in_with_password(visitors, now, **details):
    """Somebody who knows their password, in their browser."""
    hashed = await passwords.hash_password(PASSWORD)
    person = await people.add(name="Ana Ruiz", email="ana@ville.example", password_hash=hashed, now=now, **details)
    return await visitors.signed_in(person)


async def sign_in_again(browser, refused):
    """The page after signing in on the page that refused."""
    credentials = {"email": "ana@ville.example", "password": PASSWORD}
    return await browser.client.post("/connexion", data={**hidden_fields(refused.text), **credentials})


async def test_an_agent_s_opinion_survives_the_end_of_the_session_and_is_sent(visitors, now, clock):
    case, task = await a_task_to_answer(now)
    ana = await signed_in_with_password(visitors, now, departments=["voirie"])
    shown = await ana.open(f"/agent/dossiers/{case.case_id}?tache={task.id}")
    typed = {"csrf": hidden_fields(shown.text)["csrf"], "/note": "Trois places, rue de l’Évêché & « Nord »"}
    clock.now += timedelta(hours=2)

    refused = await ana.client.post(f"/agent/taches/{task.id}", data=typed)
    kept = await sign_in_again(ana, refused)
    sent = await ana.client.post(f"/agent/taches/{task.id}", data=hidden_fields(kept.text))

    assert refused.status_code == 401
    assert f'action="/agent/taches/{task.id}"' in kept.text
    assert sent.status_code == 303
    assert (await tasks.get(task.id)).answers == {"note": "Trois places, rue de l’Évêché & « Nord »"}


async def test_a_wrong_password_on_the_way_loses_nothing(visitors, now, clock):
    case, task = await a_task_to_answer(now)
    ana = await signed_in_with_password(visitors, now, departments=["voirie"])
    shown = await ana.open(f"/agent/dossiers/{case.case_id}?tache={task.id}")
    clock.now += timedelta(hours=2)
    refused = await ana.client.post(
        f"/agent/taches/{task.id}", data={"csrf": hidden_fields(shown.text)["csrf"], "/note": "Favorable"}
    )

    wrong = await ana.client.post(
        "/connexion", data={**hidden_fields(refused.text), "email": "ana@ville.example", "password": "faux"}
    )
    kept = await sign_in_again(ana, wrong)

    assert wrong.status_code == 422
    assert hidden_fields(kept.text)["/note"] == "Favorable"


async def test_a_citizen_with_an_account_on_another_computer_gets_back_what_was_typed(visitors, now, clock):
    await a_report_procedure(now)
    citizen = await signed_in_with_password(visitors, now, kind="citizen")
    page = await begun(citizen, until="le-lieu")
    elsewhere = await visitors.signed_in((await people.of_email("ana@ville.example")).id)
    shown = await elsewhere.open(page.url.path)
    typed = {"csrf": hidden_fields(shown.text)["csrf"], "/place/address": "3 quai des Mariniers", "do": "continue"}
    clock.now += timedelta(hours=13)

    refused = await elsewhere.client.post(page.url.path, data=typed)
    kept = await sign_in_again(elsewhere, refused)
    again = await elsewhere.client.post(page.url.path, data=hidden_fields(kept.text))

    assert refused.status_code == 401
    assert again.status_code == 422
    assert "3 quai des Mariniers" in again.text
