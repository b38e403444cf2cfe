"""Filing: turns a draft into a case, with all that must happen at that instant, in one transaction. Never validates
answers."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from accounts import departments
from accounts.errors import DepartmentUnknown
from desk import attachments, bookings, drafts, duplicates, notifications
from desk.drafts import Draft, Origin, Owner
from desk.errors import DraftInfected, DraftOutdated
from desk.outlines import outline_of
from desk.slots import keys_in, slot_of_key
from desk.store import run, transaction, value
from engine import cases, deployments
from engine.actor import Actor
from engine.deadlines import PARIS
from engine.errors import ProcedureUnknown
from engine.filing import Applicant, applicant_of


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What the receipt shows. `tracking_code` is the citizen's key, with the e-mail address, to the follow-up page."""

    case_id: UUID
    reference: str
    tracking_code: str
    procedure: str
    department: str
    language: str
    filed_at: datetime
    due_at: datetime | None
    email: str | None


async def file(
    draft_id: UUID, owner: Owner, *, by: Actor, now: datetime, channel: str = "email", follow_url: str = ""
) -> Filed:
    """File a draft whose answers are valid: case started, attachments attached, held slot turned into the case's
    option, receipt
    enqueued; all or nothing. The definition is the draft's; applicant, title and position come from the manifest.
    `follow_url` is the follow-up page's address with `{tracking_code}` in it.

    Filing the same draft again returns the same `Filed`. Raises `DraftNotFound`, `SlotTaken` (answers are kept: go
    to the slot
    page), `DraftOutdated` (the version left service meanwhile: begin again with these answers on the one in service),
    `DraftInfected` (the answers name a file in which the scanner found a virus meanwhile).
    """
    async with transaction():
        # Two posts of the same form meet on this lock: the second finds the case of the first.
        await run("SELECT FROM desk_draft WHERE id = $1 FOR UPDATE", draft_id)
        draft = await drafts.resume(draft_id, owner, now)
        if draft.case_id:
            return await receipt(draft.case_id)
        await _check_version(draft)
        if await attachments.infected(draft_id, draft.answers):
            raise DraftInfected(draft_id=draft_id)
        case_id = await _start(draft, owner.person, by, now, channel, follow_url)
        await run("UPDATE desk_draft SET case_id = $2, saved_at = $3 WHERE id = $1", draft_id, case_id, now)
        await attachments.attach(draft_id, case_id, draft.answers)
        await _keep_slot(draft, case_id, now)
        await _after_start(case_id, draft.answers, now)
        return await receipt(case_id)


async def file_answers(
    procedure: str,
    answers: dict[str, Any],
    *,
    form: str,
    key: str,
    by: Actor,
    now: datetime,
    origin: Origin = "online",
    language: str = "fr",
    channel: str = "email",
    applicant: Applicant | None = None,
    follow_url: str = "",
) -> Filed:
    """File without a draft (machine clients, scenarios, demo town); idempotent on `key`. Raises `SlotTaken`,
    `ProcedureUnknown`."""
    async with transaction():
        definition = await deployments.active_definition(procedure)
        started = await cases.start(
            definition,
            answers,
            form=form,
            origin=origin,
            language=language,
            channel=channel,
            applicant=applicant,
            by=by,
            now=now,
            key=f"key:{key}",
            follow_url=follow_url,
        )
        if not await value(
            "SELECT EXISTS (SELECT FROM desk_notification WHERE key = $1)", f"receipt:{started.case_id}"
        ):
            for slot in keys_in(answers):
                await bookings.book(started.case_id, slot_of_key(slot), now, confirmed=False)
            await _after_start(started.case_id, answers, now)
        return await receipt(started.case_id)


async def receipt(case_id: UUID) -> Filed:
    """The receipt of a filed case, to show it again. Raises the engine's `CaseUnknown`."""
    case = await cases.get(case_id)
    return Filed(
        case_id=case.id,
        reference=case.reference,
        tracking_code=case.tracking_code,
        procedure=case.procedure,
        department=case.department,
        language=case.language,
        filed_at=case.filed_at,
        due_at=case.due_at,
        email=case.applicant_email,
    )


async def _check_version(draft: Draft) -> None:
    try:
        in_service = (await deployments.active(draft.procedure)).hash
    except ProcedureUnknown as error:
        raise DraftOutdated(draft_id=draft.id) from error
    if in_service != draft.definition_hash:
        raise DraftOutdated(draft_id=draft.id)


async def _start(draft: Draft, person: UUID | None, by: Actor, now: datetime, channel: str, follow_url: str) -> UUID:
    definition = await deployments.definition_of(draft.definition_hash)
    applicant = applicant_of(definition.manifest, draft.answers, now)
    # At the counter the draft is the agent's: the account behind it is not the applicant's.
    if draft.origin == "online":
        applicant = msgspec.structs.replace(applicant, id=person)
    started = await cases.start(
        definition,
        draft.answers,
        form=draft.form,
        origin=draft.origin,
        language=draft.language,
        channel=channel,
        applicant=applicant,
        by=by,
        now=now,
        key=f"draft:{draft.id}",
        follow_url=follow_url,
    )
    return started.case_id


async def _keep_slot(draft: Draft, case_id: UUID, now: datetime) -> None:
    # The answers say which slot is wanted; the hold may have lapsed, or never been (counter, no script).
    for key in keys_in(draft.answers):
        slot = slot_of_key(key)
        held = await bookings.held_by(draft.id, now)
        if held is None or not held.slot.is_same_span(slot):
            await bookings.hold(draft.id, slot, now)
        await bookings.turn_into_option(draft.id, case_id, now)


async def _after_start(case_id: UUID, answers: dict[str, Any], now: datetime) -> None:
    case = await cases.get(case_id)
    if case.latitude is not None and case.longitude is not None:
        where = duplicates.Position(case.latitude, case.longitude)
        category = str(answers.get("category") or "")
        await duplicates.register(
            case_id, where, procedure=case.procedure, category=category, place=case.place or "", now=now
        )
    if case.applicant_email:
        await notifications.enqueue(
            "receipt",
            case_id,
            to=case.applicant_email,
            language=case.language,
            values=await _receipt_values(case),
            now=now,
            key=f"receipt:{case_id}",
        )


async def _receipt_values(case: cases.Case) -> dict[str, Any]:
    # The receipt names date, department, contact, term and what silence means (CRPA art. R112-5).
    outline = await outline_of(case.id)
    values: dict[str, Any] = {
        "reference": case.reference,
        "tracking_code": case.tracking_code,
        "title": outline.title.get(case.language) or outline.title.get("fr", ""),
        "filed_at": case.filed_at,
        "due_at": case.due_at.astimezone(PARIS).date() if case.due_at else None,
        "silence": outline.silence.get(case.language) or outline.silence.get("fr", ""),
        "follow_url": case.context.get("followUrl") or "",
    }
    try:
        department = await departments.get(case.department)
    except DepartmentUnknown:
        return values | {"department": case.department, "phone": "", "email": "", "address": "", "hours": ""}
    return values | {
        "department": department.name(case.language),
        "phone": department.phone or "",
        "email": department.email or "",
        "address": department.address or "",
        "hours": department.hours(case.language) or "",
    }
