"""Tasks: human work, claimed, passed on and completed. Each verb is one transaction and writes the journal.

Never decides who may act: pages and API ask `accounts.permissions` first. Answers are valid already
(`forms.validation`). The lists are in `engine.inbox`, and offered here too.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine import dispatch, journal
from engine.actor import Actor
from engine.apply import marks
from engine.apply.memory import KnownTask
from engine.bpmn.errors import NotWaiting
from engine.commands import CompleteTask
from engine.commit import Commit, committed
from engine.deadlines import PARIS, resume
from engine.encoding import parse_json
from engine.errors import (
    ReasonMissing,
    TaskAlreadyCompleted,
    TaskClaimedByAnother,
    TaskUnknown,
    TaskWithdrawn,
)
from engine.inbox import (
    AgentLoad,
    InboxCounts,
    InboxFilters,
    InboxPage,
    InboxTask,
    claimed_by,
    counts,
    inbox,
    late,
    load_by_agent,
    unclaimed,
)
from engine.pages import Page
from engine.store.statements import row, rows, run, transaction
from engine.wake import hint

__all__ = [
    "AgentLoad",
    "InboxCounts",
    "InboxFilters",
    "InboxPage",
    "InboxTask",
    "Page",
    "Task",
    "claim",
    "claimed_by",
    "complete",
    "completed",
    "counts",
    "delegate",
    "get",
    "inbox",
    "late",
    "load_by_agent",
    "of_case",
    "open_for_applicant",
    "reassign",
    "release",
    "save_draft",
    "transfer",
    "unclaimed",
]

COMPLETED = "“{task}” was completed."
CLAIMED = "“{task}” was claimed."
RELEASED = "“{task}” was given back to the department."
DELEGATED = "“{task}” was delegated to {agent}."
TRANSFERRED = "“{task}” was passed from {from_department} to {department}: {reason}"

COLUMNS = """id, case_id, instance_id, token, procedure, definition_hash, element, name, form, department, audience,
    candidate_groups, candidate_users, assignee_id, assignee_name, state, due_at, follow_up_at, priority,
    input::text AS input, draft::text AS draft, answers::text AS answers, opened_at, claimed_at, ended_at, ended_by,
    ended_by_name"""


class Task(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of human work, open or over."""

    id: UUID
    case_id: UUID
    instance_id: UUID
    token: int
    procedure: str
    definition_hash: str
    element: str
    name: str
    form: str | None
    department: str
    audience: str
    candidate_groups: tuple[str, ...]
    candidate_users: tuple[str, ...]
    assignee_id: UUID | None
    assignee_name: str | None
    state: str
    due_at: datetime | None
    follow_up_at: datetime | None
    priority: int
    input: dict[str, Any]
    draft: dict[str, Any] | None
    answers: dict[str, Any] | None
    opened_at: datetime
    claimed_at: datetime | None
    ended_at: datetime | None
    ended_by: UUID | None
    ended_by_name: str | None

    @property
    def is_open(self) -> bool:
        """It can still be completed."""
        return self.state in ("open", "claimed")


async def get(task_id: UUID) -> Task:
    """The task of this id. Raises `TaskUnknown`."""
    found = await row(f"SELECT {COLUMNS} FROM engine_task WHERE id = $1", task_id)
    if found is None:
        raise TaskUnknown(task_id=task_id)
    return _read(found)


async def of_case(case_id: UUID) -> list[Task]:
    """All tasks of a case, oldest first."""
    found = await rows(f"SELECT {COLUMNS} FROM engine_task WHERE case_id = $1 ORDER BY opened_at, id", case_id)
    return [_read(record) for record in found]


async def open_for_applicant(case_id: UUID) -> list[Task]:
    """What the citizen is asked to do now, on the follow-up page."""
    return [task for task in await of_case(case_id) if task.audience == "applicant" and task.is_open]


async def claim(task_id: UUID, by: Actor, now: datetime) -> None:
    """Take a task on. Claiming one's own again changes nothing.

    Raises `TaskClaimedByAnother`, `TaskAlreadyCompleted`, `TaskWithdrawn`, `TaskUnknown`.
    """
    async with transaction():
        before = await get(task_id)
        if not await marks.claim_task(task_id, by, now):
            raise _why_closed(await get(task_id), by)
        if before.assignee_id != by.id:
            await _note(before, CLAIMED, {}, by, now)


async def release(task_id: UUID, by: Actor, now: datetime) -> None:
    """Give a task back to its department. Raises `TaskAlreadyCompleted`, `TaskWithdrawn`, `TaskUnknown`."""
    async with transaction():
        before = await get(task_id)
        if not await marks.release_task(task_id):
            raise _why_closed(await get(task_id), by)
        await _note(before, RELEASED, {}, by, now)


async def delegate(task_id: UUID, agent_id: UUID, agent_name: str, by: Actor, now: datetime) -> None:
    """Give a task to an agent, whoever had it. Raises `TaskAlreadyCompleted`, `TaskWithdrawn`, `TaskUnknown`."""
    async with transaction():
        before = await get(task_id)
        if not await marks.delegate_task(task_id, agent_id, agent_name, now):
            raise _why_closed(await get(task_id), by)
        await _note(before, DELEGATED, {"agent": agent_name}, by, now)


async def reassign(task_ids: list[UUID], agent_id: UUID, agent_name: str, by: Actor, now: datetime) -> int:
    """Give several tasks to one agent; those closed meanwhile are left. Returns how many were given."""
    given = 0
    async with transaction():
        for task_id in sorted(task_ids):
            before = await get(task_id)
            if await marks.delegate_task(task_id, agent_id, agent_name, now):
                await _note(before, DELEGATED, {"agent": agent_name}, by, now)
                given += 1
    return given


async def transfer(task_id: UUID, department: str, reason: str, by: Actor, now: datetime) -> None:
    """Pass one task to another department, with a reason; its due date stays and the transfer is counted.

    Raises `ReasonMissing`, `TaskAlreadyCompleted`, `TaskWithdrawn`, `TaskUnknown`.
    """
    if not reason.strip():
        raise ReasonMissing
    async with transaction():
        before = await get(task_id)
        # The case before the task: the order in which every verb locks them.
        await run(
            """UPDATE engine_case SET transfers = transfers + 1, departments = CASE WHEN $2 = ANY(departments) THEN
            departments ELSE departments || $2 END WHERE id = $1""",
            before.case_id,
            department,
        )
        if not await marks.move_tasks([task_id], department):
            raise _why_closed(await get(task_id), by)
        told = {"from_department": before.department, "department": department, "reason": reason}
        await _note(before, TRANSFERRED, told, by, now, public=True)
        await hint(f"inbox:{department}")


async def complete(task_id: UUID, answers: dict[str, Any], by: Actor, now: datetime) -> None:
    """Complete a task with valid answers; the case moves on, in the same transaction.

    Whoever comes second is told who did it: raises `TaskAlreadyCompleted`, `TaskWithdrawn`, `TaskUnknown`; raises
    `TaskClaimedByAnother` when a colleague has claimed it.
    """
    await committed(lambda commit: completed(commit, task_id, answers), by, now)


async def completed(commit: Commit, task_id: UUID, answers: dict[str, Any]) -> None:
    """The same as `complete`, as a part of this commit."""
    task = await commit.task(task_id)
    if task is None or (task.assignee_id not in (None, commit.by.id) and commit.by.kind != "system"):
        commit.be_sure()
        raise _why_closed(await get(task_id), commit.by)
    if task.audience == "applicant":
        await _tell_new_due_date(commit, task, task_id)
    commit.complete_task(task_id, task.instance_id, task.token, answers)
    commit.note(task.case_id, COMPLETED, {"task": task.name})
    commit.topics |= {f"inbox:{task.department}", f"case:{task.case_id}"}
    try:
        await dispatch.advance(commit, task.instance_id, CompleteTask(token=task.token, answers=answers))
    except NotWaiting as moved:
        commit.be_sure()
        raise TaskWithdrawn(task_id=task_id) from moved


async def save_draft(task_id: UUID, answers: dict[str, Any], by: Actor, now: datetime) -> None:
    """Keep unfinished answers with the task.

    Raises `TaskClaimedByAnother`, `TaskAlreadyCompleted`, `TaskWithdrawn`, `TaskUnknown`.
    """
    async with transaction():
        if not await marks.draft_task(task_id, answers, by):
            raise _why_closed(await get(task_id), by)


async def _tell_new_due_date(commit: Commit, task: KnownTask, task_id: UUID) -> None:
    """The town waits no longer: what follows (letters, due dates) must know when the case is due now."""
    case = commit.case(task.case_id)
    if case.due_at is None or case.waiting_since is None or case.answered_at is not None:
        return
    waiting = [other.id for other in await open_for_applicant(case.id)]
    if waiting != [task_id]:
        return
    loaded = await commit.instance(task.instance_id)
    assert loaded is not None, "it was loaded with its task"
    due_at = resume(case.due_at, loaded.definition.manifest.term, case.waiting_since, commit.now)
    await dispatch.tell_case(commit, task.instance_id, {"dueAt": due_at.astimezone(PARIS)})


async def _note(
    task: Task, fact: str, parameters: dict[str, Any], by: Actor, now: datetime, public: bool = False
) -> None:
    await journal.write(task.case_id, fact, {"task": task.name, **parameters}, by, now, public=public)
    await hint(f"inbox:{task.department}", f"case:{task.case_id}")


def _why_closed(task: Task, by: Actor) -> Exception:
    """Why what was asked of this task could not be done."""
    if task.state == "completed" and task.ended_at is not None:
        return TaskAlreadyCompleted(task.ended_by_name or "", task.ended_at)
    if task.state == "withdrawn":
        return TaskWithdrawn(task_id=task.id)
    return TaskClaimedByAnother(task.assignee_name or "")


def _read(record: Any) -> Task:
    columns = dict(record)
    for name in ("input", "draft", "answers"):
        columns[name] = parse_json(columns[name])
    for name in ("candidate_groups", "candidate_users"):
        columns[name] = tuple(columns[name])
    return Task(**columns)
