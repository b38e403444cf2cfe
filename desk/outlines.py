"""Outlines: the few columns of a case that the desk's verbs need together with its procedure's words. Read only."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from desk.store import row
from desk.store.reading import from_json, to_struct
from engine.errors import CaseUnknown

QUERY = """
SELECT c.id AS case_id, c.reference, c.tracking_code, c.procedure, c.definition_hash, c.title AS case_title, c.state,
    c.department, c.language, c.channel, c.origin, c.applicant_id, c.applicant_name, c.applicant_email,
    c.applicant_phone,
    c.filed_at, c.due_at, c.answered_at, c.closed_at, c.decision, c.public_step, c.reason,
    (d.manifest->'title')::text AS title, (d.manifest->'silence')::text AS silence
FROM engine_case c LEFT JOIN engine_deployment d ON d.hash = c.definition_hash WHERE c.id = $1
"""


class CaseOutline(msgspec.Struct, frozen=True, kw_only=True):
    """A case as the desk reads it. `title` and `silence` are the procedure's words by language."""

    case_id: UUID
    reference: str
    tracking_code: str
    procedure: str
    definition_hash: str
    case_title: str
    state: str
    department: str
    language: str
    channel: str
    origin: str
    applicant_id: UUID | None
    applicant_name: str | None
    applicant_email: str | None
    applicant_phone: str | None
    filed_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    decision: str | None
    public_step: str | None
    reason: str | None
    title: dict[str, str]
    silence: dict[str, str]


async def outline_of(case_id: UUID) -> CaseOutline:
    """The facts of a case. Raises `CaseUnknown` of the engine."""
    found = await row(QUERY, case_id)
    if found is None:
        raise CaseUnknown(case_id=case_id)
    return to_struct(
        CaseOutline, found, title=_words(found["title"], found["procedure"]), silence=_words(found["silence"], "")
    )


def _words(text: str | None, default: str) -> dict[str, Any]:
    words = from_json(text) if text else None
    return words if isinstance(words, dict) else {"fr": default, "en": default}
