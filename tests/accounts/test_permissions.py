"""Permissions: one line per rule, deny first."""

from uuid import uuid4

import pytest

from accounts import permissions as may
from accounts.permissions import Viewer


def a_viewer(kind="agent", roles=(), departments=(), supervised=()):
    return Viewer(
        person_id=uuid4(),
        name="Ana",
        kind=kind,
        roles=frozenset(roles),
        departments=frozenset(departments) | frozenset(supervised),
        supervised=frozenset(supervised),
    )


NOBODY = None
CITIZEN = a_viewer("citizen")
AGENT = a_viewer(departments=["voirie"])
COLLEAGUE = a_viewer(departments=["etat-civil"])
SUPERVISOR = a_viewer(supervised=["voirie"])
RECEPTION = a_viewer(roles=["reception"], departments=["accueil"])
ADMINISTRATOR = a_viewer(roles=["administrator"])

RULES = {
    "sees a case of voirie": (
        lambda who: may.may_see_case(who, departments=["voirie"]),
        "agent supervisor reception administrator",
    ),
    "writes on a case of voirie": (
        lambda who: may.may_work_on_case(who, departments=["voirie"]),
        "agent supervisor reception",
    ),
    "works on a task of voirie": (lambda who: may.may_work_on_task(who, department="voirie"), "agent supervisor"),
    "reassigns a task of voirie": (lambda who: may.may_reassign(who, department="voirie"), "supervisor"),
    "transfers from voirie": (lambda who: may.may_transfer(who, department="voirie"), "agent supervisor reception"),
    "files on behalf": (may.may_file_on_behalf, "agent colleague supervisor reception administrator"),
    "searches": (may.may_search, "agent colleague supervisor reception administrator"),
    "supervises": (may.may_supervise, "supervisor"),
    "administers": (may.may_administer, "administrator"),
}
PEOPLE = {
    "nobody": NOBODY,
    "citizen": CITIZEN,
    "agent": AGENT,
    "colleague": COLLEAGUE,
    "supervisor": SUPERVISOR,
    "reception": RECEPTION,
    "administrator": ADMINISTRATOR,
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("who", PEOPLE)
def test_only_those_named_are_allowed(rule, who):
    allows, names = RULES[rule]

    assert allows(PEOPLE[who]) is (who in names.split())


def test_a_citizen_with_an_account_sees_only_their_own_case():
    assert may.may_see_case(CITIZEN, departments=["voirie"], applicant=CITIZEN.person_id)
    assert not may.may_see_case(CITIZEN, departments=["voirie"], applicant=uuid4())
    assert not may.may_see_case(CITIZEN, departments=["voirie"], applicant=None)
