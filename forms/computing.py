"""Computed answers: which fields a form computes, and putting their values. The caller evaluates the FEEL, forms
never do.
"""

from typing import Any

from forms.elements import Answers, Field, Form, Path
from forms.places import put, thaw
from forms.rules import every_question


def computed_fields(form: Form) -> tuple[tuple[Path, str], ...]:
    """The path and the FEEL text of every computed field outside repeats, in reading order."""
    return tuple(
        (question.path, question.options.compute)
        for page in form.pages
        for question in every_question(page.elements)
        if isinstance(question, Field) and question.options.compute
    )


def put_answer(answers: Answers, path: Path, value: Any) -> Answers:
    """A copy of the answers with `value` at `path`."""
    copy = thaw(answers)
    put(copy, path, value)
    return copy
