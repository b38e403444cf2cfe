"""Permissions: who may do what, as pure functions over a `Viewer`. Deny first; never reads anything, never raises.

Pages, API and connectors ask here before every verb. A refusal to *see* is shown as “not found” by the floors
above, so that nobody
learns that a case exists.
"""

from collections.abc import Collection
from typing import Literal
from uuid import UUID

import msgspec

Role = Literal["administrator", "reception"]


class Viewer(msgspec.Struct, frozen=True, kw_only=True):
    """Who is looking. `supervised` is a part of `departments`; all are slugs."""

    person_id: UUID
    name: str
    kind: Literal["citizen", "agent"]
    email: str = ""
    locale: str = "fr"
    roles: frozenset[Role] = frozenset()
    departments: frozenset[str] = frozenset()
    supervised: frozenset[str] = frozenset()


def is_agent(viewer: Viewer | None) -> bool:
    """Works for the town."""
    return viewer is not None and viewer.kind == "agent"


def is_supervisor(viewer: Viewer | None) -> bool:
    """Answers for at least one department."""
    return viewer is not None and is_agent(viewer) and bool(viewer.supervised)


def may_administer(viewer: Viewer | None) -> bool:
    """Publishes procedures, manages people, sees operations."""
    return viewer is not None and is_agent(viewer) and "administrator" in viewer.roles


def may_search(viewer: Viewer | None) -> bool:
    """Looks for a case at the reception, within what `may_see_case` allows."""
    return is_agent(viewer)


def may_see_all_cases(viewer: Viewer | None) -> bool:
    """Reception answers anybody who calls; administrators mend blocked cases."""
    return viewer is not None and is_agent(viewer) and bool(viewer.roles)


def may_see_case(viewer: Viewer | None, *, departments: Collection[str], applicant: UUID | None = None) -> bool:
    """Sees a case whose departments (its own and those of its tasks, past and present) are these; or is its
    applicant."""
    if viewer is None:
        return False
    if viewer.kind == "citizen":
        return applicant is not None and applicant == viewer.person_id
    return may_see_all_cases(viewer) or not viewer.departments.isdisjoint(departments)


def may_work_on_case(viewer: Viewer | None, *, departments: Collection[str]) -> bool:
    """Writes to the applicant, adds a document. Reception may too: it is who answers the telephone."""
    return (
        viewer is not None
        and is_agent(viewer)
        and ("reception" in viewer.roles or not viewer.departments.isdisjoint(departments))
    )


def may_work_on_task(viewer: Viewer | None, *, department: str) -> bool:
    """Claims, fills in and completes a task of this department."""
    return viewer is not None and is_agent(viewer) and department in viewer.departments


def may_reassign(viewer: Viewer | None, *, department: str) -> bool:
    """Gives the task of one agent to another."""
    return viewer is not None and is_agent(viewer) and department in viewer.supervised


def may_transfer(viewer: Viewer | None, *, department: str) -> bool:
    """Passes work of this department to another one. Reception corrects what it has filed in the wrong place."""
    return viewer is not None and is_agent(viewer) and (department in viewer.departments or "reception" in viewer.roles)


def may_file_on_behalf(viewer: Viewer | None) -> bool:
    """Files for a citizen at the counter or on the telephone."""
    return is_agent(viewer)


def may_supervise(viewer: Viewer | None, *, department: str | None = None) -> bool:
    """Sees the late and unclaimed work of this department, or of any."""
    if viewer is None or not is_supervisor(viewer):
        return False
    return department is None or department in viewer.supervised
