"""Asking: which questions stand before a person now, where their answers are, and what they are called.

The order and the rules of a page are laid out once (`_steps`), so that walking a form costs little for each question.
Decides nothing about answers: see `validation`.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, cast

import msgspec

from forms.elements import Answers, Element, Field, Form, Group, Language, Page, Path, Repeat, Rule
from forms.messages import as_subject
from forms.places import look_up
from forms.rules import is_shown


class Asked(msgspec.Struct, frozen=True, eq=False):
    """A question as it stands before a person: which one and where its answer is. `prefix` names the item it is in."""

    question: Field | Repeat | Group
    path: Path
    page: Page
    container: Path
    prefix: str
    form: Form
    language: Language

    @property
    def label(self) -> str:
        """Its full name (“Véhicule 1 – Immatriculation”), put together only where it is said."""
        words = self.prefix + self.form.words(self.question.label, self.language)
        if isinstance(self.question, Group):
            return words
        return as_subject(words) if self.question.path else self.prefix.removesuffix(" – ")


class _Step(msgspec.Struct, frozen=True, eq=False):
    """An element of a page in reading order. Where its rules hide it, the walk goes on at `end`; one without a question
    only has rules.
    """

    rules: tuple[Rule, ...]
    end: int
    question: Field | Repeat | Group | None = None
    path: Path = ()


def asked_questions(form: Form, answers: Answers, language: Language, page: Page | None = None) -> Iterator[Asked]:
    """Every question now shown, items of repeats included, in reading order."""
    for each in form.pages if page is None else (page,):
        if is_shown(each.rules, answers):
            yield from _asked(form, each, each, answers, (), "", language)


def _asked(
    form: Form, page: Page, holder: Page | Repeat, answers: Answers, container: Path, prefix: str, language: Language
) -> Iterator[Asked]:
    here, steps, at = look_up(answers, container), _steps(holder), 0
    while at < len(steps):
        step = steps[at]
        if step.rules and not is_shown(step.rules, here):
            at = step.end
            continue
        at += 1
        question = step.question
        if question is None:
            continue
        path = (*container, *step.path) if container else step.path
        yield Asked(question, path, page, container, prefix, form, language)
        if isinstance(question, Repeat):
            yield from _asked_items(form, page, question, answers, path, prefix, language)


def _asked_items(
    form: Form, page: Page, repeat: Repeat, answers: Answers, path: Path, prefix: str, language: Language
) -> Iterator[Asked]:
    items = look_up(answers, path)
    title = form.words(repeat.item_label, language)
    for index in range(len(cast("list[Any]", items)) if isinstance(items, list) else 0):
        yield from _asked(form, page, repeat, answers, (*path, index), f"{prefix}{title} {index + 1} – ", language)


@lru_cache(4096)
def _steps(holder: Page | Repeat) -> tuple[_Step, ...]:
    """The elements of a page, or of an item, laid flat."""
    return tuple(_flat(holder.elements, 0))


def _flat(elements: Iterable[Element], at: int) -> Iterator[_Step]:
    for element in elements:
        if isinstance(element, Group):
            inside = list(_flat(element.elements, at + 1))
            at += 1 + len(inside)
            question = element if element.path is not None else None
            yield _Step(element.rules, at, question, element.path or ())
            yield from inside
        elif isinstance(element, Field | Repeat):
            at += 1
            yield _Step(element.rules, at, element, element.path)
