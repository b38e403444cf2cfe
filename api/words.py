"""Words: what the reference says, in the language of its reader. Message ids are English sentences; the French ones
are in `locale/fr/LC_MESSAGES/reference.po`.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

LANGUAGES = ("fr", "en")
CATALOGUE = Path(__file__).parents[1] / "locale" / "fr" / "LC_MESSAGES" / "reference.po"


def choose(asked: str, remembered: str, default: str) -> str:
    """The language to answer in: the one asked for, else the one chosen before, else the town's, else French."""
    return next((code for code in (asked, remembered, default) if code in LANGUAGES), "fr")


@cache
def words(code: str) -> Mapping[str, str]:
    """The sentences of a language by their ids; English needs none."""
    if code != "fr":
        return {}
    with CATALOGUE.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale=code) if message.id}


def say(code: str, sentence: str) -> str:
    """The sentence in a language; as it is where it has no translation (a test looks for such)."""
    return words(code).get(sentence, sentence)
