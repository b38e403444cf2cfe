"""The pages a person goes through."""

from typing import Any

import pytest

from forms import Form, PageUnknown, last_page, next_page, previous_page, read_form, visible_pages
from tests.forms.samples import control, show_when


def a_journey() -> Form:
    """Three pages, the second only for associations."""
    properties = {name: {"type": "string", "title": name.upper()} for name in ("kind", "statutes", "story")}
    pages: list[dict[str, Any]] = [
        {"type": "Category", "label": "Vous", "elements": [control("kind")]},
        {
            "type": "Category",
            "label": "Statuts",
            "elements": [control("statutes")],
            "rule": show_when("kind", "association"),
        },
        {"type": "Category", "label": "Projet", "elements": [control("story")]},
    ]
    return read_form({"type": "object", "properties": properties}, {"type": "Categorization", "elements": pages})


def test_a_page_whose_rule_does_not_hold_is_left_out() -> None:
    form = a_journey()

    persons = [page.id for page in visible_pages(form, {"kind": "person"})]
    associations = [page.id for page in visible_pages(form, {"kind": "association"})]

    assert (persons, associations) == (["vous", "projet"], ["vous", "statuts", "projet"])


def test_going_on_and_back_skips_hidden_pages_and_ends_at_the_review() -> None:
    form, answers = a_journey(), {"kind": "person"}
    first, last = form.page("vous"), form.page("projet")

    assert next_page(form, first, answers) is last
    assert previous_page(form, last, answers) is first
    assert next_page(form, last, answers) is None
    assert previous_page(form, first, answers) is None
    assert last_page(form, answers) is last


def test_an_unknown_page_is_told() -> None:
    with pytest.raises(PageUnknown):
        a_journey().page("paiement")
