"""The reference pages of FEEL are those that the built-in functions and their executed examples make."""

import pytest

from engine.feel.builtins import BUILTINS
from tests.feel.descriptions import DESCRIPTIONS
from tests.feel.reference import PAGES, examples, page


def test_every_built_in_function_is_documented_with_an_example_that_answers() -> None:
    assert sorted(examples()) == sorted(BUILTINS)
    assert "`null`" not in page("en").partition("## ")[2]


def test_every_built_in_function_is_described_in_both_languages() -> None:
    assert sorted(DESCRIPTIONS) == sorted(BUILTINS)
    assert all(one["en"] and one["fr"] and one["en"] != one["fr"] for one in DESCRIPTIONS.values())


@pytest.mark.parametrize(("language", "name"), [("en", "feel.md"), ("fr", "feel.fr.md")])
def test_the_documented_pages_are_up_to_date(language: str, name: str) -> None:
    assert (PAGES / name).read_text("utf-8") == page(language), "run: python -m tests.feel.reference"
