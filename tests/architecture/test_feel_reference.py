"""The reference pages of FEEL are those that the built-in functions and their executed examples make."""

import pytest

from engine.feel.builtins import BUILTINS
from tests.feel.reference import PAGES, examples, page


def test_every_built_in_function_is_documented_with_an_example_that_answers() -> None:
    assert sorted(examples()) == sorted(BUILTINS)
    assert "`null`" not in page("en").partition("## ")[2]


@pytest.mark.parametrize(("language", "name"), [("en", "feel.md"), ("fr", "feel.fr.md")])
def test_the_documented_pages_are_up_to_date(language: str, name: str) -> None:
    assert (PAGES / name).read_text("utf-8") == page(language), "run: python -m tests.feel.reference"
