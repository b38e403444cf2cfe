"""Filing: the rows a case begins with, and what its manifest's expressions say of the answers. Starts no instance:
see `engine.dispatch`.

The submission is sealed: canonical JSON and its SHA-256, never updated afterwards.
"""

from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import msgspec

from engine import feel
from engine.actor import Actor
from engine.apply import CaseFacts
from engine.deadlines import PARIS, due_at, town_time
from engine.encoding import canonical_json, json_text, seal_of
from engine.ids import new_id
from engine.manifest import Manifest
from engine.references import new_tracking_code, next_reference
from engine.store.statements import run, value

USUAL_PRIORITY = 50
LONGEST_TITLE = 200

ADD_CASE = """INSERT INTO engine_case (id, reference, tracking_code, key, procedure, definition_hash, title, state,
    department, departments, priority, origin, channel, language, applicant_id, applicant_name, applicant_email,
    applicant_phone, applicant_digits, filed_by, filed_by_name, filed_at, due_at, waited_seconds, transfers, context,
    place, latitude, longitude)
    VALUES ($1, $2, $3, $4, $5, $6, $7, 'open', $8, ARRAY[$8], $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19,
    $20, $21, 0, 0, $22::text::jsonb, $23, $24, $25)
    ON CONFLICT (key) DO NOTHING RETURNING id"""
ADD_SUBMISSION = """INSERT INTO engine_submission (id, case_id, form, answers, seal, filed_at)
    VALUES ($1, $2, $3, $4, $5, $6)"""


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the case is for; `id` is their account, when they have one."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    id: UUID | None = None


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known when a case is filed."""

    manifest: Manifest
    definition_hash: str
    answers: dict[str, Any]
    form: str
    origin: str
    language: str
    channel: str
    applicant: Applicant | None
    by: Actor
    now: datetime
    key: str | None = None
    follow_url: str = ""


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it was just added, and the variable `case` its instance starts with."""

    facts: CaseFacts
    reference: str
    tracking_code: str
    variable: dict[str, Any]


async def file_case(filing: Filing) -> Filed | None:
    """Add the case and its sealed submission. None when the key was used before: the case exists already."""
    filed = await _prepared(filing)
    if not await _add_case(filing, filed):
        return None
    answers = canonical_json(filing.answers)
    seal = (filing.form, answers, seal_of(answers), filing.now)
    await run(ADD_SUBMISSION, new_id(filing.now), filed.facts.id, *seal)
    return filed


def applicant_of(manifest: Manifest, answers: dict[str, Any], now: datetime) -> Applicant:
    """The applicant as the manifest's expressions find them in the answers."""
    scope = {"answers": answers}
    name, email, phone = (
        _text(_said(told, scope, now))
        for told in (manifest.applicant.name, manifest.applicant.email, manifest.applicant.phone)
    )
    return Applicant(name=name, email=email, phone=phone)


def case_variable(filing: Filing, case_id: UUID, reference: str, tracking_code: str) -> dict[str, Any]:
    """The root variable `case` of an instance at its start."""
    applicant = filing.applicant or applicant_of(filing.manifest, filing.answers, filing.now)
    due = due_at(filing.manifest.term, filing.now)
    return {
        "id": str(case_id),
        "reference": reference,
        "trackingCode": tracking_code,
        "procedure": filing.manifest.slug,
        "origin": filing.origin,
        "channel": filing.channel,
        "language": filing.language,
        "filedAt": filing.now.astimezone(PARIS),
        "dueAt": due.astimezone(PARIS) if due else None,
        "department": filing.manifest.department,
        "followUrl": filing.follow_url.replace("{tracking_code}", tracking_code),
        "applicant": {"name": applicant.name, "email": applicant.email, "phone": applicant.phone},
    }


def digits_of(phone: str | None) -> str | None:
    """A telephone number as a French one is dialled: digits only, `+33 6` as `06`."""
    if not phone:
        return None
    digits = "".join(figure for figure in phone if figure in "0123456789")
    for prefix in ("0033", "33"):
        if digits.startswith(prefix) and len(digits) == len(prefix) + 9:
            return "0" + digits.removeprefix(prefix)
    return digits or None


async def _prepared(filing: Filing) -> Filed:
    case_id = new_id(filing.now)
    reference = await next_reference(filing.now, PARIS)
    tracking_code = await _unused_tracking_code()
    variable = case_variable(filing, case_id, reference, tracking_code)
    department = filing.manifest.department
    facts = CaseFacts(
        id=case_id,
        procedure=filing.manifest.slug,
        state="open",
        department=department,
        departments=(department,),
        priority=USUAL_PRIORITY,
        due_at=due_at(filing.manifest.term, filing.now),
        answered_at=None,
        closed_at=None,
        waiting_since=None,
        waited_seconds=0,
        public_step=None,
        decision=None,
        context=variable,
    )
    return Filed(facts=facts, reference=reference, tracking_code=tracking_code, variable=variable)


async def _add_case(filing: Filing, filed: Filed) -> bool:
    facts, manifest = filed.facts, filing.manifest
    applicant = filed.variable["applicant"]
    account = filing.applicant.id if filing.applicant else None
    scope = {"answers": filing.answers, "case": filed.variable}
    title = _said(manifest.title_of_case, scope, filing.now) or manifest.title.fr
    position = _position(_said(manifest.position, scope, filing.now))
    place = _said(manifest.place, scope, filing.now)
    added = await value(
        ADD_CASE,
        *(facts.id, filed.reference, filed.tracking_code, filing.key, manifest.slug, filing.definition_hash),
        *(str(title)[:LONGEST_TITLE], facts.department, facts.priority, filing.origin, filing.channel, filing.language),
        *(account, applicant["name"], applicant["email"], applicant["phone"], digits_of(applicant["phone"])),
        *(filing.by.id, filing.by.name, filing.now, facts.due_at, json_text(filed.variable)),
        *(None if place is None else str(place), *position),
    )
    return added is not None


async def _unused_tracking_code() -> str:
    while True:
        code = new_tracking_code()
        if await value("SELECT 1 FROM engine_case WHERE tracking_code = $1", code) is None:
            return code


def _text(found: Any) -> str | None:
    return None if found is None else str(found).strip() or None


def _position(found: Any) -> tuple[float | None, float | None]:
    if not isinstance(found, dict):
        return None, None
    try:
        return float(found["latitude"]), float(found["longitude"])  # pyright: ignore[reportUnknownArgumentType]
    except (KeyError, TypeError, ValueError):
        return None, None


def _said(text: str | None, scope: dict[str, Any], now: datetime) -> Any:
    """The value of a manifest's text: FEEL after `=`, else the text itself. The deploy gate has compiled it before."""
    if text is None or not text.startswith("="):
        return text
    return _compiled(text[1:]).evaluate(scope, town_time(now))


@lru_cache(maxsize=1024)
def _compiled(text: str) -> Any:
    return feel.compile_expression(text)
