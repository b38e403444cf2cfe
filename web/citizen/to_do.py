"""To do: what the town asks of the applicant while their request waits (a missing paper, a choice), with its form."""

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from engine import tasks
from engine.cases import Case
from engine.errors import InstanceSuspended, TaskAlreadyCompleted, TaskWithdrawn
from engine.tasks import Task
from web.citizen.following import author_of, require
from web.citizen.task_forms import TaskForm, keep, open_task, submit
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of


@get("/suivi/{code:str}/a-faire/{task_id:uuid}", guards=[guards.anyone])
async def show(
    request: AnyRequest, code: str, task_id: UUID, etape: str = "", jour: date | None = None
) -> Response[Any]:
    """The form of what is asked."""
    case = await require(request, code)
    task = await task_of(case, task_id)
    if not task.is_open:
        return see_other(f"/suivi/{case.tracking_code}")
    opened = await open_task(request, task, etape, jour)
    return draw(request, case, opened, opened.view())


@post("/suivi/{code:str}/a-faire/{task_id:uuid}", guards=[guards.anyone])
async def send(
    request: AnyRequest, code: str, task_id: UUID, etape: str = "", jour: date | None = None
) -> Response[Any]:
    """Keeps or sends the answer; sent twice, it counts once."""
    case = await require(request, code)
    task = await task_of(case, task_id)
    back = f"/suivi/{case.tracking_code}"
    if not task.is_open:
        return see_other(back)
    opened = await open_task(request, task, etape, jour)
    try:
        answered, following = await submit(request, opened, author_of(case, visit_of(request)))
    except (TaskAlreadyCompleted, TaskWithdrawn):
        return see_other(back)
    except InstanceSuspended:
        await keep(request, opened, author_of(case, visit_of(request)))
        return see_other(f"{back}/a-faire/{task.id}?etape={etape}&attend=1")
    if answered is None or following is None:
        return see_other(f"{back}?envoye=1")
    if opened.asked is not None and following.id != opened.asked.page.id:
        return see_other(f"{back}/a-faire/{task.id}?etape={following.id}")
    view = opened.view(answers=answered.answers, typed=answered.typed, problems=answered.problems)
    return draw(request, case, opened, view, status=200 if answered.again else 422)


async def task_of(case: Case, task_id: UUID) -> Task:
    """The applicant's task of this case. Raises `NotFound`."""
    task = await tasks.get(task_id)
    if task.case_id != case.id or task.audience != "applicant":
        raise NotFound
    return task


def draw(request: AnyRequest, case: Case, opened: TaskForm, view: Any, *, status: int = 200) -> Response[Any]:
    """The page of the task."""
    action = f"/suivi/{case.tracking_code}/a-faire/{opened.task.id}"
    if opened.asked is not None:
        action += f"?etape={opened.asked.page.id}"
    waits = request.query_params.get("attend") == "1"
    return page(
        request,
        "citizen/to_do.html",
        status=status,
        case=case,
        task=opened.task,
        view=view,
        action=action,
        waits=waits,
    )


HANDLERS = [show, send]
