"""Agenda: rooms for a case, once or for a season, or a place in line. A booking carries the job's id, so a repeated job
gets the same booking."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from connectors.errors import InputMissing
from connectors.inputs import flag_of, text_of
from connectors.wording import said_day
from desk import bookings, seasons, waiting
from desk.errors import RuleRefused, SeasonRefused, SlotNotOffered, SlotTaken, UnknownResource
from engine.connector import BusinessError, Job, JobOutcome, Preview
from engine.feel.sentences import Sentence

OPTIONED = "The slot is kept during the review: {room}, {begin}"
BOOKED = "The slot is booked: {room}, {begin}"
RELEASED = "The slot was freed."
SEASON = "The season is booked: {room}, {dates} dates from {begin}"
SEASON_OPTIONED = "The season is kept during the review: {room}, {dates} dates from {begin}"
REFUSED_DATES = {
    "taken": "This date of the season is taken: {begin}",
    "closed": "This date of the season is in a closure: {begin}",
    "past": "This date of the season is past: {begin}",
}
NO_OPERATION = "Expected an operation among {0}, but got “{1}”."
WAITING = "The slot is taken; the request is number {number} in line: {room}, {begin}"
MOST_TOLD = 20
REASONS = {"": "libre", "taken": "déjà prise", "closed": "fermée", "past": "passée"}


class AgendaConnector:
    """Job type `parvis:agenda`; input `operation` is check, option, book, confirm, wait, release or release_slot."""

    def __init__(self, timezone: str = "Europe/Paris") -> None:
        self.timezone = timezone
        self.operations: dict[str, Callable[[Job, datetime], Awaitable[JobOutcome]]] = {
            "check": self._check,
            "option": self._option,
            "book": self._book,
            "confirm": self._confirm,
            "wait": self._wait,
            "release": self._release,
            "release_slot": self._release_slot,
        }

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Do the operation. Business errors: `SLOT_TAKEN`, `SLOT_UNKNOWN` (no such room, or not a slot), `SEASON_TAKEN`
        (some dates of the rule; which, and why, are in `agenda.refused`), `RULE_REFUSED`."""
        operation = text_of(job, "operation")
        if operation not in self.operations:
            raise InputMissing(Sentence(NO_OPERATION, (", ".join(self.operations), operation[:20])))
        try:
            return await self.operations[operation](job, now)
        except SeasonRefused as error:
            told = {"agenda": {"refused": _refused(error.facts["conflicts"], self.timezone)}}
            raise BusinessError("SEASON_TAKEN", "Some dates of the season cannot be had.", told) from error
        except SlotTaken as error:
            raise BusinessError("SLOT_TAKEN", "Somebody else has this slot.") from error
        except RuleRefused as error:
            raise BusinessError("RULE_REFUSED", str(error)) from error
        except (UnknownResource, SlotNotOffered) as error:
            raise BusinessError("SLOT_UNKNOWN", "There is no such room or slot.") from error

    async def preview(self, job: Job, now: datetime) -> Preview:
        """Whether the slot, or each date of the season, is free now; nothing is kept."""
        operation = text_of(job, "operation")
        if operation == "release":
            return Preview(lines=(("Opération", "libérer tout ce que tient le dossier"),))
        try:
            slot = self._slot(job)
            lines = (("Opération", operation), ("Salle", await _room(slot.resource)), ("Créneau", slot.key))
            if wish := self._wish(job):
                return Preview(lines=(*lines, *await self._preview_dates(wish, now)))
            free = await bookings.is_free(slot, now)
        except (UnknownResource, SlotNotOffered) as error:
            raise BusinessError("SLOT_UNKNOWN", "There is no such room or slot.") from error
        except RuleRefused as error:
            raise BusinessError("RULE_REFUSED", str(error)) from error
        return Preview(lines=(*lines, ("Libre", "oui" if free else "non")))

    async def _preview_dates(self, wish: seasons.Wish, now: datetime) -> tuple[tuple[str, str], ...]:
        refused = {each.begin: each.reason for each in await seasons.conflicts(wish, now)}
        return tuple((said_day(each.begin.date(), "fr"), REASONS[refused.get(each.begin, "")]) for each in wish.dates())

    async def _check(self, job: Job, now: datetime) -> JobOutcome:
        slot = self._slot(job)
        if wish := self._wish(job):
            found = await seasons.conflicts(wish, now, case_id=job.case_id)
            told = {**_told(slot), "free": not found, "refused": _refused(found, self.timezone)}
            return JobOutcome(variables={"agenda": told})
        free = await bookings.is_free(slot, now, case_id=job.case_id)
        return JobOutcome(variables={"agenda": {**_told(slot), "free": free}})

    async def _option(self, job: Job, now: datetime) -> JobOutcome:
        if wish := self._wish(job):
            return await self._season(job, wish, now, confirmed=False)
        booking = await bookings.book(job.case_id, self._slot(job), now, job_id=job.id, confirmed=False)
        return await _outcome(booking, OPTIONED)

    async def _book(self, job: Job, now: datetime) -> JobOutcome:
        if wish := self._wish(job):
            return await self._season(job, wish, now, confirmed=True)
        booking = await bookings.book(job.case_id, self._slot(job), now, job_id=job.id)
        return await _outcome(booking, BOOKED)

    async def _season(self, job: Job, wish: seasons.Wish, now: datetime, *, confirmed: bool) -> JobOutcome:
        made = await seasons.book_season(job.case_id, wish, now, job_id=job.id, confirmed=confirmed)
        refused, dates = _refused(made.refused, self.timezone), [_told(each.slot) for each in made.bookings]
        state = "booked" if confirmed else "option"
        told = {**_told(made.first), "state": state, "rule": made.rule, "dates": dates, "refused": refused}
        room = await _room(made.resource)
        begin = dates[0]["begin"] if dates else told["begin"]
        fact = (SEASON if confirmed else SEASON_OPTIONED, {"room": room, "dates": len(dates), "begin": begin})
        return JobOutcome(
            variables={"agenda": told},
            facts=(fact, *((REFUSED_DATES[each["reason"]], {"begin": each["begin"]}) for each in refused[:MOST_TOLD])),
        )

    async def _wait(self, job: Job, now: datetime) -> JobOutcome:
        """A place in line. Served or not, the case goes on; the message `parvis.slot_freed` with `agenda.place` tells
        it when it has the slot."""
        wanted: waiting.Wanted = "booked" if text_of(job, "wanted", "option") == "booked" else "option"
        place = await waiting.join(job.case_id, self._slot(job), wanted, now, job_id=job.id)
        state = place.wanted if place.state == "served" else "waiting"
        told = {**_told(place.slot), "state": state, "place": str(place.id), "number": place.number}
        facts = ((WAITING, {"room": await _room(place.slot.resource), "begin": told["begin"], "number": place.number}),)
        return JobOutcome(variables={"agenda": told}, facts=facts if state == "waiting" else ())

    async def _confirm(self, job: Job, now: datetime) -> JobOutcome:
        kept = await bookings.confirm(job.case_id, now)
        return await _outcome(kept[0], BOOKED) if kept else await self._book(job, now)

    async def _release(self, job: Job, now: datetime) -> JobOutcome:
        freed = await bookings.release(job.case_id, now)
        return JobOutcome(variables={"agenda": {"state": "released"}}, facts=((RELEASED, {}),) if freed else ())

    async def _release_slot(self, job: Job, now: datetime) -> JobOutcome:
        slot = self._slot(job)
        freed = await bookings.release_slot(job.case_id, slot, now)
        told = {**_told(slot), "state": "released"}
        return JobOutcome(variables={"agenda": told}, facts=((RELEASED, {}),) if freed else ())

    def _wish(self, job: Job) -> seasons.Wish | None:
        rule = text_of(job, "rule", "")
        if not rule:
            return None
        return seasons.Wish(
            first=self._slot(job),
            rule=rule,
            without=_days(job.input.get("without")),
            partial=flag_of(job, "partial"),
            timezone=self.timezone,
        )

    def _slot(self, job: Job) -> bookings.Slot:
        if key := text_of(job, "slot", ""):
            return bookings.slot_of_key(key, timezone=self.timezone)
        begin, until = text_of(job, "begin"), text_of(job, "until")
        return bookings.slot_between(text_of(job, "resource"), begin, until, timezone=self.timezone)


async def _outcome(booking: bookings.Booking, fact: str) -> JobOutcome:
    told = {**_told(booking.slot), "state": booking.state}
    facts = ((fact, {"room": await _room(booking.slot.resource), "begin": told["begin"]}),)
    return JobOutcome(variables={"agenda": told}, facts=facts)


async def _room(slug: str) -> str:
    return (await bookings.resource(slug)).name.get("fr", slug)


def _days(given: Any) -> tuple[date, ...]:
    """Days to leave out, as FEEL dates or texts. Raises `RuleRefused` for what is no day."""
    listed = given if isinstance(given, list | tuple) else [] if given in (None, "") else [given]
    try:
        return tuple(date.fromisoformat(str(each)[:10]) for each in listed)
    except ValueError as error:
        raise RuleRefused("Expected days such as 2026-12-25 to leave out.") from error


def _refused(conflicts: tuple[seasons.Conflict, ...], timezone: str) -> list[dict[str, str]]:
    zone = ZoneInfo(timezone)
    return [{"begin": each.begin.astimezone(zone).isoformat(), "reason": each.reason} for each in conflicts]


def _told(slot: bookings.Slot) -> dict[str, Any]:
    return {
        "slot": slot.key,
        "resource": slot.resource,
        "begin": slot.begin.isoformat(),
        "until": slot.until.isoformat(),
    }
