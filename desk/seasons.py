"""Seasons: a resource again and again for one case, by a recurrence rule. Each date is a booking of its own, so that
what holds for one booking holds for each; dates that were not free are told one by one."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from desk import spans
from desk.errors import SeasonRefused
from desk.recurrence import occurrences, written
from desk.resources import resource
from desk.slots import ZONE, Slot
from desk.spans import Booking, Keeper, booking_of
from desk.store import row, rows, run, transaction
from desk.store.reading import from_json, to_json
from desk.vacancies import closed_spans, is_free
from engine.ids import new_id

Reason = Literal["taken", "closed", "past"]


class Conflict(msgspec.Struct, frozen=True, kw_only=True):
    """One date of a rule that cannot be had, and why."""

    begin: datetime
    reason: Reason


class Season(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as calendars read it, its live bookings in order, and the dates it did not get."""

    id: UUID
    resource: str
    rule: str
    first: Slot
    bookings: tuple[Booking, ...]
    refused: tuple[Conflict, ...]


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for: the first slot, the rule, days left out. `partial`: the free dates are worth having alone."""

    first: Slot
    rule: str
    without: tuple[date, ...] = ()
    partial: bool = False
    timezone: str = ZONE

    def dates(self) -> tuple[Slot, ...]:
        """The slots wished for. Raises `RuleRefused`."""
        return occurrences(self.first, self.rule, without=self.without, timezone=self.timezone)


async def conflicts(wish: Wish, now: datetime, *, case_id: UUID | None = None) -> tuple[Conflict, ...]:
    """The dates that could not be had now; nothing is kept. Raises `UnknownResource`, `RuleRefused`."""
    await resource(wish.first.resource)
    dates = wish.dates()
    closed = await closed_spans(wish.first.resource, dates[0].begin, dates[-1].until)
    told: list[Conflict] = []
    for slot in dates:
        reason = _impossible(slot, closed, now)
        if reason is None and not await is_free(slot, now, case_id=case_id):
            reason = "taken"
        if reason is not None:
            told.append(Conflict(begin=slot.begin, reason=reason))
    return tuple(told)


async def book_season(case_id: UUID, wish: Wish, now: datetime, *, job_id: UUID, confirmed: bool = True) -> Season:
    """Book every date, or with `partial` every free one. The same job gets the same season.

    Raises `SeasonRefused` with the conflicts (nothing is booked then), `RuleRefused`, `UnknownResource`.
    """
    async with transaction():
        if known := await row("SELECT id FROM desk_season WHERE job_id = $1", job_id):
            return await season(known["id"])
        await resource(wish.first.resource)
        rule = written(wish.rule, wish.first, timezone=wish.timezone)
        season_id = await _insert(case_id, wish, rule, job_id, now)
        keeper = Keeper(case_id=case_id, season_id=season_id)
        refused = await _book_dates(wish, "booked" if confirmed else "option", keeper, now)
        if refused and (not wish.partial or len(refused) == len(wish.dates())):
            raise SeasonRefused(conflicts=refused)
        await run("UPDATE desk_season SET refused = $2::text::jsonb WHERE id = $1", season_id, to_json(refused))
        return await season(season_id)


async def season(season_id: UUID) -> Season:
    """One season with its live bookings."""
    (found,) = await seasons_of([season_id])
    return found


async def seasons_of(ids: Collection[UUID]) -> tuple[Season, ...]:
    """These seasons, each with its live bookings."""
    if not ids:
        return ()
    found = await rows(
        "SELECT id, resource, rule, begins_at, ends_at, refused::text AS refused FROM desk_season "
        "WHERE id = ANY($1::uuid[]) ORDER BY begins_at, id",
        list(ids),
    )
    live = await rows(
        f"SELECT {spans.COLUMNS} FROM desk_booking WHERE season_id = ANY($1::uuid[]) AND state <> 'released' "
        "ORDER BY lower(during)",
        list(ids),
    )
    return tuple(_season(each, [booking_of(one) for one in live if one["season_id"] == each["id"]]) for each in found)


async def _insert(case_id: UUID, wish: Wish, rule: str, job_id: UUID, now: datetime) -> UUID:
    season_id = new_id(now)
    await run(
        "INSERT INTO desk_season (id, resource, case_id, job_id, rule, begins_at, ends_at, refused, made_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, '[]', $8)",
        *(season_id, wish.first.resource, case_id, job_id, rule, wish.first.begin, wish.first.until, now),
    )
    return season_id


async def _book_dates(wish: Wish, state: str, keeper: Keeper, now: datetime) -> tuple[Conflict, ...]:
    dates = wish.dates()
    closed = await closed_spans(wish.first.resource, dates[0].begin, dates[-1].until)
    refused: list[Conflict] = []
    # In order of time: two seasons that want the same dates wait for each other in the same order.
    for slot in dates:
        reason = _impossible(slot, closed, now)
        if reason is None:
            await spans.drop_expired(slot, now)
            reason = None if await spans.insert(slot, state, keeper, now) else "taken"
        if reason:
            refused.append(Conflict(begin=slot.begin, reason=reason))
    return tuple(refused)


def _impossible(slot: Slot, closed: list[tuple[datetime, datetime]], now: datetime) -> Reason | None:
    if slot.begin <= now:
        return "past"
    return "closed" if any(begin < slot.until and slot.begin < until for begin, until in closed) else None


def _season(record: Any, bookings: list[Booking]) -> Season:
    zone = ZoneInfo(ZONE)
    begin, until = record["begins_at"].astimezone(zone), record["ends_at"].astimezone(zone)
    return Season(
        id=record["id"],
        resource=record["resource"],
        rule=record["rule"],
        first=Slot(resource=record["resource"], begin=begin, until=until),
        bookings=tuple(bookings),
        refused=msgspec.convert(from_json(record["refused"]), tuple[Conflict, ...]),
    )
