"""Questions: one posted page of any form (a citizen's draft, an agent's task) read, completed with its files, and
checked.

The same for both audiences; where answers are kept is the caller's affair.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from litestar import Request

from desk import attachments
from desk.computing import compute
from desk.files import FileStore
from engine.definition import Definition
from forms import Answers, Attachment, Form, Page, Problem, Sources, attachment_fields, check, page_view, read
from forms.asking import asked_questions
from web.pages import uploads

SpokenLanguage = Literal["fr", "en"]


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A page about to be asked. Files are kept for `draft_id` or `case_id`."""

    definition: Definition
    form: Form
    page: Page
    answers: Answers
    language: str
    now: datetime
    files: FileStore
    sources: Sources = {}
    draft_id: UUID | None = None
    case_id: UUID | None = None

    def view(self, **options: Any) -> Any:
        """What the template draws."""
        answers = compute(self.definition, self.form, options.pop("answers", self.answers), self.now)
        return page_view(
            self.form, self.page, answers, now=self.now, language=spoken(self.language), sources=self.sources, **options
        )


class Answered(msgspec.Struct, frozen=True, kw_only=True):
    """A page as it was posted: `answers` are to be kept whatever the problems."""

    answers: Answers
    typed: dict[str, list[str]]
    problems: tuple[Problem, ...]
    again: bool


async def answer(asked: Asked, request: Request[Any, Any, Any]) -> Answered:
    """Reads the body of a request against the page asked."""
    body = list((await request.form()).multi_items())
    received = await _receive(asked, body)
    held = await _held(asked)
    known = {str(each.id): Attachment(str(each.id), each.name) for each in held if each.scan != "infected"}
    received = msgspec.structs.replace(received, problems=(*received.problems, *_infected(asked, held, body)))
    pairs = [*((name, value) for name, value in body if isinstance(value, str)), *received.pairs]
    reading = read(asked.form, asked.page, pairs, asked.answers, language=spoken(asked.language), attachments=known)
    reading = msgspec.structs.replace(
        reading, answers=compute(asked.definition, asked.form, reading.answers, asked.now)
    )
    if reading.again:
        return Answered(answers=reading.answers, typed=reading.typed, problems=received.problems, again=True)
    found = check(
        asked.form, reading, page=asked.page, now=asked.now, language=spoken(asked.language), sources=asked.sources
    )
    refused = {problem.pointer for problem in received.problems}
    every = (*received.problems, *(problem for problem in found if problem.pointer not in refused))
    return Answered(answers=reading.answers, typed=reading.typed, problems=every, again=False)


async def _receive(asked: Asked, body: list[tuple[str, Any]]) -> uploads.Received:
    fields = attachment_fields(asked.page, asked.answers)
    if not fields:
        return uploads.Received()
    names = _labels(asked)
    return await uploads.receive(
        body,
        fields,
        files=asked.files,
        now=asked.now,
        label=lambda pointer: (names.get(pointer, ""), _field_id(pointer)),
        draft_id=asked.draft_id,
        case_id=asked.case_id,
    )


async def _held(asked: Asked) -> tuple[attachments.Attachment, ...]:
    if asked.draft_id is not None:
        return await attachments.of_draft(asked.draft_id)
    return await attachments.of_case(asked.case_id) if asked.case_id is not None else ()


def _infected(asked: Asked, held: tuple[attachments.Attachment, ...], body: list[tuple[str, Any]]) -> Iterator[Problem]:
    """The files the body still names in which the scanner found something: they are no answer any more."""
    names = {str(each.id): each.name for each in held if each.scan == "infected"}
    sent = [(name, value) for name, value in body if isinstance(value, str) and value in names] if names else []
    labels = _labels(asked) if sent else {}
    for name, value in sent:
        pointer = name.partition("#")[0]
        if pointer in labels:
            message = uploads.infected_message(names[value], labels[pointer])
            yield Problem(pointer, _field_id(pointer), labels[pointer], message)


def _labels(asked: Asked) -> dict[str, str]:
    questions = asked_questions(asked.form, asked.answers, spoken(asked.language), asked.page)
    return {"".join(f"/{step}" for step in each.path): each.label for each in questions}


def _field_id(pointer: str) -> str:
    return "f-" + pointer.strip("/").replace("/", "-")


def spoken(language: str) -> SpokenLanguage:
    """The language as forms name it."""
    return cast("SpokenLanguage", "en" if language == "en" else "fr")
