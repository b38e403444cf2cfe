"""The reference page tells the whole vocabulary, and its examples run."""

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from forms import Attachment, check, read
from forms.elements import Field, Group, Kind, Repeat
from forms.formats import KNOWN
from forms.options import OPTION_NAMES
from forms.references import fragment_names
from forms.vocabulary import SCHEMA_KEYWORDS, UI_KEYWORDS
from tests.forms.browser import draw
from tests.forms.samples import NOW, SLOTS, a_form, control

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "forms.md").read_text()
EXAMPLES = [
    (kind, words, json.loads(block))
    for kind, words, block in re.findall(r"^\*\*(\w+)\*\*: ([^\n]+)\n\n```json\n(.+?)\n```", PAGE, re.M | re.S)
]


def test_every_keyword_element_format_option_and_fragment_is_documented() -> None:
    words = {*SCHEMA_KEYWORDS, *UI_KEYWORDS, *OPTION_NAMES, *KNOWN, *fragment_names()}

    assert sorted(word for word in words if f"`{word}`" not in PAGE) == []


def test_every_kind_of_field_has_its_example() -> None:
    assert {kind for kind, _, _ in EXAMPLES} == {*get_args(Kind), "group", "repeat"}


@pytest.mark.parametrize(
    ("kind", "example"), [(kind, each) for kind, _, each in EXAMPLES], ids=[e[1] for e in EXAMPLES]
)
def test_each_example_is_asked_read_and_accepted_as_the_page_says(kind: str, example: dict[str, Any]) -> None:
    form = a_form({"answer": example["schema"]}, control("answer", **example.get("options", {})))
    page = form.pages[0]
    sent = [
        (name, each)
        for name, typed in example["typed"].items()
        for each in ([typed] if isinstance(typed, str) else typed)
    ]

    reading = read(form, page, sent, {}, attachments={"u0": Attachment("u0", "plan.pdf")})
    drawn = draw(form, page, reading.answers, NOW, sources=SLOTS)

    assert kind_of(page.elements[0]) == kind
    assert reading.answers == ({} if example["answer"] is None else {"answer": example["answer"]})
    assert check(form, reading, now=NOW, sources=SLOTS) == []
    assert 'id="f-answer' in drawn


def kind_of(element: Any) -> str:
    """What the page calls it."""
    match element:
        case Field():
            return element.kind
        case Group():
            return "group"
        case Repeat():
            return "repeat"
        case _:
            return ""
