"""Follow-up: a case as its applicant sees it: who has it, what happens next, by when, what to do. Read only."""

from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec

from accounts import departments
from accounts.errors import DepartmentUnknown
from desk import documents, exchanges
from desk.documents import Document
from desk.outlines import outline_of
from desk.phrases import Phrase, phrase
from desk.store import rows
from desk.store.reading import to_struct
from engine import cases, journal

OPEN_TASKS = """SELECT id AS task_id, name, form, due_at AS due FROM engine_task WHERE case_id = $1
    AND audience = 'applicant' AND state IN ('open', 'claimed') ORDER BY coalesce(due_at, 'infinity'), id LIMIT 20"""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One step of the timeline, in the procedure's own words (`parvis:publicStep`)."""

    name: str
    state: Literal["done", "current"]
    entered_at: datetime
    left_at: datetime | None


class ToDo(msgspec.Struct, frozen=True, kw_only=True):
    """A task the applicant must do on the follow-up page, with its form."""

    task_id: UUID
    name: str
    form: str | None
    due: datetime | None


class FollowUp(msgspec.Struct, frozen=True, kw_only=True):
    """The whole follow-up page. `sentences` answer, in order, who has it, what next, by when, what the applicant
    must do."""

    case_id: UUID
    reference: str
    procedure: str
    title: str
    state: str
    decision: str | None
    department: str
    department_name: str
    filed_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    sentences: tuple[Phrase, ...]
    steps: tuple[Step, ...]
    to_do: tuple[ToDo, ...]
    documents: tuple[Document, ...]
    unread: int


async def of_case(case_id: UUID, now: datetime, *, language: str = "fr") -> FollowUp:
    """The follow-up of a case in a language. Raises the engine's `CaseUnknown`. Rights are the caller's."""
    case = await cases.get(case_id)
    outline = await outline_of(case_id)
    to_do = tuple(to_struct(ToDo, each) for each in await rows(OPEN_TASKS, case_id))
    name = await _department_name(case.department, language)
    unread = await exchanges.unread([case_id], reader="applicant")
    return FollowUp(
        case_id=case.id,
        reference=case.reference,
        procedure=case.procedure,
        title=outline.title.get(language) or outline.title.get("fr", case.procedure),
        # That a case is blocked is the town's affair: for its applicant it is simply being handled.
        state="open" if case.state == "blocked" else case.state,
        decision=case.decision,
        department=case.department,
        department_name=name,
        filed_at=case.filed_at,
        due_at=case.due_at,
        answered_at=case.answered_at,
        closed_at=case.closed_at,
        sentences=sentences(case, name, to_do, now),
        steps=_timeline(await journal.steps(case_id), case.closed_at),
        to_do=to_do,
        documents=await documents.of_case(case_id, public_only=True),
        unread=unread.get(case_id, 0),
    )


def sentences(case: cases.Case, department: str, to_do: tuple[ToDo, ...], now: datetime) -> tuple[Phrase, ...]:
    """Where the case is, in plain words. Pure."""
    match case.state:
        case "cancelled":
            return _cancelled(case)
        case "closed":
            return (*_answer(case), phrase("Your request is closed. You have nothing more to do."))
    if to_do:
        return tuple(_asked(each) for each in to_do)
    if case.answered_at:
        return (*_answer(case), phrase("You have nothing to do."))
    return (phrase("Your request is with this department: {department}.", department=department), *_term(case, now))


def _term(case: cases.Case, now: datetime) -> tuple[Phrase, ...]:
    nothing = phrase("You have nothing to do.")
    if case.due_at is None:
        return (phrase("We will write to you as soon as there is something new."), nothing)
    if case.due_at >= now:
        return (phrase("Answer by {date} at the latest.", date=case.due_at), nothing)
    return (
        phrase("We had promised an answer by {date}. It is late, and we apologise.", date=case.due_at),
        phrase("You have nothing to do. You may call or write to us."),
    )


def _asked(task: ToDo) -> Phrase:
    if task.due is None:
        return phrase("We are waiting for you: {task}.", task=task.name)
    return phrase("We are waiting for you: {task}. Please do it by {date}.", task=task.name, date=task.due)


def _answer(case: cases.Case) -> tuple[Phrase, ...]:
    when = case.answered_at
    if case.decision in ("granted", "closed") and case.public_step:
        # The procedure's own words say more than yes: a pothole is not granted, it is planned.
        return (phrase("Our answer of {date}: {step}.", date=when, step=case.public_step),)
    match case.decision:
        case "granted":
            return (phrase("We said yes to your request on {date}.", date=when),)
        case "refused":
            return (phrase("We could not say yes to your request. The answer of {date} gives the reason.", date=when),)
        case "closed":
            return (phrase("Your request was closed without action on {date}.", date=when),)
        case _:
            return ()


def _cancelled(case: cases.Case) -> tuple[Phrase, ...]:
    told = phrase("Your request was cancelled on {date}.", date=case.closed_at)
    return (told, phrase("Reason: {reason}", reason=case.reason)) if case.reason else (told,)


def _timeline(steps: list[journal.Step], closed_at: datetime | None) -> tuple[Step, ...]:
    return tuple(
        Step(
            name=each.label,
            state="done" if each.left_at or closed_at else "current",
            entered_at=each.entered_at,
            left_at=each.left_at or closed_at,
        )
        for each in steps
    )


async def _department_name(slug: str, language: str) -> str:
    try:
        return (await departments.get(slug)).name(language)
    except DepartmentUnknown:
        return slug
