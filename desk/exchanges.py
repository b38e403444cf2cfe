"""Exchanges: words between the town and the applicant of a case. Never sends mail itself: it enqueues notifications."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from accounts import departments
from accounts.errors import DepartmentUnknown
from desk import notifications
from desk.errors import TooManyExchanges, WordsMissing, WordsTooLong
from desk.outlines import CaseOutline, outline_of
from desk.store import row, rows, run, transaction, value
from desk.store.reading import to_struct
from engine.actor import Actor
from engine.ids import new_id

Side = Literal["town", "applicant"]

LONGEST = 5_000
MOST = 500
COLUMNS = "id, case_id, side, author, words, attachments, posted_at, read_at"


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One post. `side` says who wrote; `author` is the agent's or applicant's name; `attachments` are ids."""

    id: UUID
    case_id: UUID
    side: Side
    author: str
    words: str
    attachments: tuple[UUID, ...]
    posted_at: datetime
    read_at: datetime | None


async def post(
    case_id: UUID,
    words: str,
    *,
    by: Actor,
    now: datetime,
    key: str | None = None,
    attachments: tuple[UUID, ...] = (),
) -> Exchange:
    """Write to the other side and notify it. A citizen actor writes for the applicant, every other for the town.

    Posting again with the same `key` returns the first. Raises `WordsMissing`, `WordsTooLong` (5,000 characters),
    `TooManyExchanges`, and the engine's `CaseUnknown`. Attachments of another case are left out.
    """
    words = _checked(words)
    side: Side = "applicant" if by.kind == "citizen" else "town"
    async with transaction():
        facts = await outline_of(case_id)
        if await value("SELECT count(*) FROM desk_exchange WHERE case_id = $1", case_id) >= MOST:
            raise TooManyExchanges(case_id=case_id)
        found = await row(
            "INSERT INTO desk_exchange (id, case_id, key, side, author, author_id, words, attachments, posted_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, "
            "ARRAY(SELECT id FROM desk_attachment WHERE case_id = $2 AND id = ANY($8::uuid[])), $9) "
            f"ON CONFLICT (key) DO NOTHING RETURNING {COLUMNS}",
            *(new_id(now), case_id, key, side, by.name, by.id, words, list(attachments), now),
        )
        if found is None:
            return to_struct(Exchange, await _first(key, case_id))
        exchange = to_struct(Exchange, found)
        await _notify(exchange, facts, now)
    return exchange


async def keep_letter(case_id: UUID, words: str, *, author: str, key: str, now: datetime) -> None:
    """Keep a letter that left by mail among the words of the case, so that both sides find it again. Notifies nobody;
    the same `key` keeps it once."""
    await run(
        "INSERT INTO desk_exchange (id, case_id, key, side, author, words, attachments, posted_at, read_at) "
        "VALUES ($1, $2, $3, 'town', $4, $5, '{}', $6, $6) ON CONFLICT (key) DO NOTHING",
        *(new_id(now), case_id, key, author, words[:LONGEST], now),
    )


async def of_case(case_id: UUID, limit: int = 200) -> tuple[Exchange, ...]:
    """The latest exchanges of a case, oldest first."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_exchange WHERE case_id = $1 ORDER BY posted_at DESC, id DESC LIMIT $2",
        case_id,
        limit,
    )
    return tuple(to_struct(Exchange, each) for each in reversed(found))


async def mark_read(case_id: UUID, *, reader: Side, now: datetime) -> int:
    """The reader has seen what the other side wrote; returns how many were new."""
    found = await rows(
        "UPDATE desk_exchange SET read_at = $3 WHERE case_id = $1 AND side <> $2 AND read_at IS NULL RETURNING id",
        *(case_id, reader, now),
    )
    return len(found)


async def unread(case_ids: list[UUID], *, reader: Side) -> dict[UUID, int]:
    """How many posts of the other side the reader has not seen, by case; cases without any are left out."""
    found = await rows(
        "SELECT case_id, count(*) AS posts FROM desk_exchange WHERE case_id = ANY($1::uuid[]) AND side <> $2 "
        "AND read_at IS NULL GROUP BY case_id",
        *(case_ids, reader),
    )
    return {each["case_id"]: each["posts"] for each in found}


def _checked(words: str) -> str:
    words = words.replace("\r\n", "\n").strip()
    if not words:
        raise WordsMissing()
    if len(words) > LONGEST:
        raise WordsTooLong(longest=LONGEST)
    return words


async def _first(key: str | None, case_id: UUID) -> Any:
    found = await row(f"SELECT {COLUMNS} FROM desk_exchange WHERE key = $1 AND case_id = $2", key, case_id)
    if found is None:
        raise WordsMissing("Expected a new key, but it belongs to another case's exchange.")
    return found


async def _notify(exchange: Exchange, facts: CaseOutline, now: datetime) -> None:
    if exchange.side == "applicant":
        to, kind, language = await _contact(facts.department), "exchange_to_town", "fr"
    else:
        to, kind, language = facts.applicant_email, "exchange_to_applicant", facts.language
    if to:
        values = {
            "reference": facts.reference,
            "title": facts.title.get(language) or facts.title["fr"],
            "words": exchange.words,
        }
        values["tracking_code"] = facts.tracking_code
        await notifications.enqueue(
            kind, facts.case_id, to=to, language=language, values=values, now=now, key=f"exchange:{exchange.id}"
        )


async def _contact(department: str) -> str | None:
    try:
        return (await departments.get(department)).email
    except DepartmentUnknown:
        return None
