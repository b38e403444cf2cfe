"""Transfers: a case or one of its tasks passed to another department, and its applicant told. Never decides who may."""

from datetime import datetime
from uuid import UUID

from accounts import departments
from desk import notifications
from desk.outlines import outline_of
from desk.store import transaction
from engine import cases, tasks
from engine.actor import Actor


async def pass_case(case_id: UUID, department: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Pass the case on; due dates stay, the transfer is counted; one transaction.

    Raises `DepartmentUnknown` and the engine's `CaseAlreadyClosed`, `CaseUnknown`, `ReasonMissing`.
    """
    async with transaction():
        await cases.transfer(case_id, department, reason, by, now)
        await _tell(case_id, department, reason, now)


async def pass_task(task_id: UUID, department: str, reason: str, *, by: Actor, now: datetime) -> None:
    """Pass one task on; its due date stays. Raises `DepartmentUnknown` and the errors of `engine.tasks.transfer`."""
    async with transaction():
        task = await tasks.get(task_id)
        await tasks.transfer(task_id, department, reason, by, now)
        await _tell(task.case_id, department, reason, now)


async def _tell(case_id: UUID, department: str, reason: str, now: datetime) -> None:
    known = await departments.get(department)
    outline = await outline_of(case_id)
    if not outline.applicant_email:
        return
    await notifications.enqueue(
        "passed_on",
        case_id,
        to=outline.applicant_email,
        language=outline.language,
        values={
            "reference": outline.reference,
            "title": outline.title.get(outline.language) or outline.title["fr"],
            "department": known.name(outline.language),
            "reason": reason,
            "tracking_code": outline.tracking_code,
        },
        now=now,
        key=f"passed_on:{case_id}:{department}:{now.isoformat()}",
    )
