"""Notifications: what the platform itself writes (receipt, new exchange, the link of a draft), enqueued in the
caller's transaction. Never sends mail.

The row is the truth; the queued job that carries its id only says "now". Addresses stay in the row, out of the queue
and the logs.
"""

from datetime import datetime, timedelta
from typing import Any, Literal, Protocol
from uuid import UUID

import msgspec
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries

from desk.errors import NotificationNotFound
from desk.store import connection, row, rows, run, transaction
from desk.store.reading import from_json, to_json, to_struct
from engine.ids import new_id

Kind = Literal[
    "receipt",
    "exchange_to_applicant",
    "exchange_to_town",
    "report_closed",
    "cancelled",
    "passed_on",
    "survey",
    "draft_link",
]
"""`survey` is a letter written already: `subject`, `paragraphs`, and the `connection` it leaves through. `draft_link`
is of a draft, the others of a case."""

ENTRY_POINT = "notification"
MOST_ATTEMPTS = 18
"""Almost a day with the delays between them: a mail server that is mended the next morning loses nothing."""

FIRST_DELAY = timedelta(minutes=1)
COLUMNS = 'id, kind, case_id, language, recipient AS "to", parameters::text AS "values", attempts, sent_at, given_up_at'


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """A notification ready to be written: `values` fill the notice's text; `id` is the idempotency key. `case_id` is
    absent for what is said of a draft."""

    id: UUID
    kind: Kind
    case_id: UUID | None
    language: str
    to: str
    values: dict[str, Any]


class Deliver(Protocol):
    """How a notice leaves: implemented by `connectors.mail`. Raising means: not sent, try again."""

    async def __call__(self, notice: Notice, now: datetime) -> None: ...


async def enqueue(
    kind: Kind,
    case_id: UUID | None,
    *,
    to: str,
    language: str,
    values: dict[str, Any],
    now: datetime,
    key: str,
    draft_id: UUID | None = None,
) -> None:
    """Remember to write about a case, or else a draft (it is forgotten with either); leaves only if the surrounding
    transaction commits. The same `key` twice writes once."""
    async with transaction():
        made = await row(
            "INSERT INTO desk_notification (id, key, kind, case_id, draft_id, recipient, language, parameters, "
            "attempts, enqueued_at, due_at) "
            "VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb, 0, $9, $9) ON CONFLICT (key) DO NOTHING RETURNING id",
            *(new_id(now), key, kind, case_id, draft_id, to, language, to_json(values), now),
        )
        if made:
            async with connection() as open_connection:
                await Queries(AsyncpgDriver(open_connection)).enqueue(ENTRY_POINT, str(made["id"]).encode())


async def deliver(notification_id: UUID, send: Deliver, now: datetime) -> bool:
    """Send one that waits; False when it was already sent or given up.

    Errors of `send` pass through after being counted; after `MOST_ATTEMPTS` it is given up. Raises
    `NotificationNotFound`.
    """
    found = await row(f"SELECT {COLUMNS} FROM desk_notification WHERE id = $1", notification_id)
    if found is None:
        raise NotificationNotFound(notification_id=notification_id)
    if found["sent_at"] or found["given_up_at"]:
        return False
    notice = to_struct(Notice, found, values=from_json(found["values"]))
    try:
        await send(notice, now)
    except Exception:
        await _count_failure(notification_id, found["attempts"] + 1, now)
        raise
    await run("UPDATE desk_notification SET sent_at = $2, attempts = attempts + 1 WHERE id = $1", notification_id, now)
    return True


async def wait_of(notification_id: UUID, now: datetime) -> timedelta:
    """How long until its next attempt, as its failures so far ask."""
    found = await row("SELECT due_at FROM desk_notification WHERE id = $1", notification_id)
    return max(found["due_at"] - now, timedelta()) if found else timedelta()


async def deliver_waiting(send: Deliver, now: datetime, limit: int = 100) -> int:
    """Send what is due (demo town, tests, and the sweep that catches what a lost queue forgot); returns how many left.

    A failure is counted and does not stop the others.
    """
    waiting = await rows(
        "SELECT id FROM desk_notification WHERE sent_at IS NULL AND given_up_at IS NULL AND due_at <= $1 "
        "ORDER BY due_at, id LIMIT $2",
        *(now, limit),
    )
    left = 0
    for each in waiting:
        try:
            left += await deliver(each["id"], send, now)
        except Exception:
            continue
    return left


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many failures: 1, 2, 4, … minutes, at most two hours."""
    return min(FIRST_DELAY * 2 ** max(attempts - 1, 0), timedelta(hours=2))


async def _count_failure(notification_id: UUID, attempts: int, now: datetime) -> None:
    await run(
        "UPDATE desk_notification SET attempts = $2, due_at = $3, given_up_at = $4 WHERE id = $1",
        *(notification_id, attempts, now + delay_after(attempts), now if attempts >= MOST_ATTEMPTS else None),
    )
