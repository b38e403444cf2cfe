"""Reading: the body of a posted page → answers. Never raises; what cannot be read is kept as typed, with a problem.

Takes only the fields of that page that are shown, open and not computed; what cannot be read in a question not asked
stops nobody. The one rule for hidden answers is applied by `settling`. A field absent from the body keeps its earlier
answer, a blank one loses it.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

import msgspec

from forms.elements import Answers, Attachment, Element, Field, Form, Language, Page, Path, Repeat
from forms.inputs import Sent, Unreadable, read_input
from forms.messages import Message, Problem, as_subject
from forms.names import PARTS, field_id, input_name, pointer
from forms.places import MISSING, look_up, put, remove, thaw
from forms.rules import answerable, every_question, is_enabled, is_shown, shown_questions
from forms.settling import drop_hidden, drop_hidden_in, tidy_item, tidy_page

MOST_PAIRS, MOST_ITEMS = 2_000, 200
ACTION = "do"


class Reading(msgspec.Struct, frozen=True):
    """What a posted page says. `typed` maps input names to texts that could not be read. `again`: draw the same page
    again.
    """

    answers: Answers
    typed: dict[str, list[str]]
    problems: tuple[Problem, ...]
    again: bool = False


def read(
    form: Form,
    page: Page,
    pairs: Iterable[tuple[str, Any]],
    answers: Answers,
    *,
    language: Language = "fr",
    attachments: Mapping[str, Attachment] | None = None,
) -> Reading:
    """The answers so far with those of one posted page. `pairs` is the body in order; other values than text are
    ignored.
    """
    reader = _PageReader(form, pairs, answers, language, attachments or {})
    offered = set(answerable(page.elements, answers, is_enabled(page.rules, answers)))
    for question in every_question(page.elements):
        reader.question(question, (), (), "")
    _keep_closed(page, reader, answers)
    drop_hidden(form, reader.answers)
    tidy_page(form, page, reader.answers)
    asked = _asked_now(page, reader.answers)
    revealed = any(path not in offered and not reader.was_sent(path) for path in asked)
    places = {pointer(path) for path in asked}
    problems = tuple(problem for problem in reader.problems if problem.pointer in places)
    return Reading(reader.answers, reader.typed, problems, reader.edited or revealed)


def _asked_now(page: Page, answers: Answers) -> list[Path]:
    if not is_shown(page.rules, answers):
        return []
    return list(answerable(page.elements, answers, is_enabled(page.rules, answers), drawn=False))


def _keep_closed(page: Page, reader: "_PageReader", earlier: Answers) -> None:
    """A question closed to answering (DISABLE) keeps the answer the server had, whatever the body says."""
    asked = shown_questions(page.elements, reader.answers, is_enabled(page.rules, reader.answers))
    _put_back(asked, reader.answers, earlier)


def _put_back(asked: Iterable[tuple[Field | Repeat, bool]], answers: Answers, earlier: Any) -> None:
    for question, is_open in asked:
        if not is_open:
            value = look_up(earlier, question.path)
            if value is MISSING:
                remove(answers, question.path)
            else:
                put(answers, question.path, thaw(value))


class _PageReader:
    """Reads one body into a copy of the answers. `source` is a place in the page, `target` in the answers: they part
    when items go.
    """

    def __init__(
        self,
        form: Form,
        pairs: Iterable[tuple[str, Any]],
        answers: Answers,
        language: Language,
        attachments: Mapping[str, Attachment],
    ) -> None:
        self.form, self.attachments = form, attachments
        self.language: Language = language
        self.earlier = answers
        self.answers: Answers = thaw(answers)
        self.typed: dict[str, list[str]] = {}
        self.problems: list[Problem] = []
        self.sent: dict[str, list[str]] = {}
        self.action = ""
        self.edited = False
        for count, (name, value) in enumerate(pairs):
            if count >= MOST_PAIRS:
                break
            if isinstance(value, str):
                self.sent.setdefault(str(name), []).append(value)
        self.action = self.sent.get(ACTION, [""])[-1]

    def was_sent(self, path: Path) -> bool:
        """Whether the page sent had this field."""
        return any(name in self.sent for name in (input_name(path), *(input_name(path, part) for part in PARTS)))

    def question(self, question: Field | Repeat, source: Path, target: Path, label: str) -> None:
        """Read one question of the container at `source` into the container at `target`."""
        if isinstance(question, Repeat):
            self._repeat(question, (*source, *question.path), (*target, *question.path), label)
        else:
            self._field(question, (*source, *question.path), (*target, *question.path), label)

    def _field(self, field: Field, source: Path, target: Path, label: str) -> None:
        earlier = look_up(self.earlier, source)
        if not self.was_sent(source) or field.kind == "read_only":
            self._place(target, thaw(earlier))
            return
        parts = {part: self.sent[name] for part in PARTS if (name := input_name(source, part)) in self.sent}
        removed = (
            self.action.removeprefix(f"remove {input_name(source)}#") if field.kind == "attachments" else self.action
        )
        if field.kind == "attachments" and removed != self.action:
            self.edited = True
        sent = Sent(self.sent.get(input_name(source), []), parts, self.language, self.attachments, earlier, removed)
        value = read_input(field, sent)
        if isinstance(value, Unreadable):
            self._keep_typed(field, value, source, target, label)
            value = MISSING
        if value == [] and field.requirement != "always":
            value = MISSING
        self._place(target, value)

    def _keep_typed(self, field: Field, unreadable: Unreadable, source: Path, target: Path, label: str) -> None:
        for part in ("", *PARTS):
            if (name := input_name(source, part)) in self.sent:
                self.typed[input_name(target, part)] = self.sent[name]
        named = as_subject(label + self.form.words(field.label, self.language))
        params = {"label": named, "limit": unreadable.limit, "length": unreadable.length}
        self.problems.append(Problem(pointer(target), field_id(target), named, Message(unreadable.said.value, params)))

    def _place(self, target: Path, value: Any) -> None:
        if value is MISSING:
            remove(self.answers, target)
        else:
            put(self.answers, target, value)

    def _repeat(self, repeat: Repeat, source: Path, target: Path, label: str) -> None:
        name = input_name(source)
        if name not in self.sent and not self._indices(name):
            self._place(target, thaw(look_up(self.earlier, source)))
            return
        put(self.answers, target, [])
        asked = self.action == f"add {name}"
        removed = self.action.removeprefix(f"remove {name}/") if self.action.startswith(f"remove {name}/") else ""
        self.edited = self.edited or asked or removed.isdigit()
        title = self.form.words(repeat.item_label, self.language)
        for index in self._indices(name):
            if str(index) != removed:
                count = len(look_up(self.answers, target))
                self._item(repeat, (*source, index), (*target, count), f"{label}{title} {count + 1} – ")
        items = look_up(self.answers, target)
        if asked and len(items) < min(int(repeat.schema.get("maxItems", MOST_ITEMS)), MOST_ITEMS):
            items.append(self._blank(repeat))
        if not items and repeat.requirement != "always":
            remove(self.answers, target)

    def _item(self, repeat: Repeat, source: Path, target: Path, label: str) -> None:
        items = look_up(self.answers, target[:-1])
        items.append({})
        count = len(self.problems)
        for question in every_question(repeat.elements):
            self.question(question, source, target, label if question.path else label.removesuffix(" – "))
        item = look_up(self.answers, target)
        if isinstance(item, dict):
            closed = list(shown_questions(repeat.elements, item))
            _put_back(closed, cast("Answers", item), look_up(self.earlier, source))
            drop_hidden_in(repeat, cast("Answers", item))
        blank = tidy_item(repeat, cast("Answers", item)) if isinstance(item, dict) else item == ""
        if blank and len(self.problems) == count:
            items.pop()
            # A blank item disappears once the page is finished, not while the person is still adding and removing.
            if self.action.startswith(("add ", "remove ")):
                items.append(self._blank(repeat))

    def _blank(self, repeat: Repeat) -> Any:
        return {} if any(question.path for question in every_question(repeat.elements)) else ""

    def _indices(self, name: str) -> list[int]:
        heads = {
            key[len(name) + 1 :].partition("/")[0].partition("#")[0] for key in self.sent if key.startswith(name + "/")
        }
        return sorted(int(head) for head in heads if head.isascii() and head.isdigit() and len(head) < 5)[:MOST_ITEMS]


class AttachmentField(msgspec.Struct, frozen=True):
    """What a file input of a page takes. `input` is the name of the file input, `identifiers` the name to add ids
    under.
    """

    input: str
    identifiers: str
    pointer: str
    accept: tuple[str, ...]
    max_count: int
    max_bytes: int


def attachment_fields(page: Page, answers: Answers) -> tuple[AttachmentField, ...]:
    """The file inputs a page has, those inside items of repeats included."""
    return tuple(_attachment_fields(page.elements, answers, ()))


def _attachment_fields(elements: Iterable[Element], answers: Answers, container: Path) -> Iterable[AttachmentField]:
    for question in every_question(elements):
        path = (*container, *question.path)
        if isinstance(question, Repeat):
            items = look_up(answers, path)
            for index in range(len(cast("list[Any]", items)) if isinstance(items, list) else 0):
                yield from _attachment_fields(question.elements, answers, (*path, index))
        elif question.kind == "attachments":
            options = question.options
            names = input_name(path, "file"), input_name(path, "id"), pointer(path)
            yield AttachmentField(*names, options.accept, options.max_count, options.max_bytes)
