"""Rendering: a page of a form and the answers so far → the view its templates draw. Decides everything, draws
nothing.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, cast

import msgspec

from forms.elements import Answers, Element, Field, Form, Group, Language, Page, Path, Repeat, Rule, Text
from forms.field_views import FieldPainter
from forms.journey import visible_pages
from forms.messages import Message, Problem
from forms.names import field_id, input_name, pointer
from forms.places import look_up
from forms.rules import browser_rule, every_question, is_drawn, is_enabled
from forms.validation import Sources
from forms.views import BlockView, ElementView, ErrorView, GroupView, ItemView, LinkView, PageView, RepeatView, TextView

MOST_ITEMS = 200


def page_view(
    form: Form,
    page: Page,
    answers: Answers,
    *,
    now: datetime,
    language: Language = "fr",
    typed: Mapping[str, Sequence[str]] | None = None,
    problems: Sequence[Problem] = (),
    sources: Sources | None = None,
) -> PageView:
    """What a page looks like now. `typed` and `problems` come from `read` and `check`; `sources` offers choices by
    name.
    """
    painter = _PagePainter(form, page, answers, language, typed or {}, problems, sources or {}, now)
    pages = visible_pages(form, answers)
    number = next((rank for rank, each in enumerate(pages, start=1) if each.id == page.id), 1)
    elements = painter.elements(page.elements, (), "", is_enabled(page.rules, answers))
    summary = tuple(ErrorView(problem.field_id, problem.message) for problem in problems)
    title, hint = form.words(page.title, language), form.words(page.hint, language)
    return PageView(
        page.id,
        number,
        len(pages),
        title,
        hint,
        elements,
        summary,
        has_files=painter.fields.has_files,
        has_search=painter.fields.has_search,
        has_place=painter.fields.has_place,
    )


class _PagePainter:
    """Paints the elements of one page, one container at a time (the answers, then each item of a repeat)."""

    def __init__(
        self,
        form: Form,
        page: Page,
        answers: Answers,
        language: Language,
        typed: Mapping[str, Sequence[str]],
        problems: Sequence[Problem],
        sources: Sources,
        now: datetime,
    ) -> None:
        self.form, self.page, self.answers = form, page, answers
        self.language: Language = language
        self.errors: dict[str, tuple[Message, ...]] = {}
        for problem in problems:
            self.errors[problem.pointer] = (*self.errors.get(problem.pointer, ()), problem.message)
        self.fields = FieldPainter(form, answers, language, typed, self.errors, sources, now)

    def elements(
        self,
        elements: Sequence[Element],
        container: Path,
        prefix: str,
        enabled: bool,
        scope: Sequence[Element] | None = None,
    ) -> tuple[ElementView, ...]:
        """The elements the page draws; `prefix` names the item they are in."""
        around = tuple(scope if scope is not None else elements)
        here = look_up(self.answers, container)
        return tuple(
            self._element(element, container, prefix, enabled and is_enabled(element.rules, here), around)
            for element in elements
            if is_drawn(element, here, around)
        )

    def _element(
        self, element: Element, container: Path, prefix: str, enabled: bool, around: tuple[Element, ...]
    ) -> ElementView:
        shown_when = self._shown_when(element.rules, container, around)
        match element:
            case Field():
                view = self.fields.field(element, container, prefix, enabled)
            case Repeat():
                view = self._repeat(element, container, prefix, enabled)
            case Group():
                view = self._group(element, container, prefix, enabled, around)
            case Text():
                view = self._text(element)
        return msgspec.structs.replace(view, shown_when=shown_when)

    def _group(
        self, group: Group, container: Path, prefix: str, enabled: bool, around: tuple[Element, ...]
    ) -> GroupView:
        inside = self.elements(group.elements, container, prefix, enabled, around)
        self.fields.has_search = self.fields.has_search or group.options.widget in {"address", "place"}
        self.fields.has_place = self.fields.has_place or group.options.widget == "place"
        path = (*container, *group.path) if group.path is not None else None
        identifier = field_id(path) if path is not None else "g" + re.sub(r"[^0-9]+", "-", group.source)
        errors = self.errors.get(pointer(path), ()) if path is not None else ()
        hint_id = f"{identifier}-hint" if group.hint else ""
        error_id = f"{identifier}-error" if errors else ""
        return GroupView(
            identifier,
            self.form.words(group.label, self.language),
            inside,
            self.form.words(group.hint, self.language),
            hint_id,
            group.options.widget,
            group.optional,
            errors,
            error_id,
            f"{hint_id} {error_id}".strip(),
        )

    def _repeat(self, repeat: Repeat, container: Path, prefix: str, enabled: bool) -> RepeatView:
        path = (*container, *repeat.path)
        written = look_up(self.answers, path)
        count = len(cast("list[Any]", written)) if isinstance(written, list) else 0
        title = self.form.words(repeat.item_label, self.language)
        items = tuple(
            self._item(repeat, (*path, index), f"{prefix}{title} {index + 1}", enabled) for index in range(count)
        )
        most = min(int(repeat.schema.get("maxItems", MOST_ITEMS)), MOST_ITEMS)
        identifier, errors = field_id(path), self.errors.get(pointer(path), ())
        hint_id = f"{identifier}-hint" if repeat.hint else ""
        error_id = f"{identifier}-error" if errors else ""
        return RepeatView(
            identifier,
            input_name(path),
            self.form.words(repeat.label, self.language),
            items,
            f"add {input_name(path)}" if enabled and count < most else "",
            self.form.words(repeat.options.add_label, self.language),
            title,
            self.form.words(repeat.hint, self.language),
            hint_id,
            repeat.requirement == "never",
            errors,
            error_id,
            f"{hint_id} {error_id}".strip(),
        )

    def _item(self, repeat: Repeat, path: Path, label: str, enabled: bool) -> ItemView:
        elements = self.elements(repeat.elements, path, f"{label} – ", enabled)
        name = input_name(path)
        remove = f"remove {name}" if enabled else ""
        single = not any(question.path for question in every_question(repeat.elements))
        return ItemView(field_id(path) + "-item", "" if single else name, label, remove, elements)

    def _text(self, text: Text) -> TextView:
        written = self.form.words(text.text, self.language)
        links = tuple(LinkView(link.url, self.form.words(link.text, self.language)) for link in text.options.links)
        return TextView(text_blocks(written), text.options.style or "plain", links)

    def _shown_when(self, rules: tuple[Rule, ...], container: Path, around: tuple[Element, ...]) -> str:
        rule = browser_rule(rules, around)
        if rule is None:
            return ""
        tokens = [token for value in rule.values for token in self._tokens(value, rule.path, around)]
        return json.dumps({"field": input_name((*container, *rule.path)), "values": tokens, "shown": rule.shown})

    def _tokens(self, value: Any, path: Path, around: tuple[Element, ...]) -> list[str]:
        """What the browser sends for a value of the choice at `path`; a box not ticked sends its blank marker."""
        field = next(question for question in every_question(around) if question.path == path)
        if isinstance(value, bool):
            ticked = isinstance(field, Field) and field.kind == "consent"
            return ["true"] if value else ["" if ticked else "false"]
        return [choice.token for choice in cast("Field", field).choices if choice.value == value]


def text_blocks(text: str) -> tuple[BlockView, ...]:
    """Paragraphs are parted by blank lines; lines that start with “- ” make a list."""
    blocks: list[BlockView] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        words = " ".join(line for line in lines if not line.startswith("- "))
        points = tuple(line[2:].strip() for line in lines if line.startswith("- "))
        blocks += ([BlockView(words)] if words else []) + ([BlockView(points=points)] if points else [])
    return tuple(blocks)
