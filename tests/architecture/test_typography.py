"""French spaces: in the words of the screens of citizens and agents no line begins with a colon or a closing mark."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

CATALOGUES = Path(__file__).parents[2] / "locale" / "fr" / "LC_MESSAGES"
# What the engine and the connectors say also goes to command lines, logs and machine clients, with plain spaces.
SCREENS = ("parvis", "forms", "connections")
BREAKABLE = re.compile(r"(?<=\S) (?=[:;?!»])|(?<=«) ")


@pytest.mark.parametrize("name", SCREENS)
def test_french_punctuation_is_held_by_no_break_spaces(name: str) -> None:
    with (CATALOGUES / f"{name}.po").open("rb") as file:
        told = [message.string for message in read_po(file) if message.id]

    texts = [text for each in told for text in ((each,) if isinstance(each, str) else each)]

    assert [text for text in texts if BREAKABLE.search(text)] == []
    assert any("\u00a0" in text for text in texts)
