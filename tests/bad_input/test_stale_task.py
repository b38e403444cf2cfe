"""Two agents answer the same task: the second learns who was first, and keeps what they wrote."""

import asyncio

from engine import cases, tasks
from tests.bad_input.visitors import a_task_to_answer
from tests.web.conftest import hidden_fields


async def page_of(browser, case, task):
    """The case file with the task's form, and what its form sends back."""
    shown = await browser.open(f"/agent/dossiers/{case.case_id}?tache={task.id}")
    return shown, {"csrf": hidden_fields(shown.text)["csrf"]}


async def test_the_second_agent_is_told_who_did_it_and_keeps_the_words(visitors, now):
    case, task = await a_task_to_answer(now)
    ana, bruno = await visitors.agent("Ana Ruiz", "voirie"), await visitors.agent("Bruno Leclerc", "voirie")
    (_, of_ana), (_, of_bruno) = await page_of(ana, case, task), await page_of(bruno, case, task)

    first = await ana.client.post(f"/agent/taches/{task.id}", data={**of_ana, "/note": "Accordé, place libre."})
    second = await bruno.client.post(f"/agent/taches/{task.id}", data={**of_bruno, "/note": "Refusé, place prise."})

    assert (first.status_code, second.status_code) == (303, 409)
    assert "Ana Ruiz" in second.text
    assert "Refusé, place prise." in second.text
    assert (await tasks.get(task.id)).answers == {"note": "Accordé, place libre."}


async def test_of_two_at_the_same_instant_one_completes_and_the_other_is_told(visitors, now):
    case, task = await a_task_to_answer(now)
    agents = [await visitors.agent(name, "voirie") for name in ("Ana Ruiz", "Bruno Leclerc")]
    sent = [(await page_of(agent, case, task))[1] for agent in agents]

    answers = await asyncio.gather(
        *(
            agent.client.post(f"/agent/taches/{task.id}", data={**fields, "/note": f"Avis {number}"})
            for number, (agent, fields) in enumerate(zip(agents, sent, strict=True))
        )
    )

    assert sorted(answer.status_code for answer in answers) == [303, 409]


async def test_what_a_colleague_has_claimed_is_not_taken_from_them(visitors, now):
    case, task = await a_task_to_answer(now)
    ana, bruno = await visitors.agent("Ana Ruiz", "voirie"), await visitors.agent("Bruno Leclerc", "voirie")
    (_, of_ana), (_, of_bruno) = await page_of(ana, case, task), await page_of(bruno, case, task)
    await ana.client.post(f"/agent/taches/{task.id}/prendre", data=of_ana)

    answer = await bruno.client.post(f"/agent/taches/{task.id}", data={**of_bruno, "/note": "Je passe devant."})

    assert answer.status_code == 409
    assert "Ana Ruiz" in answer.text and "Je passe devant." in answer.text
    assert (await tasks.get(task.id)).draft is None


async def test_a_case_cancelled_twice_answers_calmly_and_keeps_the_first_reason(visitors, now):
    case, task = await a_task_to_answer(now)
    ana = await visitors.agent("Ana Ruiz", "voirie")
    _, fields = await page_of(ana, case, task)
    address = f"/agent/dossiers/{case.case_id}/annuler"

    answers = [await ana.client.post(address, data={**fields, "reason": why}) for why in ("Doublon", "Erreur")]
    late = await ana.client.post(f"/agent/taches/{task.id}", data={**fields, "/note": "Trop tard"})

    assert [answer.status_code for answer in answers] == [303, 409]
    assert late.status_code == 409 and "Trop tard" in late.text
    assert (await cases.get(case.case_id)).reason == "Doublon"
