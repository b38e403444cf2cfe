"""Case file: on one screen what was asked, what is known, what was said, what is to be decided."""

from datetime import date
from typing import Any
from urllib.parse import quote
from uuid import UUID

import msgspec
from litestar import Response, get

from accounts import permissions
from desk import attachments, documents, duplicates, exchanges, people
from desk.duplicates import NearbyReport
from desk.exchanges import Exchange
from desk.people import Found
from engine import cases, incidents, journal, tasks
from engine.cases import Case
from engine.deadlines import PARIS
from forms import ReviewSection, review
from web.agent import presence
from web.agent.journal_words import ToldFact, told
from web.agent.listing import department_names, procedure_titles
from web.agent.reasons import decided
from web.agent.task_forms import TaskForm, done_tasks, task_form
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.forms_of import form_of
from web.pages.layout import AnyRequest, local_path, page
from web.pages.offers import worded
from web.pages.questions import spoken
from web.pages.visit import Visit, visit_of


class Rights(msgspec.Struct, frozen=True, kw_only=True):
    """What this agent may do with this case."""

    write: bool
    transfer: bool


class Around(msgspec.Struct, frozen=True, kw_only=True):
    """What surrounds a case."""

    said: tuple[Exchange, ...]
    facts: list[ToldFact]
    others: tuple[Found, ...]
    near: tuple[NearbyReport, ...]
    original: UUID | None


@get("/agent/dossiers/{case_id:uuid}", guards=[guards.agent])
async def case_file(request: AnyRequest, case_id: UUID) -> Response[Any]:
    """The case, with the form of the task to do, if there is one for this agent."""
    case = await visible(request, case_id)
    asked = request.query_params.get("tache", "")
    chosen = await _chosen_task(request, case, asked)
    form = await task_form(request, chosen, request.query_params.get("page")) if chosen else None
    await exchanges.mark_read(case.id, reader="town", now=visit_of(request).now)
    return await draw(request, case, form)


@get("/agent/dossiers/{case_id:uuid}/presence", guards=[guards.agent])
async def colleagues(request: AnyRequest, case_id: UUID) -> dict[str, list[str]]:
    """Who else has this case open."""
    case = await visible(request, case_id)
    visit = visit_of(request)
    viewer = guards.viewer_of(request)
    return {"names": await presence.announce(visit.house.cache, case.id, viewer, visit.now.timestamp())}


async def draw(request: AnyRequest, case: Case, form: TaskForm | None, status: int = 200) -> Response[Any]:
    """The screen; `form` is the task being answered, with what is wrong in it."""
    visit, viewer = visit_of(request), guards.viewer_of(request)
    names = await department_names()
    open_tasks = [task for task in await tasks.of_case(case.id) if task.is_open]
    return page(
        request,
        "agent/case.html",
        status=status,
        case=case,
        titles=await procedure_titles(),
        names=names,
        form=form,
        open_tasks=open_tasks,
        can_work=[task.id for task in open_tasks if permissions.may_work_on_task(viewer, department=task.department)],
        asked=await _asked(case, visit.language),
        done=await done_tasks(case, visit.language),
        reasons=decided(await journal.decisions_of(case.id), visit.house.timezone, _today(visit)),
        files=await attachments.of_case(case.id),
        issued=await documents.of_case(case.id),
        around=await _around(request, case, names),
        blocked=[one for one in await incidents.of_case(case.id) if one.resolved_at is None],
        rights=_rights(request, case),
        colleagues=await presence.announce(visit.house.cache, case.id, viewer, visit.now.timestamp()),
        back=local_path(request.query_params.get("retour", ""), "/agent"),
        back_query=quote(local_path(request.query_params.get("retour", ""), "/agent")),
        said=request.query_params.get("fait", ""),
        file_url_of=lambda case_id: lambda file_id: f"/agent/dossiers/{case_id}/pieces/{file_id}",
    )


def _today(visit: Visit) -> date:
    return visit.now.astimezone(visit.house.timezone).date()


async def visible(request: AnyRequest, case_id: UUID) -> Case:
    """The case, when this agent may see it. Raises `NotFound`, also when they may not: nobody learns that it exists."""
    case = await cases.get(case_id)
    if not permissions.may_see_case(
        guards.viewer_of(request), departments=case.departments, applicant=case.applicant_id
    ):
        raise NotFound
    return case


def _rights(request: AnyRequest, case: Case) -> Rights:
    viewer = guards.viewer_of(request)
    return Rights(
        write=permissions.may_work_on_case(viewer, departments=case.departments),
        transfer=case.closed_at is None and permissions.may_transfer(viewer, department=case.department),
    )


async def _chosen_task(request: AnyRequest, case: Case, asked: str) -> tasks.Task | None:
    """The task of the address when it is still open, else the first that is this agent's to do."""
    viewer = guards.viewer_of(request)
    open_tasks = [task for task in await tasks.of_case(case.id) if task.is_open and task.audience == "department"]
    workable = [task for task in open_tasks if permissions.may_work_on_task(viewer, department=task.department)]
    named = [task for task in workable if str(task.id) == asked]
    return next(iter(named or sorted(workable, key=lambda task: task.assignee_id != viewer.person_id)), None)


async def _asked(case: Case, language: str) -> tuple[ReviewSection, ...]:
    submission = await cases.submission_of(case.id)
    if submission is None:
        return ()
    form = await form_of(case.definition_hash, submission.form)
    sections = review(form, submission.answers, spoken(language), answered_only=True)
    return worded(sections, PARIS, submission.filed_at)


async def _around(request: AnyRequest, case: Case, names: dict[str, str]) -> Around:
    visit, viewer = visit_of(request), guards.viewer_of(request)
    within = None if permissions.may_see_all_cases(viewer) else tuple(viewer.departments)
    facts = await journal.of_case(case.id)
    return Around(
        said=await exchanges.of_case(case.id),
        facts=[told(fact, names, visit.house.timezone, visit.now) for fact in reversed(facts)],
        others=await people.other_requests(case.id, departments=within, limit=8),
        near=await duplicates.near_case(case.id, visit.now),
        original=await duplicates.original_of(case.id),
    )


HANDLERS = [case_file, colleagues]
