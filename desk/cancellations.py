"""Cancellations: a case ended before its answer, what it held given back, its applicant told. Never decides who may."""

from datetime import datetime
from uuid import UUID

from desk import bookings, notifications
from desk.outlines import outline_of
from desk.store import transaction
from engine import cases
from engine.actor import Actor


async def cancel(case_id: UUID, reason: str, *, by: Actor, now: datetime) -> None:
    """End the case, free its slots and, unless they did it themselves, write to the applicant; one transaction.

    Raises the engine's `CaseAlreadyClosed`, `CaseUnknown`, `ReasonMissing`.
    """
    async with transaction():
        await cases.cancel(case_id, reason, by, now)
        await bookings.release(case_id, now)
        outline = await outline_of(case_id)
        if by.kind == "citizen" or not outline.applicant_email:
            return
        await notifications.enqueue(
            "cancelled",
            case_id,
            to=outline.applicant_email,
            language=outline.language,
            values={
                "reference": outline.reference,
                "title": outline.title.get(outline.language) or outline.title["fr"],
                "reason": reason,
                "tracking_code": outline.tracking_code,
            },
            now=now,
            key=f"cancelled:{case_id}",
        )
