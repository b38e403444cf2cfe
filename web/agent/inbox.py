"""Inbox: the work of my departments, what is late first. The whole state of the list is in its address."""

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post

from accounts import permissions
from accounts.permissions import Viewer
from engine import cases, tasks
from engine.errors import TaskClaimedByAnother
from engine.inbox import Order
from engine.tasks import InboxFilters, Page
from web.agent.listing import by_moment, department_names, procedure_titles
from web.pages import guards
from web.pages.errors import Forbidden, NotFound
from web.pages.layout import AnyRequest, local_path, page, see_other
from web.pages.visit import visit_of

ORDERS = ("due", "oldest", "priority")


@get("/agent", guards=[guards.agent])
async def inbox(request: AnyRequest) -> Response[Any]:
    """The list, narrowed and ordered as its address says."""
    visit, viewer = visit_of(request), guards.viewer_of(request)
    mine = tuple(sorted(viewer.departments))
    chosen = filters_of(request, viewer)
    found = await tasks.inbox(mine, chosen, Page(after=request.query_params.get("suite")), visit.now)
    names = await department_names()
    return page(
        request,
        "agent/inbox.html",
        groups=by_moment(found.tasks, visit.now, visit.house.timezone)
        if chosen.order == "due"
        else [("", list(found.tasks))],
        next_page=_address(request, suite=found.next) if found.next else "",
        counts=await tasks.counts(mine, viewer.person_id, visit.now),
        chosen=chosen,
        who=request.query_params.get("qui", ""),
        titles=await procedure_titles(),
        names=names,
        mine={slug: names.get(slug, slug) for slug in mine},
        here=_address(request),
        news=f"/agent/nouveautes?{urlencode({'depuis': visit.now.isoformat(), **_kept(request)})}",
        said=request.query_params.get("fait", ""),
    )


@get("/agent/nouveautes", guards=[guards.agent])
async def news(request: AnyRequest) -> dict[str, int]:
    """How many tasks came into this list since the page was drawn: the page says so and moves nothing."""
    visit, viewer = visit_of(request), guards.viewer_of(request)
    since = request.query_params.get("depuis", "")
    found = await tasks.inbox(tuple(viewer.departments), filters_of(request, viewer), Page(size=200), visit.now)
    return {"new": sum(task.opened_at.isoformat() > since for task in found.tasks)}


@post("/agent/taches/{task_id:uuid}/prendre", guards=[guards.agent])
async def claim(request: AnyRequest, task_id: UUID) -> Response[Any]:
    """I take this task on."""
    task = await workable(request, task_id)
    try:
        await tasks.claim(task.id, visit_of(request).actor(), visit_of(request).now)
    except TaskClaimedByAnother:
        return see_other(await _back(request, f"/agent/dossiers/{task.case_id}?tache={task.id}", "deja-prise"))
    return see_other(await _back(request, f"/agent/dossiers/{task.case_id}?tache={task.id}", "prise"))


@post("/agent/taches/{task_id:uuid}/remettre", guards=[guards.agent])
async def release(request: AnyRequest, task_id: UUID) -> Response[Any]:
    """I give it back to the department."""
    task = await workable(request, task_id)
    viewer = guards.viewer_of(request)
    if task.assignee_id not in (None, viewer.person_id) and not permissions.may_reassign(
        viewer, department=task.department
    ):
        raise Forbidden
    await tasks.release(task.id, visit_of(request).actor(), visit_of(request).now)
    return see_other(await _back(request, f"/agent/dossiers/{task.case_id}?tache={task.id}", "remise"))


async def workable(request: AnyRequest, task_id: UUID) -> tasks.Task:
    """The task, when this agent may work on it. Raises `TaskUnknown`, `NotFound` when its case is not theirs to see
    either (nobody learns that it exists), `Forbidden`.
    """
    task = await tasks.get(task_id)
    viewer = guards.viewer_of(request)
    theirs = {task.department, *task.candidate_groups}
    if not any(permissions.may_work_on_task(viewer, department=each) for each in theirs):
        case = await cases.get(task.case_id)
        raise Forbidden if permissions.may_see_case(viewer, departments=case.departments) else NotFound
    return task


def filters_of(request: AnyRequest, viewer: Viewer) -> InboxFilters:
    """The filters an address asks for; what it asks wrongly is left out."""
    asked = request.query_params
    who, order = asked.get("qui", ""), asked.get("tri", "due")
    return InboxFilters(
        procedure=asked.get("demarche") or None,
        department=asked.get("service") or None,
        assignee_id=viewer.person_id if who == "moi" else None,
        unclaimed=who == "personne",
        late=asked.get("retard") == "1",
        order=cast("Order", order if order in ORDERS else "due"),
    )


def _kept(request: AnyRequest) -> dict[str, str]:
    names = ("demarche", "service", "qui", "retard", "tri")
    return {name: value for name in names if (value := request.query_params.get(name, ""))}


def _address(request: AnyRequest, **more: Any) -> str:
    query = urlencode({**_kept(request), **more})
    return f"/agent?{query}" if query else "/agent"


async def _back(request: AnyRequest, default: str, said: str) -> str:
    path = local_path(str((await request.form()).get("retour", "")), default)
    return f"{path}{'&' if '?' in path else '?'}fait={said}"


HANDLERS = [inbox, news, claim, release]
