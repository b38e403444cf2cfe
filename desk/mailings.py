"""Mailings: invitations to surveys that leave later, and the one reminder of each. Planned by the survey connector; the
sweep (`desk.background`) hands what is due to the notifications, each in one transaction, so that a kill loses and
doubles nothing. Never sends mail.

Who has answered, whose case was withdrawn, or who had enough letters meanwhile is spared. A case that is erased takes
its mailings with it; a mailing that is done keeps no word and no address.
"""

from datetime import datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import msgspec

from desk import notifications, surveys
from desk.store import row, run, transaction, value
from desk.store.reading import from_json, to_json
from engine import journal
from engine.actor import SYSTEM
from engine.bpmn.events.calendar import read_span
from engine.ids import new_id

INVITED = "The applicant was invited to say how it went."
REMINDED = "The applicant was reminded once of the survey."
SPARED = "The applicant was not invited to the survey, because another one was sent lately."

YEAR = timedelta(days=365)
AT_ONCE = 50

Kind = Literal["invitation", "reminder"]


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """A letter, written for one person."""

    subject: str
    paragraphs: tuple[str, ...]


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """How often one person is written to about surveys: not within so many days of another case's invitation, and at
    most so many letters in 365 days, reminders included. 0: no limit."""

    rest_days: int = 0
    most: int = 0


class Mailing(msgspec.Struct, frozen=True, kw_only=True):
    """All that is needed to write later. `key` is the job's; `connection` the mail connection, empty for the town's
    own; `remind_after` an ISO 8601 duration, empty for no reminder."""

    key: str
    to: str
    connection: str
    invitation: surveys.Question
    words: Words
    reminder: Words | None = None
    remind_after: str = ""
    limits: Limits = Limits()


DUE = """
SELECT m.id, m.case_id, m.kind, m.asked::text AS asked, c.state AS case_state FROM desk_mailing m
JOIN engine_case c ON c.id = m.case_id WHERE m.state = 'planned' AND m.due_at <= $1
ORDER BY m.due_at, m.id LIMIT 1 FOR UPDATE OF m SKIP LOCKED
"""
ONE_AT_A_TIME = """
SELECT pg_advisory_xact_lock(hashtextextended('survey:' || lower(coalesce(applicant_email, id::text)), 0))
FROM engine_case WHERE id = $1
"""
LETTERS = """
SELECT (SELECT count(*) FROM desk_invitation i JOIN engine_case c ON c.id = i.case_id
        WHERE lower(c.applicant_email) = mine.email AND i.invited_at > $2 AND i.key <> $3)
     + (SELECT count(*) FROM desk_mailing m JOIN engine_case c ON c.id = m.case_id
        WHERE lower(c.applicant_email) = mine.email AND m.kind = 'reminder' AND m.state = 'sent' AND m.done_at > $2)
FROM (SELECT lower(applicant_email) AS email FROM engine_case WHERE id = $1) mine
"""
ANSWERABLE = """
SELECT true FROM desk_invitation i WHERE i.key = $1 AND i.expires_at > $2
AND NOT EXISTS (SELECT FROM desk_survey_answer a WHERE a.invitation_id = i.id)
"""


async def plan(kind: Kind, case_id: UUID, mailing: Mailing, due_at: datetime, now: datetime) -> None:
    """Remember to write at that time. The same key plans each kind once."""
    await run(
        "INSERT INTO desk_mailing (id, case_id, key, kind, asked, state, reason, planned_at, due_at) "
        "VALUES ($1, $2, $3, $4, $5::text::jsonb, 'planned', '', $6, $7) ON CONFLICT (key, kind) DO NOTHING",
        *(new_id(now), case_id, mailing.key, kind, to_json(msgspec.to_builtins(mailing)), now, due_at),
    )


async def plan_reminder(case_id: UUID, mailing: Mailing, now: datetime) -> None:
    """The reminder of an invitation that leaves now, if it has one."""
    if mailing.reminder is not None and mailing.remind_after:
        await plan("reminder", case_id, mailing, read_span(mailing.remind_after).after(now), now)


async def invite(case_id: UUID, mailing: Mailing, now: datetime) -> bool:
    """Record the invitation unless the applicant of this case, known by the e-mail address, had enough letters; False:
    spared. The same key invites once."""
    async with transaction():
        if await _had_enough(case_id, mailing.limits, mailing.key, now):
            return False
        await surveys.record(case_id, mailing.invitation, key=mailing.key, now=now)
        return True


async def _had_enough(case_id: UUID, limits: Limits, key: str, now: datetime) -> bool:
    """Whether the person is spared now; the invitation `key` does not count. Two that ask at the same instant are
    answered one after the other."""
    await run(ONE_AT_A_TIME, case_id)
    if limits.rest_days and await surveys.invited_lately(case_id, now, timedelta(days=limits.rest_days)):
        return True
    return bool(limits.most) and (await value(LETTERS, case_id, now - YEAR, key) or 0) >= limits.most


async def sweep(now: datetime) -> int:
    """Deal with what is due, at most 50; returns how many letters were handed to the notifications."""
    handed = 0
    for _ in range(AT_ONCE):
        async with transaction():
            due = await row(DUE, now)
            if due is None:
                break
            handed += await _deal_with(due, now)
    return handed


async def _deal_with(due: Any, now: datetime) -> bool:
    mailing = msgspec.convert(from_json(due["asked"]), Mailing)
    write = _invite if due["kind"] == "invitation" else _remind
    reason = "withdrawn" if due["case_state"] == "cancelled" else await write(due["case_id"], mailing, now)
    await run(
        "UPDATE desk_mailing SET state = $2, reason = $3, done_at = $4, asked = '{}' WHERE id = $1",
        *(due["id"], "spared" if reason else "sent", reason, now),
    )
    return not reason


async def _invite(case_id: UUID, mailing: Mailing, now: datetime) -> str:
    """Why the invitation does not leave; empty when it does."""
    if not await invite(case_id, mailing, now):
        await journal.write(case_id, SPARED, {}, SYSTEM, now)
        return "enough"
    await _enqueue(case_id, mailing, mailing.words, "invitation", now)
    await plan_reminder(case_id, mailing, now)
    await journal.write(case_id, INVITED, {}, SYSTEM, now)
    return ""


async def _remind(case_id: UUID, mailing: Mailing, now: datetime) -> str:
    """Why the reminder does not leave; empty when it does."""
    if await row(ANSWERABLE, mailing.key, now) is None:
        return "answered"
    most = msgspec.structs.replace(mailing.limits, rest_days=0)
    if mailing.reminder is None or await _had_enough(case_id, most, "", now):
        return "enough"
    await _enqueue(case_id, mailing, mailing.reminder, "reminder", now)
    await journal.write(case_id, REMINDED, {}, SYSTEM, now)
    return ""


async def _enqueue(case_id: UUID, mailing: Mailing, words: Words, kind: Kind, now: datetime) -> None:
    written = {"subject": words.subject, "paragraphs": list(words.paragraphs), "connection": mailing.connection}
    await notifications.enqueue(
        "survey",
        case_id,
        to=mailing.to,
        language=mailing.invitation.language,
        values=written,
        now=now,
        key=f"{kind}:{mailing.key}",
    )
