"""Registers: the numbers of the town's documents, one series per kind and year, without holes. A number belongs to the
job that took it: a repeat gets the same one."""

import re
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from desk.errors import KindRefused
from desk.slots import ZONE
from desk.store import row, rows, run, transaction, value

KIND = re.compile(r"[a-z][a-z0-9-]{0,29}")


class Number(msgspec.Struct, frozen=True, kw_only=True):
    """The `number`-th document of its kind in its year."""

    kind: str
    year: int
    number: int

    @property
    def written(self) -> str:
        """As papers show it: ARRETE-2026-0012."""
        return f"{self.kind.upper()}-{self.year}-{self.number:04d}"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a register. `title` is empty while, or because, no document bears the number."""

    key: str
    number: Number
    title: str
    case_id: UUID | None
    taken_at: datetime


async def take(kind: str, key: str, case_id: UUID, now: datetime, *, timezone: str = ZONE) -> Number:
    """The next number of this kind in the town's year; the one it has for a `key` (a job id) that took one.

    Raises `KindRefused`. Numbers of a kind are given one after the other: the counter's row is locked until the commit.
    """
    if not KIND.fullmatch(kind):
        raise KindRefused()
    year = now.astimezone(ZoneInfo(timezone)).year
    async with transaction():
        await run(
            "INSERT INTO desk_register (id, kind, year, last) VALUES ($1, $2, $3, 0) ON CONFLICT DO NOTHING",
            *(f"{kind}-{year}", kind, year),
        )
        # Locked first: two runs of the same job meet here, and the second finds the number of the first.
        await run("SELECT FROM desk_register WHERE kind = $1 AND year = $2 FOR UPDATE", kind, year)
        known = await row("SELECT kind, year, number FROM desk_number WHERE key = $1", key)
        if known:
            return msgspec.convert(dict(known), Number)
        number = await value(
            "UPDATE desk_register SET last = last + 1 WHERE kind = $1 AND year = $2 RETURNING last", kind, year
        )
        await run(
            "INSERT INTO desk_number (key, kind, year, number, case_id, taken_at) VALUES ($1, $2, $3, $4, $5, $6)",
            *(key, kind, year, number, case_id, now),
        )
    return Number(kind=kind, year=year, number=number)


async def entries(kind: str, year: int) -> tuple[Entry, ...]:
    """A register in order, at most 10,000 lines: also numbers that no document bears (a case withdrawn meanwhile)."""
    found = await rows(
        "SELECT n.key, n.kind, n.year, n.number, n.case_id, n.taken_at, coalesce(d.title, '') AS title "
        "FROM desk_number n LEFT JOIN desk_document d ON d.key = n.key WHERE n.kind = $1 AND n.year = $2 "
        "ORDER BY n.number LIMIT 10000",
        *(kind, year),
    )
    return tuple(
        Entry(
            key=each["key"],
            number=Number(kind=each["kind"], year=each["year"], number=each["number"]),
            title=each["title"],
            case_id=each["case_id"],
            taken_at=each["taken_at"],
        )
        for each in found
    )
