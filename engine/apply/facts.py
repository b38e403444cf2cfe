"""Facts of a case that follow from what its instances do: state, department, public step, decision, waiting time, due
date. Pure.
"""

from datetime import datetime
from typing import Any

import msgspec

from engine.apply.moment import CaseFacts, Moment
from engine.apply.net import Net
from engine.deadlines import resume
from engine.encoding import json_text, parse_json

_LOWEST, _HIGHEST = 0, 100


def facts_after(moment: Moment, net: Net, waits_for_applicant: bool) -> CaseFacts:
    """The case once these effects have happened; `waits_for_applicant`: a task for the citizen is open now."""
    changes = _patched(moment.case, net)
    changes |= _stepped(moment, net)
    if moment.case.closed_at is None:
        changes |= _waited(moment, waits_for_applicant)
    if net.ended is not None and moment.running.parent_id is None:
        changes |= _ended(moment, net.ended.outcome, changes)
    return msgspec.structs.replace(moment.case, **changes)


def _patched(case: CaseFacts, net: Net) -> dict[str, Any]:
    department = net.case_changes.get("department", case.department)
    priority = net.case_changes.get("priority", case.priority)
    changes: dict[str, Any] = {}
    if net.case_changes:
        changes["context"] = json_text({**parse_json(case.context), **net.case_changes})
    if isinstance(department, str) and department:
        changes["department"] = department
    if isinstance(priority, int) and not isinstance(priority, bool):
        changes["priority"] = min(max(priority, _LOWEST), _HIGHEST)
    concerned = [changes.get("department", case.department)]
    for task in net.tasks.values():
        if task.audience == "department":
            concerned += [task.department, *task.candidate_groups]
    if any(each not in case.departments for each in concerned):
        changes["departments"] = tuple(dict.fromkeys([*case.departments, *concerned]))
    return changes


def _stepped(moment: Moment, net: Net) -> dict[str, Any]:
    changes: dict[str, Any] = {}
    for entered in net.entered():
        if entered.public_step:
            changes["public_step"] = entered.public_step
        if entered.decision and moment.case.answered_at is None and "decision" not in changes:
            changes |= {"decision": entered.decision, "answered_at": moment.now}
    return changes


def _waited(moment: Moment, waits: bool) -> dict[str, Any]:
    since = moment.case.waiting_since
    if waits:
        return {"state": "waiting", "waiting_since": since or moment.now}
    if since is None:
        return {"state": "open"}
    return {"state": "open", **_wait_over(moment, since)}


def _wait_over(moment: Moment, since: datetime) -> dict[str, Any]:
    """The wait counts, and moves the due date, only until the case was answered."""
    case = moment.case
    until = min(case.answered_at or moment.now, moment.now)
    waited = max(int((until - since).total_seconds()), 0)
    over: dict[str, Any] = {"waiting_since": None, "waited_seconds": case.waited_seconds + waited}
    if case.due_at is not None and case.answered_at is None:
        over["due_at"] = resume(case.due_at, moment.term, since, until)
    return over


def _ended(moment: Moment, outcome: str, changes: dict[str, Any]) -> dict[str, Any]:
    state = "cancelled" if outcome == "cancelled" else "closed"
    ended: dict[str, Any] = {"state": state, "closed_at": moment.now}
    since = moment.case.waiting_since
    if since is not None and changes.get("waiting_since") is not None:
        ended |= _wait_over(moment, since)
    return ended
