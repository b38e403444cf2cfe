"""User tasks: the town's tasks for other systems, to list, assign and complete. An assignee is an agent's e-mail
address.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Request, Response, delete, get, patch, post
from litestar.params import Parameter
from msgspec import UNSET, UnsetType

from accounts import people
from api.answers import NotAccepted, wrong
from api.answers import form_of as form_of_definition
from api.errors import Conflict, InvalidArgument, NothingHere
from api.filters import Field
from api.guards import actor_of, client_of, scoped
from api.house import now_of
from api.keys import key_of
from api.orchestration import lookups
from api.orchestration.definitions import FormSchema, form_of
from api.orchestration.lookups import ROOT, TENANT_FIELD, definition_key, element_key, root_key, version_of
from api.orchestration.variables import FoundVariables, page_of, shown
from api.searching import PageInfo, Query, Resource
from api.shapes import TENANT, Shape
from desk import attachments
from desk.computing import compute
from engine import deployments, remote_tasks, tasks, variables
from engine.apply.remote import TaskChanges
from engine.errors import InstanceSuspended, TaskAlreadyCompleted, TaskClaimedByAnother, TaskWithdrawn
from engine.remote_tasks import TaskOver
from forms import FormRefused

STATE = """CASE t.state WHEN 'completed' THEN 'COMPLETED' WHEN 'withdrawn' THEN 'CANCELED' ELSE 'CREATED' END"""
STATES = ("CREATED", "COMPLETED", "CANCELED", "ASSIGNING", "CANCELING", "COMPLETING", "CREATING", "FAILED", "UPDATING")
ROWS_OF = {
    "CREATED": "t.state IN ('open', 'claimed')",
    "COMPLETED": "t.state = 'completed'",
    "CANCELED": "t.state = 'withdrawn'",
}
ELEMENT = element_key("t.instance_id", "t.token")

TASKS = Resource(
    columns=f"""t.id, t.case_id, t.instance_id, t.token, t.element, t.name, {STATE} AS state, t.form,
        t.candidate_groups, t.candidate_users, t.department, coalesce(person.email, t.assignee_name) AS assignee,
        t.due_at, t.follow_up_at, t.priority, t.opened_at, i.process,
        CASE WHEN t.state = 'completed' THEN t.ended_at END AS completed_at,
        t.definition_hash, d.version, p.key AS definition_key, p.title, f.key AS form_key, {ROOT} AS root_id,
        {ELEMENT} AS element_key, {lookups.TAGS}::text AS tags""",
    source=f"""engine_task t JOIN engine_instance i ON i.id = t.instance_id{version_of()}
        LEFT JOIN engine_case c ON c.id = t.case_id
        LEFT JOIN api_part f ON f.definition_hash = t.definition_hash AND f.kind = 'form' AND f.part = t.form
        LEFT JOIN person ON person.id = t.assignee_id""",
    procedure="t.procedure",
    key="userTaskKey",
    fields={
        "userTaskKey": Field("t.id", "id"),
        "processInstanceKey": Field("t.instance_id", "id"),
        "processDefinitionKey": Field("p.key", "key"),
        "processDefinitionId": Field("i.process"),
        "elementId": Field("t.element"),
        "elementInstanceKey": Field(ELEMENT, "key"),
        "name": Field("t.name"),
        "state": Field(STATE, "choice", choices=STATES, rows_of=ROWS_OF),
        "assignee": Field("person.email"),
        "candidateGroup": Field("(t.candidate_groups || t.department)", "texts"),
        "candidateUser": Field("t.candidate_users", "texts"),
        "priority": Field("t.priority", "number"),
        "creationDate": Field("t.opened_at", "moment", sort="t.id"),
        "completionDate": Field("CASE WHEN t.state = 'completed' THEN t.ended_at END", "moment"),
        "followUpDate": Field("t.follow_up_at", "moment"),
        "dueDate": Field("t.due_at", "moment"),
        "tags": Field(lookups.TAGS, "tags"),
        "processInstanceVariables": Field(lookups.variable_of("t.instance_id"), "variables"),
        "localVariables": Field("(t.input->{name})", "variables"),
        "tenantId": TENANT_FIELD,
    },
)


class UserTask(Shape, frozen=True, kw_only=True):
    """A task, open or over. Its candidate groups are departments."""

    name: str | None
    state: str
    assignee: str | None
    element_id: str
    candidate_groups: list[str]
    candidate_users: list[str]
    process_definition_id: str
    creation_date: datetime
    completion_date: datetime | None
    follow_up_date: datetime | None
    due_date: datetime | None
    tenant_id: str = TENANT
    external_form_reference: str | None = None
    process_definition_version: int
    custom_headers: dict[str, str]
    user_task_key: str
    element_instance_key: str
    process_name: str | None
    process_definition_key: str
    process_instance_key: str
    root_process_instance_key: str | None
    form_key: str | None
    tags: list[str]
    priority: int


class UserTasks(Shape, frozen=True, kw_only=True):
    """A page of user tasks."""

    items: list[UserTask]
    page: PageInfo


class Assignment(Shape, frozen=True, kw_only=True):
    """Who is to do the task; without `allowOverride` a task that somebody has stays theirs."""

    assignee: Annotated[str, msgspec.Meta(max_length=254)] = ""
    allow_override: bool | None = None
    action: str | None = None


class TaskCompletion(Shape, frozen=True, kw_only=True):
    """The answers."""

    variables: dict[str, Any] | None = None
    action: str | None = None


class Changes(Shape, frozen=True, kw_only=True):
    """What changes of a task; an empty date is none."""

    due_date: str | UnsetType | None = UNSET
    follow_up_date: str | UnsetType | None = UNSET
    candidate_users: list[str] | None = None
    candidate_groups: list[str] | None = None
    priority: Annotated[int, msgspec.Meta(ge=0, le=100)] | None = None


class TaskUpdate(Shape, frozen=True, kw_only=True):
    """A change of a task."""

    changeset: Changes | None = None
    action: str | None = None


@post("/v2/user-tasks/search", guards=[scoped("read")], status_code=200, tags=["user tasks"])
async def search(request: Request[Any, Any, Any], data: Query | None = None) -> UserTasks:
    """User tasks, open and over."""
    found = await lookups.search(TASKS, data or Query(), client_of(request))
    return UserTasks(items=[read(record) for record in found.found], page=found.page)


@get("/v2/user-tasks/{user_task_key:str}", guards=[scoped("read")], tags=["user tasks"])
async def get_one(request: Request[Any, Any, Any], user_task_key: str) -> UserTask:
    """One user task."""
    return read(await _task(request, user_task_key))


@post("/v2/user-tasks/{user_task_key:str}/assignment", guards=[scoped("tasks")], status_code=204, tags=["user tasks"])
async def assign(request: Request[Any, Any, Any], user_task_key: str, data: Assignment) -> None:
    """Give the task to an agent of the town, named by e-mail address."""
    record, now = await _task(request, user_task_key), now_of(request)
    if not data.assignee:
        raise InvalidArgument("Expected “assignee” to be an agent's e-mail address.")
    agent = await people.of_email(data.assignee)
    if agent is None or agent.kind != "agent" or not agent.active:
        raise InvalidArgument("Expected “assignee” to be the e-mail address of an agent of the town.")
    if data.allow_override is False and record["assignee"] not in (None, agent.email):
        raise Conflict("The task is assigned already, and may not be given to another.")
    await _done(tasks.delegate(record["id"], agent.id, agent.name, actor_of(request), now))


@delete("/v2/user-tasks/{user_task_key:str}/assignee", guards=[scoped("tasks")], status_code=204, tags=["user tasks"])
async def unassign(request: Request[Any, Any, Any], user_task_key: str) -> None:
    """Give the task back to its department."""
    record = await _task(request, user_task_key)
    await _done(tasks.release(record["id"], actor_of(request), now_of(request)))


@post("/v2/user-tasks/{user_task_key:str}/completion", guards=[scoped("tasks")], status_code=204, tags=["user tasks"])
async def complete(request: Request[Any, Any, Any], user_task_key: str, data: TaskCompletion | None = None) -> None:
    """Complete the task with answers that its form accepts."""
    record, now = await _task(request, user_task_key), now_of(request)
    given = data.variables if data and data.variables else {}
    answers = await _accepted(record, given, now)
    await _done(remote_tasks.complete(record["id"], answers, actor_of(request), now))


@patch("/v2/user-tasks/{user_task_key:str}", guards=[scoped("tasks")], status_code=204, tags=["user tasks"])
async def update(request: Request[Any, Any, Any], user_task_key: str, data: TaskUpdate | None = None) -> None:
    """Change the dates, candidates or priority of the task."""
    record, changes = await _task(request, user_task_key), (data.changeset if data else None) or Changes()
    await _done(
        remote_tasks.update(
            record["id"],
            TaskChanges(
                sets_due=changes.due_date is not UNSET,
                due_at=_moment("dueDate", changes.due_date),
                sets_follow_up=changes.follow_up_date is not UNSET,
                follow_up_at=_moment("followUpDate", changes.follow_up_date),
                candidate_groups=None if changes.candidate_groups is None else tuple(changes.candidate_groups),
                candidate_users=None if changes.candidate_users is None else tuple(changes.candidate_users),
                priority=changes.priority,
            ),
        )
    )


@get("/v2/user-tasks/{user_task_key:str}/form", guards=[scoped("read")], tags=["user tasks"])
async def form(request: Request[Any, Any, Any], user_task_key: str) -> Response[FormSchema | None]:
    """The task's form; 204 when it has none."""
    record = await _task(request, user_task_key)
    if record["form"] is None:
        return Response(None, status_code=204)
    return Response(await form_of(record["definition_hash"], record["form"]))


@post(
    [
        "/v2/user-tasks/{user_task_key:str}/variables/search",
        "/v2/user-tasks/{user_task_key:str}/effective-variables/search",
    ],
    guards=[scoped("read")],
    status_code=200,
    tags=["user tasks"],
)
async def variables_of(
    request: Request[Any, Any, Any],
    user_task_key: str,
    data: Query | None = None,
    truncate: Annotated[bool, Parameter(query="truncateValues")] = True,
) -> FoundVariables:
    """The variables that the task sees, its own scope first."""
    record = await _task(request, user_task_key)
    state = await variables.state_of(record["instance_id"])
    seen: Mapping[str, Any] = variables.visible(state, record["token"])
    own = {each.name: each for each in variables.every(state) if each.token == record["token"]}
    root = {each.name: each for each in variables.every(state) if each.scope == 0}
    wanted = [found for name in sorted(seen) if (found := own.get(name) or root.get(name))]
    found = await shown(record["instance_id"], record["root_id"], wanted, truncate=truncate)
    return await page_of(found, data or Query())


async def _task(request: Request[Any, Any, Any], key: str) -> Any:
    return await lookups.get(TASKS, key, client_of(request))


async def _accepted(record: Any, given: dict[str, Any], now: datetime) -> dict[str, Any]:
    """What the task's form takes of it; variables that it does not ask for stay. Raises `NotAccepted`."""
    definition = await deployments.definition_of(record["definition_hash"])
    if record["form"] not in definition.forms:
        return given
    try:
        form = form_of_definition(definition, record["form"])
    except FormRefused:
        return given
    answers = compute(definition, form, given, now)
    if errors := wrong(form, answers, await attachments.of_case(record["case_id"]), now):
        raise NotAccepted(record["form"], errors, status=400)
    return answers


def _moment(name: str, text: str | UnsetType | None) -> datetime | None:
    if text is UNSET or not text:
        return None
    try:
        moment = msgspec.convert(text, datetime, strict=False)
    except msgspec.ValidationError as broken:
        raise InvalidArgument(f"Expected “{name}” to be a time like 2026-11-24T09:00:00Z.") from broken
    if not 1 < moment.year < 9999:
        raise InvalidArgument(f"Expected “{name}” to be a time of ours.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


async def _done(verb: Any) -> UUID | None:
    try:
        return await verb
    except (TaskOver, TaskAlreadyCompleted, TaskWithdrawn) as over:
        raise NothingHere("Expected an open task, but it is over.") from over
    except (TaskClaimedByAnother, InstanceSuspended) as refused:
        raise Conflict(str(refused)) from refused


def read(record: Any) -> UserTask:
    """A row as clients read it."""
    return UserTask(
        name=record["name"],
        state=record["state"],
        assignee=record["assignee"],
        element_id=record["element"],
        candidate_groups=record["candidate_groups"] or [record["department"]],
        candidate_users=record["candidate_users"],
        process_definition_id=record["process"],
        creation_date=record["opened_at"],
        completion_date=record["completed_at"],
        follow_up_date=record["follow_up_at"],
        due_date=record["due_at"],
        process_definition_version=record["version"] or 0,
        custom_headers={},
        user_task_key=key_of(record["id"]),
        element_instance_key=lookups.text_key(record["element_key"]),
        process_name=record["title"],
        process_definition_key=definition_key(record),
        process_instance_key=key_of(record["instance_id"]),
        root_process_instance_key=root_key(record),
        form_key=str(record["form_key"]) if record["form_key"] else None,
        tags=[str(tag) for tag in msgspec.json.decode(record["tags"])],
        priority=record["priority"],
    )


HANDLERS = [search, get_one, assign, unassign, complete, update, form, variables_of]
