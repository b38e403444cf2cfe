"""Registry: finding cases, by id, reference, tracking code, person, or by what somebody says at the desk. Only reads.

Searching folds accents and case, tolerates typing errors (trigrams, word by word) and knows telephone numbers by
their digits. It looks only in the departments it is given.
"""

import re
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from engine.encoding import parse_json, seal_of
from engine.errors import CaseUnknown
from engine.filing import digits_of
from engine.pages import Mark, Page, mark_of, text_of
from engine.references import normalise_tracking_code
from engine.store.statements import row, rows, run, transaction

# How alike a typed word must be to a word of the case: “Dupond” finds Dupont (0.71), “Lefevre” finds Lefèbvre (0.75).
LIKENESS = 0.5
FEWEST_DIGITS = 4
MOST_WORDS = 6
_REFERENCE = re.compile(r"(\d{4})\s*-\s*(\d{1,6})")

COLUMNS = """c.id, c.reference, c.tracking_code, c.procedure, c.definition_hash, c.title,
    CASE WHEN c.closed_at IS NULL AND EXISTS (SELECT FROM engine_incident i WHERE i.case_id = c.id
        AND i.resolved_at IS NULL) THEN 'blocked' ELSE c.state END AS state,
    c.department, c.departments, c.priority, c.origin, c.channel, c.language, c.applicant_id, c.applicant_name,
    c.applicant_email, c.applicant_phone, c.filed_by_name, c.filed_at, c.due_at, c.answered_at, c.closed_at,
    c.waiting_since, c.public_step, c.decision, c.reason, c.transfers, c.context::text AS context, c.place, c.latitude,
    c.longitude"""
WITHIN = "($1::text[] IS NULL OR c.departments && $1::text[])"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """A case as people see it. `state`: open, waiting, blocked (an incident is open), closed, cancelled."""

    id: UUID
    reference: str
    tracking_code: str
    procedure: str
    definition_hash: str
    title: str
    state: str
    department: str
    departments: tuple[str, ...]
    priority: int
    origin: str
    channel: str
    language: str
    applicant_id: UUID | None
    applicant_name: str | None
    applicant_email: str | None
    applicant_phone: str | None
    filed_by_name: str
    filed_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    waiting_since: datetime | None
    public_step: str | None
    decision: str | None
    reason: str | None
    transfers: int
    context: dict[str, Any]
    place: str | None
    latitude: float | None
    longitude: float | None

    def is_overdue(self, now: datetime) -> bool:
        """The term has ended without an answer, and the town is not waiting for the citizen."""
        unanswered = self.answered_at is None and self.closed_at is None and self.waiting_since is None
        return unanswered and self.due_at is not None and self.due_at < now


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """The answers as received: `content` is the canonical JSON that `seal` is the SHA-256 of."""

    form: str
    content: str
    seal: str
    filed_at: datetime

    @property
    def answers(self) -> dict[str, Any]:
        """The answers as values."""
        values: dict[str, Any] = parse_json(self.content)
        return values


class CaseFilters(msgspec.Struct, frozen=True, kw_only=True):
    """Which cases a list shows; absent: all."""

    procedure: str | None = None
    department: str | None = None
    states: tuple[str, ...] = ()
    late: bool = False
    filed_since: datetime | None = None
    filed_until: datetime | None = None


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """One page of cases, newest first; `next` asks for the following one."""

    cases: tuple[Case, ...]
    next: str | None


async def get(case_id: UUID) -> Case:
    """The case of this id. Raises `CaseUnknown`."""
    found = await row(f"SELECT {COLUMNS} FROM engine_case c WHERE c.id = $1", case_id)
    if found is None:
        raise CaseUnknown(case_id=case_id)
    return _read(found)


async def of_reference(reference: str) -> Case | None:
    """The case of this reference, as typed."""
    found = await row(f"SELECT {COLUMNS} FROM engine_case c WHERE c.reference = $1", reference.strip())
    return None if found is None else _read(found)


async def of_tracking_code(code: str) -> Case | None:
    """The case of this tracking code, as typed. Never enough alone to show it: the page also asks for the e-mail
    address.
    """
    wanted = normalise_tracking_code(code)
    found = await row(f"SELECT {COLUMNS} FROM engine_case c WHERE c.tracking_code = $1", wanted)
    return None if found is None else _read(found)


async def submission_of(case_id: UUID) -> Submission | None:
    """The sealed answers a case was filed with; None for a case started by an event that has none."""
    found = await row(
        "SELECT form, answers AS content, seal, filed_at FROM engine_submission WHERE case_id = $1"
        " ORDER BY filed_at LIMIT 1",
        case_id,
    )
    return None if found is None else Submission(**found)


def is_sealed(submission: Submission) -> bool:
    """The answers are those that were received."""
    return seal_of(submission.content) == submission.seal


async def search(text: str, *, departments: tuple[str, ...] | None, limit: int = 20) -> list[Case]:
    """Cases that answer to a name, telephone number, e-mail address or reference, best first, within the departments
    (None: all).
    """
    words = text.split()[:MOST_WORDS]
    if not words:
        return []
    digits = digits_of(text)
    looks_like_phone = digits is not None and len(digits) >= FEWEST_DIGITS and not any(map(str.isalpha, text))
    async with transaction():
        await run("SELECT set_config('pg_trgm.word_similarity_threshold', $1, true)", str(LIKENESS))
        conditions = " AND ".join(f"parvis_fold(($3::text[])[{n + 1}]) <% c.search_text" for n in range(len(words)))
        found = await rows(
            f"""SELECT {COLUMNS} FROM engine_case c
            WHERE {WITHIN} AND (({conditions}) OR ($4::text IS NOT NULL AND c.applicant_digits LIKE '%' || $4 || '%')
                OR c.search_text LIKE '%' || parvis_fold($2) || '%')
            ORDER BY (c.reference LIKE '%' || $2) DESC, word_similarity(parvis_fold($2), c.search_text) DESC,
                c.filed_at DESC, c.id LIMIT $5""",
            None if departments is None else list(departments),
            _pattern(text),
            words,
            digits if looks_like_phone else None,
            limit,
        )
    return [_read(record) for record in found]


async def of_person(
    applicant_id: UUID | None = None, email: str | None = None, phone: str | None = None, limit: int = 50
) -> list[Case]:
    """The cases of one person, by account, e-mail address or telephone number, newest first."""
    found = await rows(
        f"""SELECT {COLUMNS} FROM engine_case c WHERE c.applicant_id = $1 OR lower(c.applicant_email) = lower($2)
            OR c.applicant_digits = $3 ORDER BY c.filed_at DESC, c.id LIMIT $4""",
        applicant_id,
        email or None,
        digits_of(phone),
        limit,
    )
    return [_read(record) for record in found]


async def recent(
    departments: tuple[str, ...] | None, filters: CaseFilters, page: Page, now: datetime | None = None
) -> CasePage:
    """Cases of these departments (None: all), newest first. `now` is needed for `filters.late`."""
    mark = mark_of(page) or Mark(at=None, id=UUID(int=0))
    found = await rows(
        f"""SELECT {COLUMNS} FROM engine_case c WHERE {WITHIN}
            AND ($2::text IS NULL OR c.procedure = $2) AND ($3::text IS NULL OR c.department = $3)
            AND (cardinality($4::text[]) = 0 OR c.state = ANY($4::text[]) OR ('blocked' = ANY($4::text[]) AND EXISTS (
                SELECT FROM engine_incident i WHERE i.case_id = c.id AND i.resolved_at IS NULL)))
            AND ($5::timestamptz IS NULL OR (c.due_at < $5 AND c.answered_at IS NULL AND c.closed_at IS NULL
                AND c.waiting_since IS NULL))
            AND ($6::timestamptz IS NULL OR c.filed_at >= $6) AND ($7::timestamptz IS NULL OR c.filed_at < $7)
            AND ($8::timestamptz IS NULL OR (c.filed_at, c.id) < ($8, $9::uuid))
            ORDER BY c.filed_at DESC, c.id DESC LIMIT $10""",
        *(None if departments is None else list(departments), filters.procedure, filters.department),
        *(list(filters.states), now if filters.late else None, filters.filed_since, filters.filed_until),
        *(mark.at, mark.id, page.limit + 1),
    )
    cases = tuple(_read(record) for record in found[: page.limit])
    more = len(found) > page.limit
    return CasePage(cases=cases, next=text_of(Mark(at=cases[-1].filed_at, id=cases[-1].id)) if more else None)


def _pattern(text: str) -> str:
    """What was typed, fit for LIKE: its own wildcards mean themselves; a reference may be typed without its zeros."""
    reference = _REFERENCE.fullmatch(text.strip())
    if reference:
        return f"{reference[1]}-{int(reference[2]):06d}"
    return text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _read(record: Any) -> Case:
    columns = dict(record)
    columns["departments"] = tuple(columns["departments"])
    columns["context"] = parse_json(columns["context"])
    return Case(**columns)
