"""Forms that did not come from our own pages: every route that changes something refuses them, whoever is signed in."""

from tests.bad_input.test_nonsense_in_addresses import filled
from tests.bad_input.visitors import a_task_to_answer
from tests.web.conftest import hidden_fields
from tests.web.test_guards import handlers

FORGED = {
    "without a token": ({}, {}),
    "with a token made up elsewhere": ({"csrf": "0" * 64}, {}),
    "from another site": (None, {"sec-fetch-site": "cross-site"}),
    "from a sister site": (None, {"origin": "https://autre.example"}),
    "as plain text": (None, {"content-type": "text/plain"}),
    "as JSON": (None, {"content-type": "application/json"}),
}


async def test_no_route_takes_a_forged_form(application, visitors, now):
    case, task = await a_task_to_answer(now)
    somebody = await visitors.agent("Ana", "voirie", roles=["administrator"], supervises=["voirie"])
    token = hidden_fields((await somebody.open("/suivi")).text)["csrf"]
    known = {"slug:str": "petition", "task_id:uuid": str(task.id)} | {
        f"{name}_id:uuid": str(case.case_id) for name in ("case", "draft", "deployment")
    }
    taken = []

    for how, (given, headers) in FORGED.items():
        for path, method, _ in handlers(application):
            if method == "GET":
                continue
            body = {"csrf": token} if given is None else given
            answer = await somebody.client.request(method, filled(path, known, "absent"), data=body, headers=headers)
            if answer.status_code != 403:
                taken.append((how, method, path, answer.status_code))

    assert taken == []


async def test_the_token_of_another_browser_is_worth_nothing(visitors, now):
    ana, mallory = await visitors.stranger(), await visitors.stranger()
    stolen = hidden_fields((await mallory.open("/suivi")).text)["csrf"]
    await ana.open("/suivi")

    answer = await ana.client.post("/suivi", data={"csrf": stolen, "code": "AAAAAAAA", "email": "a@b.example"})

    assert answer.status_code == 403
    assert "trop longtemps" in answer.text
