"""Task forms for the applicant: drawn with what was half-written, read, kept, validated, completed."""

from datetime import date
from typing import Any

import msgspec

from desk.computing import compute
from engine import deployments, tasks
from engine.actor import Actor
from engine.definition import Definition
from engine.tasks import Task
from forms import Form, Page, Problem, next_page, validate, visible_pages
from web.pages.forms_of import form_of
from web.pages.layout import AnyRequest
from web.pages.offers import sources_of
from web.pages.questions import Answered, Asked, answer, spoken
from web.pages.visit import visit_of


class TaskForm(msgspec.Struct, frozen=True, kw_only=True):
    """A task with its form, at one of its pages. `form` is absent for a task that only asks to be done."""

    task: Task
    definition: Definition
    form: Form | None
    asked: Asked | None

    def view(self, **options: Any) -> Any:
        """What the template draws, or None without form."""
        return None if self.asked is None else self.asked.view(**options)


async def open_task(request: AnyRequest, task: Task, page_id: str = "", first: date | None = None) -> TaskForm:
    """The task ready to be shown or answered; begins with its half-written answers, else with what the step was
    given."""
    visit = visit_of(request)
    definition = await deployments.definition_of(task.definition_hash)
    if task.form is None:
        return TaskForm(task=task, definition=definition, form=None, asked=None)
    form = await form_of(task.definition_hash, task.form)
    answers = compute(definition, form, beginning(form, task), visit.now)
    page = _page_of(form, answers, page_id)
    asked = Asked(
        definition=definition,
        form=form,
        page=page,
        answers=answers,
        language=visit.language,
        now=visit.now,
        files=visit.house.files,
        sources=await sources_of(page, answers, visit.now, visit.house.timezone, draft_id=None, first=first),
        case_id=task.case_id,
    )
    return TaskForm(task=task, definition=definition, form=form, asked=asked)


def beginning(form: Form, task: Task) -> dict[str, Any]:
    """What the form shows first: the draft, else the values of the step's input mapping that are questions of the
    form."""
    if task.draft is not None:
        return dict(task.draft)
    questions = form.schema.get("properties", {})
    return {name: value for name, value in task.input.items() if name in questions and value is not None}


async def submit(request: AnyRequest, opened: TaskForm, by: Actor) -> tuple[Answered | None, Page | None]:
    """Reads the posted page and keeps it; completes the task when it was the last and all is valid.

    Returns the answered page (None once completed) and the page to show next. Raises what `tasks.complete` raises.
    """
    visit, task = visit_of(request), opened.task
    if opened.asked is None or opened.form is None:
        await tasks.complete(task.id, {}, by, visit.now)
        return None, None
    answered = await answer(opened.asked, request)
    if answered.again or answered.problems:
        await tasks.save_draft(task.id, answered.answers, by, visit.now)
        return answered, opened.asked.page
    following = next_page(opened.form, opened.asked.page, answered.answers)
    if following is None:
        wrong = _first_wrong(opened, answered)
        if wrong is None and (unfit := _unfit(opened, answered)):
            await tasks.save_draft(task.id, answered.answers, by, visit.now)
            return msgspec.structs.replace(answered, problems=unfit), opened.asked.page
        if wrong is None:
            await tasks.complete(task.id, answered.answers, by, visit.now)
            return None, None
        following = wrong
    await tasks.save_draft(task.id, answered.answers, by, visit.now)
    return answered, following


async def keep(request: AnyRequest, opened: TaskForm, by: Actor) -> None:
    """Keeps what has been typed so far."""
    if opened.asked is not None:
        answered = await answer(opened.asked, request)
        await tasks.save_draft(opened.task.id, answered.answers, by, visit_of(request).now)


def _first_wrong(opened: TaskForm, answered: Answered) -> Page | None:
    assert opened.form is not None and opened.asked is not None
    asked = opened.asked
    for page in visible_pages(opened.form, answered.answers):
        if validate(
            opened.form,
            answered.answers,
            page=page,
            now=asked.now,
            language=spoken(asked.language),
            sources=asked.sources,
        ):
            return page
    return None


def _unfit(opened: TaskForm, answered: Answered) -> tuple[Problem, ...]:
    """What is wrong with the answers as a whole though each is right alone."""
    assert opened.form is not None and opened.asked is not None
    found = validate(opened.form, answered.answers, now=opened.asked.now, language=spoken(opened.asked.language))
    return tuple(problem for problem in found if not problem.field_id)


def _page_of(form: Form, answers: dict[str, Any], page_id: str) -> Page:
    pages = visible_pages(form, answers) or form.pages
    return next((page for page in pages if page.id == page_id), pages[0])
