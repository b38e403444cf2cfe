"""Task forms: the generated form of a task, with what was half written, and the answers of the tasks already done."""

from typing import Any

import msgspec

from engine import deployments, tasks
from engine.cases import Case
from engine.deadlines import PARIS
from engine.tasks import Task
from forms import Answers, Form, Page, ReviewSection, review, visible_pages
from web.pages.forms_of import form_of
from web.pages.layout import AnyRequest
from web.pages.offers import worded
from web.pages.questions import Answered, Asked, spoken
from web.pages.visit import visit_of


class TaskForm(msgspec.Struct, frozen=True, kw_only=True):
    """A task being answered. `view` is absent for a task without a form: completing it is the whole answer."""

    task: Task
    form: Form | None
    page: Page | None
    view: Any
    number: int = 1
    count: int = 1


class DoneTask(msgspec.Struct, frozen=True, kw_only=True):
    """A completed task and what was answered."""

    task: Task
    sections: tuple[ReviewSection, ...]


async def task_form(
    request: AnyRequest,
    task: Task,
    page_id: str | None = None,
    *,
    answers: Answers | None = None,
    answered: Answered | None = None,
) -> TaskForm:
    """The form of a task at a page; `answered` when it comes back with problems."""
    asked = await asked_page(request, task, page_id, answers)
    if asked is None:
        return TaskForm(task=task, form=None, page=None, view=None)
    options: dict[str, Any] = {}
    if answered is not None:
        options = {"answers": answered.answers, "typed": answered.typed, "problems": answered.problems}
    pages = visible_pages(asked.form, asked.answers)
    number = pages.index(asked.page) + 1 if asked.page in pages else 1
    return TaskForm(
        task=task, form=asked.form, page=asked.page, view=asked.view(**options), number=number, count=len(pages)
    )


async def asked_page(
    request: AnyRequest, task: Task, page_id: str | None, answers: Answers | None = None
) -> Asked | None:
    """The page of the task's form to ask now; None for a task without a form."""
    if task.form is None:
        return None
    visit = visit_of(request)
    form = await form_of(task.definition_hash, task.form)
    held = answers if answers is not None else (task.draft or {})
    pages = visible_pages(form, held) or form.pages
    return Asked(
        definition=await deployments.definition_of(task.definition_hash),
        form=form,
        page=next((each for each in pages if each.id == page_id), pages[0]),
        answers=held,
        language=visit.language,
        now=visit.now,
        files=visit.house.files,
        case_id=task.case_id,
    )


async def done_tasks(case: Case, language: str) -> list[DoneTask]:
    """The tasks of the case that are completed, the latest first, with their answers in words."""
    completed = [task for task in await tasks.of_case(case.id) if task.state == "completed"]
    return [
        DoneTask(task=task, sections=await _sections(task, language))
        for task in sorted(completed, key=lambda task: task.ended_at or task.opened_at, reverse=True)
    ]


async def _sections(task: Task, language: str) -> tuple[ReviewSection, ...]:
    if task.form is None or not task.answers:
        return ()
    form = await form_of(task.definition_hash, task.form)
    sections = review(form, task.answers, spoken(language), answered_only=True)
    return worded(sections, PARIS, task.ended_at or task.opened_at)
