"""Prefilling: what a form may begin with: what the town knows of the account, what a signed link says, the schema's own
defaults. Only values that are valid answers to questions asked; the person sees and may change every one of them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from forms.elements import Answers, Element, Field, Form, Group
from forms.formats import compile_schema
from forms.places import put, thaw
from forms.settling import drop_hidden

NEVER = frozenset({"read_only", "consent", "attachments", "signature", "slot"})


def prefilled(form: Form, known: Mapping[str, Any]) -> Answers:
    """First answers of a form. `known` gives values by the words of option `prefill` (`account.email`, `link.theme`);
    a value that the question would refuse is left out. Consent, signature, files and slots are never prefilled.
    """
    answers: Answers = {}
    for page in form.pages:
        for field in _fields(page.elements):
            value = known.get(field.options.prefill, field.schema.get("default"))
            if value is not None and field.kind not in NEVER and compile_schema(field.schema).is_valid(value):
                put(answers, field.path, thaw(value))
    drop_hidden(form, answers)
    return answers


def _fields(elements: Iterable[Element]) -> Iterator[Field]:
    for element in elements:
        if isinstance(element, Group):
            yield from _fields(element.elements)
        elif isinstance(element, Field):
            yield element
