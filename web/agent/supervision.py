"""Supervision: what is late and what nobody has taken in the departments I answer for, and giving work to somebody
else.
"""

from typing import Any

from litestar import Response, get, post

from accounts import people, permissions
from engine import incidents, tasks
from web.agent.listing import department_names, procedure_titles
from web.pages import guards
from web.pages.errors import Forbidden, NotFound
from web.pages.identifiers import identifier_of
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of

URGENT = 80


@get("/agent/service", guards=[guards.supervisor])
async def department(request: AnyRequest) -> Response[Any]:
    """Escalations first, then what is late, then what nobody has."""
    visit, viewer = visit_of(request), guards.viewer_of(request)
    mine = tuple(sorted(viewer.supervised))
    chosen = identifier_of(request.query_params.get("agent"))
    late = await tasks.late(mine, visit.now)
    unclaimed = await tasks.unclaimed(mine, visit.now)
    held = await tasks.claimed_by(chosen, mine) if chosen else []
    return page(
        request,
        "agent/department.html",
        escalated=[
            task for task in {one.task_id: one for one in [*late, *unclaimed]}.values() if task.priority >= URGENT
        ],
        late=[task for task in late if task.priority < URGENT],
        unclaimed=[task for task in unclaimed if task.priority < URGENT and not task.is_overdue(visit.now)],
        held=held,
        chosen=chosen,
        loads=await tasks.load_by_agent(mine, visit.now),
        colleagues=await _colleagues(mine),
        blocked=await incidents.open_of(mine),
        counts=await tasks.counts(mine, viewer.person_id, visit.now),
        names=await department_names(),
        titles=await procedure_titles(),
        mine=mine,
        said=request.query_params.get("fait", ""),
    )


@post("/agent/service/reattribuer", guards=[guards.supervisor])
async def reassign(request: AnyRequest) -> Response[Any]:
    """The ticked tasks go to one agent of the department."""
    visit, viewer, form = visit_of(request), guards.viewer_of(request), await request.form()
    ticked = [found for value in form.getall("task", []) if (found := identifier_of(value)) is not None]
    agent = str(form.get("agent", ""))
    colleague = next((one for one in await _colleagues(tuple(viewer.supervised)) if str(one.id) == agent), None)
    if colleague is None:
        raise NotFound
    for task_id in ticked:
        task = await tasks.get(task_id)
        if (
            not permissions.may_reassign(viewer, department=task.department)
            or task.department not in colleague.departments
        ):
            raise Forbidden
    await tasks.reassign(ticked, colleague.id, colleague.name, visit.actor(), visit.now)
    return see_other("/agent/service?fait=reattribuee")


async def _colleagues(departments: tuple[str, ...]) -> list[people.Profile]:
    found = {person.id: person for slug in departments for person in await people.agents_of(slug)}
    return sorted(found.values(), key=lambda person: person.name.casefold())


HANDLERS = [department, reassign]
