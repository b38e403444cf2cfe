"""Inbox: the lists of human work, for agents and supervisors. Only reads; `engine.tasks` acts.

A task is in the inbox of its department and of its candidate groups until it is completed or withdrawn.
"""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from engine.deadlines import PARIS
from engine.pages import Mark, Page, mark_of, text_of
from engine.store.statements import row, rows

Order = Literal["due", "oldest", "priority"]
MOST_LISTED = 500

COLUMNS = """t.id AS task_id, t.case_id, c.reference, c.title, t.procedure, t.name, t.element, t.department,
    t.assignee_id, t.assignee_name, t.state, t.due_at, t.priority, t.opened_at, c.applicant_name,
    c.due_at AS case_due_at, c.origin"""
OPEN_HERE = """t.state IN ('open', 'claimed') AND t.audience = 'department'
    AND (t.department = ANY($1::text[]) OR t.candidate_groups && $1::text[])"""
# For each order: the columns sorted by, the mark's condition, and what the mark keeps of a row.
ORDERS: dict[str, tuple[str, str]] = {
    "due": (
        "coalesce(t.due_at, 'infinity'::timestamptz), t.id",
        "(coalesce(t.due_at, 'infinity'::timestamptz), t.id) > (coalesce($6::timestamptz, 'infinity'), $7::uuid)",
    ),
    "oldest": ("t.opened_at, t.id", "(t.opened_at, t.id) > ($6::timestamptz, $7::uuid)"),
    "priority": (
        "-t.priority, coalesce(t.due_at, 'infinity'::timestamptz), t.id",
        "(-t.priority, coalesce(t.due_at, 'infinity'::timestamptz), t.id)"
        " > (-$8::integer, coalesce($6::timestamptz, 'infinity'), $7::uuid)",
    ),
}


class InboxFilters(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent narrowed the list to; kept in the page's address."""

    procedure: str | None = None
    department: str | None = None
    assignee_id: UUID | None = None
    unclaimed: bool = False
    late: bool = False
    order: Order = "due"


class InboxTask(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an inbox."""

    task_id: UUID
    case_id: UUID
    reference: str
    title: str
    procedure: str
    name: str
    element: str
    department: str
    assignee_id: UUID | None
    assignee_name: str | None
    state: str
    due_at: datetime | None
    priority: int
    opened_at: datetime
    applicant_name: str | None
    case_due_at: datetime | None
    origin: str

    def is_overdue(self, now: datetime) -> bool:
        """The task's own deadline has passed."""
        return self.due_at is not None and self.due_at < now


class InboxPage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of an inbox; `next` asks for the following one."""

    tasks: tuple[InboxTask, ...]
    next: str | None


class InboxCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The figures above an inbox."""

    open: int
    unclaimed: int
    mine: int
    late: int
    due_today: int


class AgentLoad(msgspec.Struct, frozen=True, kw_only=True):
    """How much one agent has claimed."""

    agent_id: UUID
    agent_name: str
    open: int
    late: int


async def inbox(departments: tuple[str, ...], filters: InboxFilters, page: Page, now: datetime) -> InboxPage:
    """The work of these departments, in the order of the filters, a page at a time."""
    mark = mark_of(page)
    sorting, beyond = ORDERS[filters.order]
    conditions = [OPEN_HERE, "($2::text IS NULL OR t.procedure = $2)", "($3::text IS NULL OR t.department = $3)"]
    conditions += ["($4::uuid IS NULL OR t.assignee_id = $4)", "($5::timestamptz IS NULL OR t.due_at < $5)"]
    conditions += ["t.assignee_id IS NULL"] if filters.unclaimed else []
    # Every parameter is mentioned, since PostgreSQL must know the type of each.
    conditions.append(f"(($6::timestamptz IS NULL AND $7::uuid IS NULL AND $8::integer IS NULL) OR {beyond})")
    found = await rows(
        f"""SELECT {COLUMNS} FROM engine_task t JOIN engine_case c ON c.id = t.case_id
            WHERE {" AND ".join(conditions)} ORDER BY {sorting} LIMIT $9""",
        *(list(departments), filters.procedure, filters.department, filters.assignee_id),
        *(now if filters.late else None, mark.at if mark else None, mark.id if mark else None),
        *(mark.number if mark else None, page.limit + 1),
    )
    tasks = tuple(InboxTask(**record) for record in found[: page.limit])
    more = len(found) > page.limit
    return InboxPage(tasks=tasks, next=_mark_after(tasks[-1], filters.order) if more else None)


async def counts(departments: tuple[str, ...], by_id: UUID | None, now: datetime) -> InboxCounts:
    """The figures of these departments' work, and of what `by_id` has claimed there."""
    tonight = (now.astimezone(PARIS) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    found: Any = await row(
        f"""SELECT count(*) AS open, count(*) FILTER (WHERE t.assignee_id IS NULL) AS unclaimed,
            count(*) FILTER (WHERE t.assignee_id = $2) AS mine, count(*) FILTER (WHERE t.due_at < $3) AS late,
            count(*) FILTER (WHERE t.due_at >= $3 AND t.due_at < $4) AS due_today
            FROM engine_task t WHERE {OPEN_HERE}""",
        list(departments),
        by_id,
        now,
        tonight,
    )
    return InboxCounts(**found)


async def late(departments: tuple[str, ...], now: datetime) -> list[InboxTask]:
    """Work past its deadline, the latest first."""
    return await _listed(f"{OPEN_HERE} AND t.due_at < $2", "t.due_at, t.id", list(departments), now)


async def unclaimed(departments: tuple[str, ...], now: datetime) -> list[InboxTask]:
    """Work nobody has claimed, what is due first at the top."""
    order = "coalesce(t.due_at, 'infinity'::timestamptz), t.opened_at, t.id"
    return await _listed(f"{OPEN_HERE} AND t.assignee_id IS NULL AND t.opened_at <= $2", order, list(departments), now)


async def claimed_by(agent_id: UUID, departments: tuple[str, ...]) -> list[InboxTask]:
    """What one agent has claimed in these departments."""
    order = "coalesce(t.due_at, 'infinity'::timestamptz), t.id"
    return await _listed(f"{OPEN_HERE} AND t.assignee_id = $2", order, list(departments), agent_id)


async def load_by_agent(departments: tuple[str, ...], now: datetime) -> list[AgentLoad]:
    """How much each agent has claimed, the most loaded first."""
    found = await rows(
        f"""SELECT t.assignee_id AS agent_id, coalesce(max(t.assignee_name), '') AS agent_name, count(*) AS open,
            count(*) FILTER (WHERE t.due_at < $2) AS late
            FROM engine_task t WHERE {OPEN_HERE} AND t.assignee_id IS NOT NULL
            GROUP BY t.assignee_id ORDER BY count(*) DESC, max(t.assignee_name)""",
        list(departments),
        now,
    )
    return [AgentLoad(**record) for record in found]


async def _listed(condition: str, order: str, *arguments: Any) -> list[InboxTask]:
    found = await rows(
        f"""SELECT {COLUMNS} FROM engine_task t JOIN engine_case c ON c.id = t.case_id
            WHERE {condition} ORDER BY {order} LIMIT {MOST_LISTED}""",
        *arguments,
    )
    return [InboxTask(**record) for record in found]


def _mark_after(task: InboxTask, order: Order) -> str:
    at = task.opened_at if order == "oldest" else task.due_at
    return text_of(Mark(at=at, id=task.task_id, number=task.priority))
