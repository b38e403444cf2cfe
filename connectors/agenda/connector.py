"""Agenda: rooms for a case. A booking carries the job's id, so a repeated job gets the same booking."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from connectors.errors import InputMissing
from connectors.inputs import text_of
from desk import bookings
from desk.errors import SlotNotOffered, SlotTaken, UnknownResource
from engine.connector import BusinessError, Job, JobOutcome, Preview

OPTIONED = "The slot is kept during the review: {room}, {begin}"
BOOKED = "The slot is booked: {room}, {begin}"
RELEASED = "The slot was freed."


class AgendaConnector:
    """Job type `parvis:agenda`; input `operation` is check, option, book, confirm or release."""

    def __init__(self, timezone: str = "Europe/Paris") -> None:
        self.timezone = timezone
        self.operations: dict[str, Callable[[Job, datetime], Awaitable[JobOutcome]]] = {
            "check": self._check,
            "option": self._option,
            "book": self._book,
            "confirm": self._confirm,
            "release": self._release,
        }

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Do the operation. Business errors: `SLOT_TAKEN`, `SLOT_UNKNOWN` (no such room, or not a slot)."""
        operation = text_of(job, "operation")
        if operation not in self.operations:
            raise InputMissing(
                f"Expected the operation check, option, book, confirm or release, but got “{operation}”."
            )
        try:
            return await self.operations[operation](job, now)
        except SlotTaken as error:
            raise BusinessError("SLOT_TAKEN", "Somebody else has this slot.") from error
        except (UnknownResource, SlotNotOffered) as error:
            raise BusinessError("SLOT_UNKNOWN", "There is no such room or slot.") from error

    async def preview(self, job: Job, now: datetime) -> Preview:
        """Whether the slot is free now; nothing is kept."""
        operation = text_of(job, "operation")
        if operation == "release":
            return Preview(lines=(("Opération", "libérer tout ce que tient le dossier"),))
        try:
            slot = self._slot(job)
            free = await bookings.is_free(slot, now)
            room = (await bookings.resource(slot.resource)).name.get("fr", slot.resource)
        except (UnknownResource, SlotNotOffered) as error:
            raise BusinessError("SLOT_UNKNOWN", "There is no such room or slot.") from error
        lines = (("Opération", operation), ("Salle", room), ("Créneau", slot.key))
        return Preview(lines=(*lines, ("Libre", "oui" if free else "non")))

    async def _check(self, job: Job, now: datetime) -> JobOutcome:
        slot = self._slot(job)
        free = await bookings.is_free(slot, now, case_id=job.case_id)
        return JobOutcome(variables={"agenda": {**_told(slot), "free": free}})

    async def _option(self, job: Job, now: datetime) -> JobOutcome:
        booking = await bookings.book(job.case_id, self._slot(job), now, job_id=job.id, confirmed=False)
        return await _outcome(booking, OPTIONED)

    async def _book(self, job: Job, now: datetime) -> JobOutcome:
        booking = await bookings.book(job.case_id, self._slot(job), now, job_id=job.id)
        return await _outcome(booking, BOOKED)

    async def _confirm(self, job: Job, now: datetime) -> JobOutcome:
        kept = await bookings.confirm(job.case_id, now)
        return await _outcome(kept[0], BOOKED) if kept else await self._book(job, now)

    async def _release(self, job: Job, now: datetime) -> JobOutcome:
        freed = await bookings.release(job.case_id, now)
        return JobOutcome(variables={"agenda": {"state": "released"}}, facts=((RELEASED, {}),) if freed else ())

    def _slot(self, job: Job) -> bookings.Slot:
        if key := text_of(job, "slot", ""):
            return bookings.slot_of_key(key, timezone=self.timezone)
        begin, until = text_of(job, "begin"), text_of(job, "until")
        return bookings.slot_between(text_of(job, "resource"), begin, until, timezone=self.timezone)


async def _outcome(booking: bookings.Booking, fact: str) -> JobOutcome:
    told = {**_told(booking.slot), "state": booking.state}
    room = (await bookings.resource(booking.slot.resource)).name.get("fr", booking.slot.resource)
    facts = ((fact, {"room": room, "begin": told["begin"]}),)
    return JobOutcome(variables={"agenda": told}, facts=facts)


def _told(slot: bookings.Slot) -> dict[str, Any]:
    return {
        "slot": slot.key,
        "resource": slot.resource,
        "begin": slot.begin.isoformat(),
        "until": slot.until.isoformat(),
    }
