"""While the database is away every page says so calmly (503, come back soon), and works again when it is back."""

from server.database import Database, bind
from tests.bad_input.test_nonsense_in_addresses import filled
from tests.bad_input.visitors import a_task_to_answer
from tests.web.test_guards import handlers

NOWHERE = "postgresql://parvis@/parvis?host=/nonexistent"


async def test_every_page_answers_503_and_then_works_again(application, visitors, database, now, logged):
    case, task = await a_task_to_answer(now)
    somebody = await visitors.agent("Ana", "voirie", roles=["administrator"], supervises=["voirie"])
    known = {"slug:str": "petition", "case_id:uuid": str(case.case_id), "task_id:uuid": str(task.id)}
    pages = [path for path, method, _ in handlers(application) if method == "GET" and path != "/sante"]

    bind(Database(NOWHERE))
    away = {path: await somebody.client.get(filled(path, known, "absent")) for path in pages}
    bind(database)
    back = await somebody.open("/agent")

    assert {path: answer.status_code for path, answer in away.items() if answer.status_code != 503} == {}
    assert all(answer.headers["retry-after"] for answer in away.values())
    assert "réessayez dans quelques minutes" in away["/agent"].text
    assert not [event for event in logged if event["event"] == "page_failed"]
    assert back.status_code == 200
