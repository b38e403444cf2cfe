"""The reference page tells the whole vocabulary."""

from pathlib import Path

from forms.formats import KNOWN
from forms.options import OPTION_NAMES
from forms.references import fragment_names
from forms.vocabulary import SCHEMA_KEYWORDS, UI_KEYWORDS

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "forms.md").read_text()


def test_every_keyword_element_format_option_and_fragment_is_documented() -> None:
    words = {*SCHEMA_KEYWORDS, *UI_KEYWORDS, *OPTION_NAMES, *KNOWN, *fragment_names()}

    assert sorted(word for word in words if f"`{word}`" not in PAGE) == []
