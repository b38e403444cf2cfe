"""Answering: an agent fills in a task's form; half-written answers are kept, and the second to complete learns who was
first.
"""

from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, post

from engine import cases, tasks
from engine.errors import InstanceSuspended, TaskAlreadyCompleted, TaskClaimedByAnother, TaskWithdrawn
from forms import next_page, validate
from web.agent.case_file import draw
from web.agent.inbox import workable
from web.agent.task_forms import asked_page, task_form
from web.pages import guards
from web.pages.layout import AnyRequest, local_path, page, see_other
from web.pages.questions import Answered, Asked, answer, spoken
from web.pages.visit import visit_of

CLOSED = (TaskAlreadyCompleted, TaskWithdrawn, TaskClaimedByAnother, InstanceSuspended)


@post("/agent/taches/{task_id:uuid}", guards=[guards.agent])
async def complete(request: AnyRequest, task_id: UUID) -> Response[Any]:
    """One page of the form is sent: kept; and the last one completes the task."""
    task = await workable(request, task_id)
    asked = await asked_page(request, task, request.query_params.get("page"))
    if asked is None:
        return await _finish(request, task, {})
    answered = await answer(asked, request)
    try:
        await tasks.save_draft(task.id, answered.answers, visit_of(request).actor(), visit_of(request).now)
    except CLOSED as closed:
        return await _too_late(request, task, closed, asked, answered)
    if answered.again or answered.problems:
        return await _ask_again(request, task, asked, answered)
    following = next_page(asked.form, asked.page, answered.answers)
    if following is not None:
        return see_other(f"/agent/dossiers/{task.case_id}?tache={task.id}&page={following.id}&retour={_back(request)}")
    problems = validate(asked.form, answered.answers, now=asked.now, language=spoken(asked.language))
    if problems:
        whole = Answered(answers=answered.answers, typed={}, problems=tuple(problems), again=False)
        return await _ask_again(request, task, asked, whole)
    return await _finish(request, task, answered.answers, asked, answered)


@post("/agent/taches/{task_id:uuid}/brouillon", guards=[guards.agent])
async def keep(request: AnyRequest, task_id: UUID) -> dict[str, str]:
    """Keeps what is being typed. Answers the time, for the page's status line."""
    task = await workable(request, task_id)
    asked = await asked_page(request, task, request.query_params.get("page"))
    visit = visit_of(request)
    if asked is not None:
        answered = await answer(asked, request)
        await tasks.save_draft(task.id, answered.answers, visit.actor(), visit.now)
    return {"saved_at": visit.now.isoformat()}


async def _finish(
    request: AnyRequest,
    task: tasks.Task,
    answers: dict[str, Any],
    asked: Asked | None = None,
    answered: Answered | None = None,
) -> Response[Any]:
    visit = visit_of(request)
    try:
        await tasks.complete(task.id, answers, visit.actor(), visit.now)
    except CLOSED as closed:
        return await _too_late(request, task, closed, asked, answered)
    back = local_path(request.query_params.get("retour", ""), "/agent")
    return see_other(f"{back}{'&' if '?' in back else '?'}fait=validee")


async def _ask_again(request: AnyRequest, task: tasks.Task, asked: Asked, answered: Answered) -> Response[Any]:
    form = await task_form(request, task, asked.page.id, answers=answered.answers, answered=answered)
    status = 200 if answered.again else 422
    return await draw(request, await cases.get(task.case_id), form, status)


async def _too_late(
    request: AnyRequest, task: tasks.Task, closed: Exception, asked: Asked | None, answered: Answered | None
) -> Response[Any]:
    """Says who did it and when; the answers that are not taken stay on the screen, to be copied."""
    return page(
        request,
        "agent/too_late.html",
        status=409,
        task=await tasks.get(task.id),
        why=type(closed).__name__,
        view=asked.view(answers=answered.answers) if asked and answered else None,
    )


def _back(request: AnyRequest) -> str:
    return quote(local_path(request.query_params.get("retour", ""), "/agent"))


HANDLERS = [complete, keep]
