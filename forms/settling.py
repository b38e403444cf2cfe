"""Settling: answers come to rest under the one rule for hidden answers, *an answer exists only while its question is
shown*. What hides may be computed, and what is computed may read what hides: both are done again until nothing changes.
The caller evaluates FEEL, forms never do.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, cast

from forms.elements import Answers, Element, Field, Form, Group, Page, Path, Repeat
from forms.places import MISSING, look_up, put, remove, thaw
from forms.rules import every_question, is_shown, shown_questions

MOST_ROUNDS = 20
"""Only computed answers that chase each other in a circle come this far; typed ones only ever go."""

Evaluate = Callable[[str, Answers], Any]


def settle(form: Form, answers: Answers, evaluate: Evaluate) -> Answers:
    """A copy of the answers without hidden ones and with what the form computes. `evaluate` gives the value of a FEEL
    text, None where there is none yet.
    """
    settled: Answers = thaw(answers)
    drop_hidden(form, settled)
    for _ in range(MOST_ROUNDS):
        before = thaw(settled)
        for page in form.pages:
            _compute(page.elements if is_shown(page.rules, settled) else (), settled, evaluate)
        drop_hidden(form, settled)
        if settled == before:
            break
    return settled


def _compute(elements: Iterable[Element], answers: Answers, evaluate: Evaluate) -> None:
    for question, _ in shown_questions(elements, answers):
        if isinstance(question, Field) and question.options.compute:
            value = evaluate(question.options.compute, answers)
            if value is not None:
                put(answers, question.path, value)
            else:
                remove(answers, question.path)


def drop_hidden(form: Form, answers: Answers) -> None:
    """Remove, in place, every answer whose question is nowhere shown; again, as a removal may hide further ones. What
    is asked in two places is dropped when both are hidden.
    """
    while _drop(form, answers):
        pass
    _drop_in_items((question for page in form.pages for question in every_question(page.elements)), answers)
    _prune(answers, (), set(_blocks_of(form, answers)))


def _drop(form: Form, answers: Answers) -> bool:
    pages = [page.elements for page in form.pages if is_shown(page.rules, answers)]
    shown = {question.path for elements in pages for question, _ in shown_questions(elements, answers)}
    return _remove_all((q for page in form.pages for q in every_question(page.elements)), shown, answers)


def _drop_in_items(questions: Iterable[Field | Repeat], container: Answers) -> None:
    for repeat in questions:
        items = look_up(container, repeat.path) if isinstance(repeat, Repeat) else MISSING
        for item in cast("list[Any]", items) if isinstance(items, list) else ():
            if isinstance(repeat, Repeat) and isinstance(item, dict):
                drop_hidden_in(repeat, cast("Answers", item))
                _drop_in_items(every_question(repeat.elements), cast("Answers", item))


def drop_hidden_in(repeat: Repeat, item: Answers) -> None:
    """The same in one item of a list: its rules look at the item alone."""
    while _remove_all(
        every_question(repeat.elements), {q.path for q, _ in shown_questions(repeat.elements, item)}, item
    ):
        pass


def _remove_all(questions: Iterable[Field | Repeat], shown: set[Path], container: Answers) -> bool:
    hidden = {q.path for q in questions if q.path not in shown and look_up(container, q.path) is not MISSING}
    for path in hidden:
        remove(container, path)
    return bool(hidden)


def tidy_page(form: Form, page: Page, answers: Answers) -> None:
    """Objects left empty go, except blocks the schema asks for; those of this page stay, even empty."""
    _put_blocks(answers, _required_blocks(page.elements, answers) if is_shown(page.rules, answers) else ())
    _prune(answers, (), set(_blocks_of(form, answers)))


def tidy_item(repeat: Repeat, item: Answers) -> bool:
    """The same in one item of a list. True: nothing is left of it."""
    kept = set(_required_blocks(repeat.elements, item))
    _put_blocks(item, kept)
    return _prune(item, (), kept)


def _required_blocks(elements: Iterable[Element], container: Answers) -> Iterator[Path]:
    for element in elements:
        if isinstance(element, Group) and is_shown(element.rules, container):
            if element.path and not element.optional:
                yield element.path
            yield from _required_blocks(element.elements, container)


def _blocks_of(form: Form, answers: Answers) -> Iterator[Path]:
    for page in form.pages:
        if is_shown(page.rules, answers):
            yield from _required_blocks(page.elements, answers)


def _put_blocks(container: Answers, blocks: Iterable[Path]) -> None:
    for path in sorted(set(blocks), key=len):
        above = look_up(container, path[:-1])
        if isinstance(above, dict) and (above or len(path) == 1) and look_up(container, path) is MISSING:
            put(container, path, {})


def _prune(container: Answers, path: Path, kept: set[Path]) -> bool:
    """Remove blank objects; tells whether the container is blank: nothing in it but blank blocks that are asked for."""
    blank = True
    for name, value in list(container.items()):
        if not isinstance(value, dict) or not _prune(cast("Answers", value), (*path, name), kept):
            blank = False
        elif (*path, name) not in kept:
            del container[name]
    return blank
