"""Drafts: a citizen's unfinished answers. Never validates them (see `forms`) and never starts a case (see
`desk.filing`)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from desk import bookings
from desk.errors import DraftAlreadyFiled, DraftNotFound, DraftTooLarge
from desk.store import row, rows, transaction
from desk.store.reading import from_json, to_json, to_struct
from desk.tokens import digest
from engine.ids import new_id

Origin = Literal["online", "counter", "phone", "paper"]

LIFETIME = timedelta(days=90)
"""Counted from the last saving: three months, as people expect of a public service."""

LARGEST = 512 * 1024

COLUMNS = (
    "id, procedure, definition_hash, form, origin, language, answers::text AS answers, pages_done, page, created_at, "
    "saved_at, expires_at, case_id"
)
OWNED = "(browser = $2 OR person_id = $3)"


class Owner(msgspec.Struct, frozen=True, kw_only=True):
    """Whose draft it is: the secret token of a browser (only its hash is stored), a person with an account, or both."""

    browser: str | None = None
    person: UUID | None = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """Unfinished answers to one intake form. `pages_done` are the ids of pages already validated, `page` the one to
    reopen."""

    id: UUID
    procedure: str
    definition_hash: str
    form: str
    origin: Origin
    language: str
    answers: dict[str, Any]
    pages_done: tuple[str, ...]
    page: str | None
    created_at: datetime
    saved_at: datetime
    expires_at: datetime
    case_id: UUID | None = None


async def begin(
    procedure: str,
    *,
    form: str,
    definition_hash: str,
    owner: Owner,
    now: datetime,
    origin: Origin = "online",
    language: str = "fr",
    answers: dict[str, Any] | None = None,
) -> Draft:
    """Open a new draft. Online, it replaces the owner's earlier unfiled draft of the same procedure.

    Raises `DraftTooLarge` when the answers given at once exceed 512 kB.
    """
    async with transaction():
        if origin == "online":
            await _replace_earlier(procedure, owner, now)
        found = await row(
            "INSERT INTO desk_draft (id, procedure, definition_hash, form, origin, language, browser, person_id, "
            "answers, "
            "pages_done, page, created_at, saved_at, expires_at) "
            "VALUES ($1, $4, $5, $6, $7, $8, $2, $3, $9::text::jsonb, ARRAY[]::text[], NULL, $10, $10, $11) "
            f"RETURNING {COLUMNS}",
            *(new_id(now), *_keys(owner), procedure, definition_hash, form, origin, language),
            *(_bounded(answers or {}), now, now + LIFETIME),
        )
    return _draft(found)


async def offered(procedure: str, owner: Owner, now: datetime) -> Draft | None:
    """The draft to offer to resume on the procedure's page: the latest unfiled, unexpired one."""
    found = await row(
        f"SELECT {COLUMNS} FROM desk_draft WHERE procedure = $1 AND {OWNED} AND case_id IS NULL AND expires_at > $4 "
        "AND origin = 'online' ORDER BY saved_at DESC LIMIT 1",
        *(procedure, *_keys(owner), now),
    )
    return _draft(found) if found else None


async def resume(draft_id: UUID, owner: Owner, now: datetime) -> Draft:
    """The draft, filed or not (`case_id` tells). Raises `DraftNotFound` when it is not the owner's or has expired."""
    found = await row(
        f"SELECT {COLUMNS} FROM desk_draft WHERE id = $1 AND {OWNED} AND (case_id IS NOT NULL OR expires_at > $4)",
        *(draft_id, *_keys(owner), now),
    )
    if found is None:
        raise DraftNotFound(draft_id=draft_id)
    return _draft(found)


async def save_page(
    draft_id: UUID,
    owner: Owner,
    *,
    answers: dict[str, Any],
    page: str | None,
    now: datetime,
    done: str | None = None,
    undone: Sequence[str] = (),
) -> Draft:
    """Replace the draft's answers; `page` is the page to reopen, `done` the page just validated, `undone` pages that
    now ask more than when they were. Prolongs the draft.

    Raises `DraftNotFound`, `DraftAlreadyFiled`, `DraftTooLarge`.
    """
    found = await row(
        "UPDATE desk_draft SET answers = $5::text::jsonb, page = $6, saved_at = $4, expires_at = $7, "
        "pages_done = array(SELECT each FROM unnest(pages_done) each "
        "WHERE each <> ALL(array_remove($9::text[] || $8::text, NULL))) || array_remove(ARRAY[$8::text], NULL) "
        f"WHERE id = $1 AND {OWNED} AND case_id IS NULL AND expires_at > $4 RETURNING {COLUMNS}",
        *(draft_id, *_keys(owner), now, _bounded(answers), page, now + LIFETIME, done, list(undone)),
    )
    if found is None:
        await _refuse(draft_id, owner, now)
    return _draft(found)


async def of_owner(owner: Owner, now: datetime) -> tuple[Draft, ...]:
    """The owner's unfiled drafts, latest first, at most 50."""
    found = await rows(
        f"SELECT {COLUMNS} FROM desk_draft WHERE $1::boolean AND {OWNED} AND case_id IS NULL AND expires_at > $4 "
        "ORDER BY saved_at DESC LIMIT 50",
        *(True, *_keys(owner), now),
    )
    return tuple(_draft(each) for each in found)


async def discard(draft_id: UUID, owner: Owner, now: datetime) -> None:
    """Throw the draft away and free what it held. Raises `DraftNotFound`, `DraftAlreadyFiled`."""
    async with transaction():
        found = await row(
            f"DELETE FROM desk_draft WHERE id = $1 AND {OWNED} AND case_id IS NULL RETURNING id",
            *(draft_id, *_keys(owner)),
        )
        if found is None:
            await _refuse(draft_id, owner, now)
        await bookings.drop_hold(draft_id, now)


async def adopt(browser: str, person: UUID, now: datetime) -> int:
    """After a log-in: the browser's unfiled drafts become the person's too. Returns how many."""
    found = await rows(
        "UPDATE desk_draft SET person_id = $2 WHERE browser = $1 AND case_id IS NULL AND expires_at > $3 "
        "AND person_id IS NULL RETURNING id",
        *(digest(browser), person, now),
    )
    return len(found)


async def move(draft_id: UUID, browser: str, now: datetime) -> None:
    """The draft goes on in another browser (its owner had the link). An agent's draft stays where it is. Raises
    `DraftNotFound`."""
    found = await rows(
        "UPDATE desk_draft SET browser = $2 WHERE id = $1 AND case_id IS NULL AND expires_at > $3 AND "
        "origin = 'online' RETURNING id",
        *(draft_id, digest(browser), now),
    )
    if not found:
        raise DraftNotFound(draft_id=draft_id)


async def purge_expired(now: datetime, limit: int = 500) -> int:
    """Delete expired unfiled drafts; returns how many."""
    found = await rows(
        "DELETE FROM desk_draft WHERE id = ANY(ARRAY(SELECT id FROM desk_draft WHERE case_id IS NULL AND "
        "expires_at <= $1 "
        "ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)) RETURNING id",
        *(now, limit),
    )
    return len(found)


async def _replace_earlier(procedure: str, owner: Owner, now: datetime) -> None:
    gone = await rows(
        f"DELETE FROM desk_draft WHERE procedure = $1 AND {OWNED} AND case_id IS NULL AND origin = 'online' "
        f"RETURNING id",
        *(procedure, *_keys(owner)),
    )
    for each in gone:
        await bookings.drop_hold(each["id"], now)


async def _refuse(draft_id: UUID, owner: Owner, now: datetime) -> None:
    draft = await resume(draft_id, owner, now)
    raise DraftAlreadyFiled(draft_id=draft_id, case_id=draft.case_id)


def _keys(owner: Owner) -> tuple[str | None, UUID | None]:
    return digest(owner.browser) if owner.browser else None, owner.person


def _bounded(answers: dict[str, Any]) -> str:
    text = to_json(answers)
    if len(text) > LARGEST:
        raise DraftTooLarge(size=len(text))
    return text


def _draft(record: Any) -> Draft:
    return to_struct(Draft, record, answers=from_json(record["answers"]))
