"""People: finding somebody's requests across cases, within the rights of who looks. Never stores a profile of
anybody."""

from datetime import datetime
from uuid import UUID

import msgspec

from engine import cases

MOST = 100


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """One request of somebody, as a list shows it."""

    case_id: UUID
    reference: str
    procedure: str
    title: str
    applicant_name: str
    state: str
    department: str
    filed_at: datetime
    due_at: datetime | None
    closed_at: datetime | None


async def look_up(text: str, *, departments: tuple[str, ...] | None, limit: int = 20) -> tuple[Found, ...]:
    """Requests that match a reference, name, phone or e-mail; accents and typing errors are tolerated.

    `departments` limits to cases one may see; None (reception, supervisors of all) sees every department. Best match
    first.
    Fewer than two characters find nothing.
    """
    text = " ".join(text.split())[:100]
    if len(text) < 2:
        return ()
    return tuple(_found(case) for case in await cases.search(text, departments=departments, limit=min(limit, MOST)))


async def other_requests(case_id: UUID, *, departments: tuple[str, ...] | None, limit: int = 20) -> tuple[Found, ...]:
    """The same person's other requests: same account, e-mail address or phone number. Latest first."""
    case = await cases.get(case_id)
    same = await cases.of_person(case.applicant_id, case.applicant_email, case.applicant_phone, limit=MOST)
    seen = [each for each in same if each.id != case_id and _may_be_seen(each, departments)]
    return tuple(_found(each) for each in seen[:limit])


def _may_be_seen(case: cases.Case, departments: tuple[str, ...] | None) -> bool:
    return departments is None or not set(departments).isdisjoint(case.departments)


def _found(case: cases.Case) -> Found:
    return Found(
        case_id=case.id,
        reference=case.reference,
        procedure=case.procedure,
        title=case.title,
        applicant_name=case.applicant_name or "",
        state=case.state,
        department=case.department,
        filed_at=case.filed_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
    )
