"""Following: who may see a case on the citizens' side, and how they prove it: their account, or code and e-mail
address.

What was proved is remembered in this browser by a signed cookie; nothing is stored. Never says whether a code exists.
"""

import hmac
from typing import Any
from uuid import UUID

from accounts import permissions, throttle
from engine import cases
from engine.actor import Actor
from engine.cases import Case
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest
from web.pages.signing_in import address_of
from web.pages.visit import Visit, visit_of

COOKIE, MOST = "parvis-followed", 12


async def prove(request: AnyRequest, code: str, email: str) -> Case | None:
    """The case of this code when the address is its applicant's (any address when it was filed without one).
    Raises `TooManyTries`."""
    visit = visit_of(request)
    await visit.house.throttle.count(throttle.TRACKING_ADDRESS, address_of(request), visit.now)
    await visit.house.throttle.count(throttle.TRACKING_CODE, code, visit.now)
    case = await cases.of_tracking_code(code)
    known = (case.applicant_email or "") if case is not None else "nobody@nowhere.invalid"
    fits = not known or hmac.compare_digest(known.strip().lower().encode(), email.strip().lower().encode())
    if case is None or not fits:
        return None
    remember(request, case.id)
    return case


def remember(request: AnyRequest, case_id: UUID) -> None:
    """From now on this browser may see the case."""
    visit = visit_of(request)
    kept = [mark for mark in marks_of(request) if not mark.startswith(case_id.hex)][: MOST - 1]
    visit.set_cookie(COOKIE, ".".join([mark_of(visit, case_id), *kept]), max_age=60 * 60 * 24 * 90)


async def followed(request: AnyRequest, code: str) -> Case | None:
    """The case of this code when this visitor has proved that it is theirs, by account or by an earlier proof."""
    case = await cases.of_tracking_code(code)
    if case is None:
        return None
    visit = visit_of(request)
    viewer = visit.viewer
    mine = viewer is not None and viewer.kind == "citizen"
    if mine and permissions.may_see_case(viewer, departments=case.departments, applicant=case.applicant_id):
        return case
    expected = mark_of(visit, case.id)
    proved = any(hmac.compare_digest(mark.encode(), expected.encode()) for mark in marks_of(request))
    return case if proved else None


async def require(request: AnyRequest, code: str) -> Case:
    """The same. Raises `NotFound`."""
    case = await followed(request, code)
    if case is None:
        raise NotFound
    return case


def author_of(case: Case, visit: Visit) -> Actor:
    """The applicant as the author of what they do on the follow-up page."""
    person = visit.viewer.person_id if visit.viewer is not None and visit.viewer.kind == "citizen" else None
    return Actor(kind="citizen", name=case.applicant_name or "", id=person)


def marks_of(request: AnyRequest) -> list[str]:
    """What the cookie says, unchecked."""
    value: Any = request.cookies.get(visit_of(request).house.cookie(COOKIE), "")
    return [mark for mark in value.split(".") if mark]


def mark_of(visit: Visit, case_id: UUID) -> str:
    """The proof for a case in this browser."""
    return f"{case_id.hex}-{visit.sign('followed', visit.visitor_secret(), case_id.hex)[:40]}"
