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
from engine.commit import Commit
from engine.deadlines import PARIS, due_at, town_time
from engine.encoding import canonical_json, json_text, seal_of
from engine.ids import new_id
from engine.manifest import Manifest
from engine.references import Drawn, draw
from engine.store.statements import run

USUAL_PRIORITY = 50
LONGEST_TITLE = 200


class KeyUsed(Exception):
    """A case was filed with this key before: `case_id`."""

    def __init__(self, case_id: UUID) -> None:
        super().__init__(str(case_id))
        self.case_id = case_id


class Applicant(msgspec.Struct, frozen=True, kw_only=True):
    """Whom the case is for; `id` is their account, when they have one."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    id: UUID | None = None


class Filing(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is known when a case is filed. `more` is added to the variable `case`."""

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
    more: dict[str, Any] = {}


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it was just added, and the variable `case` its instance starts with."""

    facts: CaseFacts
    reference: str
    tracking_code: str
    variable: dict[str, Any]


async def file_case(commit: Commit, filing: Filing) -> Filed:
    """Add the case and its sealed submission to the commit. Raises `KeyUsed`: the case exists already."""
    if filing.key is not None and commit.locks:
        # Two callers with one key wait for each other here, since a conflict would undo the transaction they joined.
        await run("SELECT pg_advisory_xact_lock(hashtextextended($1, 2))", filing.key)
    # Alone, whether the key is known is seen when the case is written, at the latest.
    drawn = await draw(filing.now, PARIS, filing.key, look=commit.locks or commit.again)
    if drawn.known is not None:
        raise KeyUsed(drawn.known)
    filed = _prepared(filing, drawn)
    commit.file(filed.facts, _columns(filing, filed))
    answers = canonical_json(filing.answers)
    sealed = (filing.form, answers, seal_of(answers), filing.now)
    commit.ledger.add("submissions", (new_id(filing.now), filed.facts.id, *sealed))
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


def _prepared(filing: Filing, drawn: Drawn) -> Filed:
    case_id = new_id(filing.now)
    variable = case_variable(filing, case_id, drawn.reference, drawn.tracking_code) | filing.more
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
        context=json_text(variable),
    )
    return Filed(facts=facts, reference=drawn.reference, tracking_code=drawn.tracking_code, variable=variable)


def _columns(filing: Filing, filed: Filed) -> tuple[Any, ...]:
    """The columns of the case before its facts, in the order of the ledger's part `filed`."""
    manifest, applicant = filing.manifest, filed.variable["applicant"]
    account = filing.applicant.id if filing.applicant else None
    scope = {"answers": filing.answers, "case": filed.variable}
    title = _said(manifest.title_of_case, scope, filing.now) or manifest.title.fr
    position = _position(_said(manifest.position, scope, filing.now))
    place = _said(manifest.place, scope, filing.now)
    return (
        *(filed.facts.id, filed.reference, filed.tracking_code, filing.key, manifest.slug, filing.definition_hash),
        *(str(title)[:LONGEST_TITLE], filing.origin, filing.channel, filing.language),
        *(account, applicant["name"], applicant["email"], applicant["phone"], digits_of(applicant["phone"])),
        *(filing.by.id, filing.by.name, filing.now, None if place is None else str(place), *position),
    )


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
