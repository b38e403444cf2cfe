"""Review: all answers as people read them, with the page where to change each. Also the case file and documents."""

from collections.abc import Iterable, Iterator
from typing import Any, cast

import msgspec

from forms.elements import Answers, Element, Field, Form, Group, Language, Path, Repeat
from forms.formatting import Written, written_answer
from forms.inputs import attachment_id, attachment_name
from forms.messages import Message, Said
from forms.names import field_id, pointer
from forms.places import MISSING, look_up
from forms.rules import is_shown
from forms.validation import Sources
from forms.views import FileView


class ReviewRow(msgspec.Struct, frozen=True):
    """One answer. `heading` names the block or item it is in; `files` are set for attachments, for the caller to
    link.
    """

    pointer: str
    field_id: str
    label: str
    values: tuple[Written, ...]
    heading: str = ""
    files: tuple[FileView, ...] = ()
    answered: bool = True


class ReviewSection(msgspec.Struct, frozen=True):
    """The answers of one page."""

    page_id: str
    title: str
    rows: tuple[ReviewRow, ...]


def review(
    form: Form,
    answers: Answers,
    language: Language = "fr",
    *,
    answered_only: bool = False,
    sources: Sources | None = None,
) -> tuple[ReviewSection, ...]:
    """The answers page by page, offered choices named from `sources`; with `answered_only`, blanks are left out."""
    reviewer = _Reviewer(form, answers, language, sources or {})
    sections: list[ReviewSection] = []
    for page in form.pages:
        if is_shown(page.rules, answers):
            rows = tuple(row for row in reviewer.rows(page.elements, (), "") if row.answered or not answered_only)
            sections += [ReviewSection(page.id, form.words(page.title, language), rows)] if rows else []
    return tuple(sections)


class _Reviewer:
    """Writes the rows of one set of answers."""

    def __init__(self, form: Form, answers: Answers, language: Language, sources: Sources) -> None:
        self.form, self.answers, self.sources = form, answers, sources
        self.language: Language = language

    def rows(self, elements: Iterable[Element], container: Path, heading: str) -> Iterator[ReviewRow]:
        """The rows of the elements of one container (the answers, or an item of a repeat)."""
        here = look_up(self.answers, container)
        for element in elements:
            if not is_shown(element.rules, here) or not element.options.review:
                continue
            match element:
                case Group():
                    label = self.form.words(element.label, self.language)
                    yield from self.rows(element.elements, container, " – ".join(filter(None, (heading, label))))
                case Field():
                    yield self._row(element, (*container, *element.path), heading)
                case Repeat():
                    yield from self._items(element, (*container, *element.path), heading)
                case _:
                    pass

    def _items(self, repeat: Repeat, path: Path, heading: str) -> Iterator[ReviewRow]:
        written = look_up(self.answers, path)
        count = len(cast("list[Any]", written)) if isinstance(written, list) else 0
        if not count:
            label = self.form.words(repeat.label, self.language)
            nothing = (Message(Said.NOT_ANSWERED.value),)
            yield ReviewRow(pointer(path), field_id(path), label, nothing, heading, answered=False)
        title = self.form.words(repeat.item_label, self.language)
        for index in range(count):
            inner = " – ".join(filter(None, (heading, f"{title} {index + 1}")))
            yield from self.rows(repeat.elements, (*path, index), inner)

    def _row(self, field: Field, path: Path, heading: str) -> ReviewRow:
        value = look_up(self.answers, path)
        entries = cast("list[Any]", value) if field.kind == "attachments" and isinstance(value, list) else []
        files = tuple(FileView(attachment_id(entry), attachment_name(entry)) for entry in entries)
        label = self.form.words(field.label, self.language) if field.path else heading
        offered = self.sources.get(field.options.source, ())
        values = written_answer(self.form, field, value, self.language, offered)
        return ReviewRow(pointer(path), field_id(path), label, values, heading, files, value is not MISSING)
