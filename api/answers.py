"""Answers: what a machine client sends for a form, taken by the rules that people's answers are taken by.

An answer exists only while its question is shown; what the form computes is computed here, whatever was sent; a file
must have been received for the same draft or case. What is left is valid as a whole, or nothing is filed (the first two
are `desk.computing`).
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec

from api.errors import ApiProblem
from desk.attachments import Attachment
from engine.definition import Definition
from forms import Answers, Form, attachment_fields, read_form, say, validate
from forms.inputs import attachment_id
from forms.names import steps_of

MOST_TOLD = 50


class Wrong(msgspec.Struct, frozen=True):
    """What one answer is not accepted for. `pointer` (RFC 6901) is its place in the answers; “” is all of them."""

    pointer: str
    detail: str


class NotAccepted(ApiProblem):
    """The form does not accept these answers."""

    status_code = 422
    code = "INVALID_ARGUMENT"

    def __init__(self, form: str, errors: list[Wrong], status: int = 422) -> None:
        said = "; ".join(f"{each.pointer}: {each.detail}" for each in errors[:MOST_TOLD])
        super().__init__(f"The form “{form}” does not accept this: {said}")
        self.errors, self.status_code = errors[:MOST_TOLD], status


def form_of(definition: Definition, form_id: str) -> Form:
    """The form of this name. Raises `KeyError`, `FormRefused`."""
    source = definition.forms[form_id]
    return read_form(source.schema, source.ui, source.translations)


def wrong(form: Form, answers: Answers, received: Iterable[Attachment], now: datetime) -> list[Wrong]:
    """All that the form does not accept yet. `received`: the files that answers may name."""
    found = validate(form, answers, now=now, language="en")
    # What the town offers (free slots) changes by the minute: filing itself decides.
    told = [
        Wrong(each.pointer, say(each.message, _as_it_is)) for each in found if "no longer free" not in each.message.id
    ]
    return told + _unknown_files(form, answers, {str(each.id) for each in received})


def _unknown_files(form: Form, answers: Answers, known: set[str]) -> list[Wrong]:
    places = [field.pointer for page in form.pages for field in attachment_fields(page, answers)]
    unknown = "Expected files that were received for this before, by their ids, but these were not."
    return [Wrong(place, unknown) for place in places if not _ids(_at(answers, place)) <= known]


def _at(answers: Any, place: str) -> Any:
    here = answers
    for step in steps_of(place) or ():
        if isinstance(here, list):
            here = here[int(step)]
        else:
            here = here.get(step) if isinstance(here, dict) else None
    return here


def _ids(value: Any) -> set[str]:
    return {attachment_id(entry) for entry in value} if isinstance(value, list) else set()


def _as_it_is(message: str) -> str:
    return message
