"""Validation: answers against the form → every problem at once, in the order of the questions, each naming its field
and the remedy.

Uses the compiled schema for what JSON Schema can say, and our options for the rest (days relative to today, offered
choices). A question that is not shown is not asked: what the schema says about it raises no problem.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, cast

from jsonschema_rs import ValidationError, ValidationErrorKind

from forms.asking import Asked, asked_questions
from forms.days import bound, written_day
from forms.elements import Answers, Choice, Element, Field, Form, Group, Language, Page, Path, Repeat
from forms.inputs import attachment_id, token_of
from forms.messages import Message, Problem, Said
from forms.names import field_id, pointer, steps_of
from forms.places import MISSING, look_up, put, thaw
from forms.reading import Reading
from forms.vocabulary import DEEPEST
from forms.wordings import broken, missing, whole_wrong

Sources = Mapping[str, Sequence[Choice]]


def check(
    form: Form,
    reading: Reading,
    *,
    page: Page | None = None,
    now: datetime,
    language: Language = "fr",
    sources: Sources | None = None,
) -> list[Problem]:
    """What could not be read and what is not valid, together; one problem per question that could not be read."""
    unread = {problem.pointer for problem in reading.problems}
    found = validate(form, reading.answers, page=page, now=now, language=language, sources=sources)
    every = [*reading.problems, *(problem for problem in found if problem.pointer not in unread)]
    order = {
        pointer(asked.path): rank for rank, asked in enumerate(asked_questions(form, reading.answers, language, page))
    }
    return sorted(every, key=lambda problem: order.get(problem.pointer, len(order)))


def validate(
    form: Form,
    answers: Answers,
    *,
    page: Page | None = None,
    now: datetime,
    language: Language = "fr",
    sources: Sources | None = None,
) -> list[Problem]:
    """All problems of the answers, or of those of one page. Empty means the answers may be kept."""
    asked = {each.path: each for each in asked_questions(form, answers, language, page)}
    found: dict[Path, Problem] = {}
    whole, errors = _with_blocks(form, answers, asked)
    for error in errors:
        _tell(error, _path_of(error, whole), found, form=form, asked=asked, page=page, language=language)
    for path, each in asked.items():
        # Nothing to say beyond the schema for most questions: the cheapest look first.
        if not isinstance(each.question, Field) or not _goes_beyond(each.question) or path in found:
            continue
        if message := _beyond_schema(form, each, answers, now, language, sources or {}):
            found[path] = _problem(each, message, each.label)
    order = {path: rank for rank, path in enumerate(asked)} if len(found) > 1 else {}
    return [found[path] for path in sorted(found, key=lambda path: order.get(path, len(order)))]


def _with_blocks(form: Form, answers: Answers, asked: Mapping[Path, Asked]) -> tuple[Answers, list[ValidationError]]:
    """The answers with each missing block (an address) there but empty, and the errors of the schema about them: what a
    block lacks is said answer by answer.
    """
    whole, errors = answers, list(form.validator.iter_errors(answers))
    # A layout may ask what is in a block without drawing the block.
    around: set[Path] | None = None
    for _ in range(DEEPEST if errors else 0):
        gone = list(_missing_paths(errors, whole))
        if gone and around is None:
            around = {path[:length] for path in asked for length in range(1, len(path))}
        absent = [path for path in gone if (_is_block(asked[path]) if path in asked else path in (around or ()))]
        if not absent:
            break
        whole = thaw(whole) if whole is answers else whole
        for path in absent:
            put(whole, path, {})
        errors = list(form.validator.iter_errors(whole))
    return whole, errors


def _missing_paths(errors: Iterable[ValidationError], answers: Answers) -> Iterator[Path]:
    for error in errors:
        if isinstance(error.kind, ValidationErrorKind.Required):
            yield (*_path_of(error, answers), error.kind.property)


def _is_block(asked: Asked) -> bool:
    return isinstance(asked.question, Group)


def _path_of(error: ValidationError, answers: Answers) -> Path:
    """Where the error is. The validator gives a property called “0” as the number 0: the answers tell which it is."""
    path: Path = ()
    for step in error.instance_path:
        path = (*path, str(step) if isinstance(look_up(answers, path), dict) else step)
    return path


def _tell(
    error: ValidationError,
    path: Path,
    found: dict[Path, Problem],
    *,
    form: Form,
    asked: Mapping[Path, Asked],
    page: Page | None,
    language: Language,
) -> None:
    """Puts what the error says where its question is; the first error of a question is the one told."""
    kind = error.kind
    if isinstance(kind, ValidationErrorKind.Required):
        absent = asked.get((*path, kind.property))
        if absent is not None and absent.path not in found:
            label = absent.label
            found[absent.path] = _problem(absent, missing(form, absent.question, label, language), label)
        return
    if isinstance(kind, ValidationErrorKind.AdditionalProperties) and page is not None:
        return
    owner = next((asked[path[:length]] for length in range(len(path), 0, -1) if path[:length] in asked), None)
    if owner is not None:
        if owner.path not in found:
            label = owner.label
            found[owner.path] = _problem(owner, broken(form, owner.question, label, error, language), label)
    elif page is None and path not in found and not _is_hidden(form, path):
        labels = {each.path: each.label for each in asked.values()}
        found[path] = Problem(pointer(path), "", "", whole_wrong(form, error, path, labels))


def _is_hidden(form: Form, path: Path) -> bool:
    """Whether the path belongs to a question of the form that is not shown (else nobody would be told)."""
    return bool(path) and any(
        isinstance(element, Field | Repeat) and element.path[:1] == path[:1]
        for page in form.pages
        for element in _flat(page.elements)
    )


def _flat(elements: Iterable[Element]) -> Iterator[Element]:
    for element in elements:
        yield element
        if isinstance(element, Group):
            yield from _flat(element.elements)


def _problem(asked: Asked, message: Message, label: str) -> Problem:
    return Problem(*_names(asked.path), label, message)


@lru_cache(4096)
def _names(path: Path) -> tuple[str, str]:
    return pointer(path), field_id(path)


def _goes_beyond(field: Field) -> bool:
    return field.kind in {"date", "attachments"} or bool(field.options.source)


def _beyond_schema(
    form: Form, asked: Asked, answers: Answers, now: datetime, language: Language, sources: Sources
) -> Message | None:
    field = asked.question
    if not isinstance(field, Field):
        return None
    value = look_up(answers, asked.path)
    if value is MISSING:
        return None
    if field.kind == "date" and isinstance(value, str):
        return _outside_days(field, asked, value, answers, now, language)
    if field.options.source in sources and field.options.source:
        offered = {token_of(choice.value) for choice in sources[field.options.source]}
        given = cast("list[Any]", value) if isinstance(value, list) else [value]
        said = Said.SLOT_GONE if field.kind == "slot" else Said.NOT_OFFERED
        return None if all(token_of(each) in offered for each in given) else Message(said.value, {"label": asked.label})
    if field.kind == "attachments" and isinstance(value, list):
        count = len({attachment_id(entry) for entry in cast("list[Any]", value)})
        if count > field.options.max_count:
            return Message(Said.AT_MOST_ITEMS.value, {"label": asked.label, "limit": str(field.options.max_count)})
    return None


def _outside_days(
    field: Field, asked: Asked, value: str, answers: Answers, now: datetime, language: Language
) -> Message | None:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        return None
    earliest = limit_day(field.options.min_date, answers, asked.container, now)
    latest = limit_day(field.options.max_date, answers, asked.container, now)
    if earliest is not None and day < earliest:
        return Message(Said.DATE_FROM.value, {"label": asked.label, "limit": written_day(earliest, language)})
    if latest is not None and day > latest:
        return Message(Said.DATE_UNTIL.value, {"label": asked.label, "limit": written_day(latest, language)})
    return None


def limit_day(text: str, answers: Answers, container: Path, now: datetime) -> date | None:
    """The day an option `minDate`/`maxDate` means: a day, one relative to today, or the answer its pointer leads to."""
    if not text.startswith("#"):
        return bound(text, now) if text else None
    value = look_up(answers, (*container, *(steps_of(text) or ())))
    return bound(value, now) if isinstance(value, str) and not value.startswith("today") else None
