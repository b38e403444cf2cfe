"""Cases: the record of what somebody asked, from filing to closing. Each verb is one transaction and writes the
journal.

Never decides who may do what: pages and API ask `accounts.permissions` first. Looking cases up is in
`engine.registry`, and offered here too.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine import dispatch, journal
from engine.actor import Actor
from engine.apply import marks
from engine.commands import Cancel, Start
from engine.commit import Commit, committed
from engine.definition import Definition
from engine.errors import CaseAlreadyClosed, CaseUnknown, FormUnknown, ReasonMissing
from engine.filing import Applicant, Filing, KeyUsed, file_case
from engine.registry import (
    Case,
    CaseFilters,
    CasePage,
    Submission,
    get,
    is_sealed,
    of_person,
    of_reference,
    of_tracking_code,
    recent,
    search,
    submission_of,
)
from engine.store.statements import row, rows, run, transaction
from engine.wake import hint

__all__ = [
    "Applicant",
    "Case",
    "CaseFiled",
    "CaseFilters",
    "CasePage",
    "Submission",
    "cancel",
    "get",
    "is_sealed",
    "of_person",
    "of_reference",
    "of_tracking_code",
    "recent",
    "search",
    "start",
    "submission_of",
    "transfer",
]

FILED = "The request was filed."
CANCELLED = "The request was cancelled: {reason}"
TRANSFERRED = "The request was passed from {from_department} to {department}: {reason}"


RUNNING = "SELECT id FROM engine_instance WHERE case_id = $1 AND status = 'running' ORDER BY id"
RUNNING_ROOTS = (
    "SELECT id FROM engine_instance WHERE case_id = $1 AND parent_id IS NULL AND status = 'running' ORDER BY id"
)


class CaseFiled(msgspec.Struct, frozen=True, kw_only=True):
    """What the receipt tells: a repeat with the same key gives the same."""

    case_id: UUID
    reference: str
    tracking_code: str
    due_at: datetime | None


async def start(
    definition: Definition,
    answers: dict[str, Any],
    *,
    form: str,
    origin: str,
    language: str,
    channel: str,
    applicant: Applicant | None,
    by: Actor,
    now: datetime,
    key: str,
    follow_url: str = "",
) -> CaseFiled:
    """File a case and start its instance, in one transaction; the same `key` again returns the case it filed first.

    `answers` are valid already (`forms.validation`). Without `applicant`, the manifest's expressions find it in the
    answers. `follow_url` is the follow-up page's address with `{tracking_code}` in it. Raises `FormUnknown`.
    """
    chosen = definition.manifest.start_form(form)
    if chosen is None:
        raise FormUnknown(form=form, procedure=definition.manifest.slug)
    filing = Filing(
        manifest=definition.manifest,
        definition_hash=definition.hash,
        answers=answers,
        form=form,
        origin=origin,
        language=language,
        channel=channel,
        applicant=applicant,
        by=by,
        now=now,
        key=key,
        follow_url=follow_url,
    )
    return await _file(definition, filing, chosen.start)


async def cancel(case_id: UUID, reason: str, by: Actor, now: datetime) -> None:
    """End a case now, for a reason told to the citizen. Raises `CaseAlreadyClosed`, `CaseUnknown`, `ReasonMissing`."""
    _require(reason)
    async with transaction():
        await _open_case(case_id)
        await run("UPDATE engine_case SET reason = $2 WHERE id = $1", case_id, reason)
        await journal.write(case_id, CANCELLED, {"reason": reason}, by, now, public=True)
        for record in await rows(RUNNING_ROOTS, case_id):
            await dispatch.carry(record["id"], Cancel(reason=reason), by, now)


async def transfer(case_id: UUID, department: str, reason: str, by: Actor, now: datetime) -> None:
    """Pass a case, with its open tasks there, to another department; due dates stay, the transfer is counted.

    Raises `CaseAlreadyClosed`, `CaseUnknown`, `ReasonMissing`.
    """
    _require(reason)
    async with transaction():
        case = await _open_case(case_id)
        previous = str(case["department"])
        await run(
            """UPDATE engine_case SET department = $2, transfers = transfers + 1,
                departments = CASE WHEN $2 = ANY(departments) THEN departments ELSE departments || $2 END,
                context = jsonb_set(context, '{department}', to_jsonb($2::text)) WHERE id = $1""",
            case_id,
            department,
        )
        tasks = await rows(
            """SELECT id FROM engine_task WHERE case_id = $1 AND department = $2 AND audience = 'department'
                AND state IN ('open', 'claimed')""",
            case_id,
            previous,
        )
        await marks.move_tasks([record["id"] for record in tasks], department)
        # So that tasks still to come follow the case, where their lane says `=case.department`.
        for instance in await rows(RUNNING, case_id):
            await dispatch.patch_case(instance["id"], {"department": department}, by, now)
        told = {"from_department": previous, "department": department, "reason": reason}
        await journal.write(case_id, TRANSFERRED, told, by, now, public=True)
        await hint(f"inbox:{previous}", f"inbox:{department}", f"case:{case_id}")


async def _file(definition: Definition, filing: Filing, start_event: str | None) -> CaseFiled:
    async def work(commit: Commit) -> CaseFiled:
        filed = await file_case(commit, filing)
        variables = {"answers": filing.answers, "case": filed.variable}
        commit.note(filed.facts.id, FILED, {"origin": filing.origin}, public=True)
        await dispatch.begin(commit, filed.facts.id, definition, Start(variables=variables, start=start_event))
        return CaseFiled(
            case_id=filed.facts.id,
            reference=filed.reference,
            tracking_code=filed.tracking_code,
            due_at=filed.facts.due_at,
        )

    try:
        return await committed(work, filing.by, filing.now)
    except KeyUsed as used:
        return await _filed_before(used.case_id)


async def _filed_before(case_id: UUID) -> CaseFiled:
    known = await row("SELECT id AS case_id, reference, tracking_code, due_at FROM engine_case WHERE id = $1", case_id)
    assert known is not None, "the key was refused because this case has it"
    return CaseFiled(**known)


async def _open_case(case_id: UUID) -> Any:
    """The case row, locked after its running instances (always locked first: see `dispatch.lock_instance`)."""
    await rows(f"{RUNNING} FOR NO KEY UPDATE", case_id)
    found = await row("SELECT id, department, closed_at FROM engine_case WHERE id = $1 FOR NO KEY UPDATE", case_id)
    if found is None:
        raise CaseUnknown(case_id=case_id)
    if found["closed_at"] is not None:
        raise CaseAlreadyClosed(case_id=case_id)
    return found


def _require(reason: str) -> None:
    if not reason.strip():
        raise ReasonMissing
