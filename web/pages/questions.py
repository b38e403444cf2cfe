"""Questions: one posted page of any form (a citizen's draft, an agent's task) read, completed with its files, and
checked.

The same for both audiences; where answers are kept is the caller's affair.
"""

from datetime import datetime
from typing import Any, Literal, cast
from uuid import UUID

import msgspec
from litestar import Request

from desk import attachments
from desk.files import FileStore
from engine.definition import Definition
from forms import Answers, Attachment, Form, Page, Problem, Sources, attachment_fields, check, page_view, read
from forms.validation import asked_questions
from web.pages import uploads
from web.pages.forms_of import compute

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
    known = await _attachments(asked)
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
    names = {
        "".join(f"/{step}" for step in each.path): each.label
        for each in asked_questions(asked.form, asked.answers, spoken(asked.language), asked.page)
    }
    return await uploads.receive(
        body,
        fields,
        files=asked.files,
        now=asked.now,
        label=lambda pointer: (names.get(pointer, ""), "f-" + pointer.strip("/").replace("/", "-")),
        draft_id=asked.draft_id,
        case_id=asked.case_id,
    )


async def _attachments(asked: Asked) -> dict[str, Attachment]:
    if asked.draft_id is not None:
        kept = await attachments.of_draft(asked.draft_id)
    elif asked.case_id is not None:
        kept = await attachments.of_case(asked.case_id)
    else:
        kept = ()
    return {str(each.id): Attachment(str(each.id), each.name) for each in kept}


def spoken(language: str) -> SpokenLanguage:
    """The language as forms name it."""
    return cast("SpokenLanguage", "en" if language == "en" else "fr")
