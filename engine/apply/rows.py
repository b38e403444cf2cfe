"""Rows: what a net leaves to write, as rows of the ledger's parts. Never decides; never reads."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from engine.apply.ledger import Ledger
from engine.apply.moment import CaseFacts, Moment, Running
from engine.apply.net import Net, Passage
from engine.effects import (
    DecisionTraced,
    ElementEntered,
    ElementLeft,
    EscalationUncaught,
    JobQueued,
    SubscriptionOpened,
    TaskOpened,
)
from engine.encoding import array_text, json_text
from engine.ids import new_id

LONGEST_MESSAGE = 4000


def add_waiting(ledger: Ledger, moment: Moment, net: Net) -> None:
    """What now waits, and what no longer does."""
    running, now = moment.running, moment.now
    if net.tasks_ended:
        ledger.extend("withdrawn", [(running.id, token, now) for token in net.tasks_ended])
    if net.jobs_ended:
        ledger.extend("cancelled", [(running.id, token, now) for token in net.jobs_ended])
    # What is set again under the same token and index is overwritten: one statement cannot delete and add a row.
    if net.timers_ended:
        ledger.extend("cleared", [(running.id, *slot) for slot in net.timers_ended if slot not in net.timers])
    if net.subscriptions_ended:
        ended = [(running.id, *slot) for slot in net.subscriptions_ended if slot not in net.subscriptions]
        ledger.extend("closed", ended)
    if net.incidents_ended:
        ledger.extend("resolved", [(running.id, token, now, moment.by.name) for token in net.incidents_ended])
    if net.tasks:
        ledger.extend("tasks", [_task(moment, task) for task in net.tasks.values()])
    if net.jobs:
        ledger.extend("jobs", [_job(moment, job) for job in net.jobs.values()])
    if net.timers:
        set_now = [(running.id, each.token, each.index, each.element, each.due) for each in net.timers.values()]
        ledger.extend("timers", set_now)
    if net.subscriptions:
        ledger.extend("subscriptions", [_subscription(running, opened) for opened in net.subscriptions.values()])
    if net.incidents:
        ledger.extend("incidents", list(_incidents(moment, net)))


def history_rows(moment: Moment, net: Net) -> list[tuple[Any, ...]]:
    """What the history learns of one advance, in its order."""
    running, now, name = moment.running, moment.now, moment.by.name
    learned: list[tuple[Any, ...]] = []
    for passage in net.history:
        happened, token, element, title, kind, details = _told(passage)
        told = json_text(details) if details else "{}"
        learned.append((running.case_id, running.id, token, happened, element, title, kind, now, name, told))
    return learned


def begun_row(running: Running, state: bytes, status: str, now: datetime, ended_at: datetime | None) -> tuple[Any, ...]:
    """An instance that starts in this commit."""
    identity = (running.id, running.case_id, running.parent_id, running.parent_token, running.definition_hash)
    return (*identity, running.process, running.rev, state, status, now, ended_at)


def facts_row(facts: CaseFacts, read: CaseFacts | None) -> tuple[Any, ...]:
    """The columns of a case that follow from what its instances do; without context where it is as it was read."""
    return (
        facts.state,
        facts.department,
        array_text(facts.departments),
        facts.priority,
        facts.due_at,
        facts.answered_at,
        facts.closed_at,
        facts.waiting_since,
        facts.waited_seconds,
        facts.public_step,
        facts.decision,
        None if read is not None and facts.context == read.context else facts.context,
    )


def _subscription(running: Running, opened: SubscriptionOpened) -> tuple[Any, ...]:
    return running.id, opened.token, opened.index, opened.element, opened.kind, opened.name, opened.key


def _incidents(moment: Moment, net: Net) -> Iterator[tuple[Any, ...]]:
    running, case, now = moment.running, moment.case, moment.now
    for raised in net.incidents.values():
        where = (running.case_id, running.id, raised.token, case.procedure, case.department, raised.element)
        sentence = None if raised.sentence is None else json_text(raised.sentence)
        # A message so long is cut, and a sentence of its words would not be.
        kept = sentence if len(raised.message) <= LONGEST_MESSAGE else None
        said = raised.kind, raised.message[:LONGEST_MESSAGE], array_text(raised.variables)
        yield new_id(now), *where, *said, now, kept


def _task(moment: Moment, task: TaskOpened) -> tuple[Any, ...]:
    running, now = moment.running, moment.now
    assignee = _as_uuid(task.assignee)
    named = [task.assignee] if task.assignee and assignee is None else []
    identity = (new_id(now), running.case_id, running.id, task.token, moment.case.procedure, running.definition_hash)
    candidates = array_text(task.candidate_groups), array_text([*task.candidate_users, *named])
    people = (task.department, task.audience, *candidates, assignee)
    return (
        *identity,
        task.element,
        task.name or task.element,
        task.form,
        *people,
        task.due,
        task.follow_up,
        task.priority,
        json_text(task.input),
        now,
    )


def _job(moment: Moment, job: JobQueued) -> tuple[Any, ...]:
    running, now = moment.running, moment.now
    identity = (new_id(now), running.case_id, running.id, job.token, moment.case.procedure, running.definition_hash)
    work = (job.element, job.type, max(job.retries, 1), moment.case.priority)
    return (*identity, *work, json_text(job.headers), json_text(job.input), json_text(job.case), now)


def _told(passage: Passage) -> tuple[str, int | None, str | None, str | None, str | None, Mapping[str, Any]]:
    match passage:
        case ElementEntered():
            details = {"public_step": passage.public_step, "decision": passage.decision}
            stated = {key: said for key, said in details.items() if said}
            return "entered", passage.token, passage.element, passage.name, passage.kind, stated
        case ElementLeft():
            return "left", passage.token, passage.element, None, None, {"outcome": passage.outcome}
        case DecisionTraced():
            traced = {"decision": passage.decision, **passage.trace}
            return "decided", passage.token, passage.element, None, None, traced
        case EscalationUncaught():
            return "escalated", passage.token, passage.element, None, None, {"code": passage.code}
        case _:
            return "variables", None, None, None, None, {"scope": passage.scope, "values": passage.values}


def _as_uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
