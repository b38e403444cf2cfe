"""Letters: the texts of a bundle with their placeholders filled. Placeholders only: nothing is ever evaluated.

A letter is a subject line (`Objet : …`, `Subject: …`), an empty line, and paragraphs. A line whose placeholders are all
empty is left out when it has no other word, or only a label (`Téléphone :`).
"""

import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import msgspec

from connectors.errors import LetterBroken, LetterMissing
from connectors.wording import said
from engine import deployments
from engine.bundle import Bundle
from engine.feel.sentences import Sentence

PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}")
SUBJECT = re.compile(r"(?:Objet|Subject)\s*:\s*(.+)", re.IGNORECASE)
KEPT = 64
NO_LETTER = "The procedure has no letter “{0}”."

LetterSource = Callable[[str, str, str], Awaitable[str]]
"""(definition hash, letter name, language) → its text. Raises `LetterMissing`."""


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter ready to leave. Values are plain text: whoever lays it out escapes it."""

    subject: str
    paragraphs: tuple[str, ...]
    language: str

    @property
    def text(self) -> str:
        """The body as plain text."""
        return "\n\n".join(self.paragraphs) + "\n"


def write(source: str, values: Mapping[str, Any], language: str, timezone: str = "Europe/Paris") -> Letter:
    """The letter with its placeholders filled. Raises `LetterBroken`."""
    first, _, body = source.replace("\r\n", "\n").lstrip("\ufeff\n ").partition("\n")
    subject = SUBJECT.fullmatch(first.strip())
    if subject is None or "{%" in source or "{#" in source or "{{" in PLACEHOLDER.sub("", source):
        raise LetterBroken()
    paragraphs = (_paragraph(each, values, language, timezone) for each in re.split(r"\n\s*\n", body.strip()))
    return Letter(
        subject=" ".join(_filled(subject[1], values, language, timezone).split()),
        paragraphs=tuple(each for each in paragraphs if each),
        language=language,
    )


def placeholders_of(source: str) -> frozenset[str]:
    """The paths a letter reads, for the deploy gate."""
    return frozenset(PLACEHOLDER.findall(source))


class DeployedLetters:
    """Letters of deployed versions, a few bundles kept in memory: a version never changes."""

    def __init__(self, bundle_of: Callable[[str], Awaitable[Bundle]] = deployments.bundle_of) -> None:
        self._bundle_of = bundle_of
        self._kept: OrderedDict[str, Bundle] = OrderedDict()

    async def __call__(self, definition_hash: str, name: str, language: str) -> str:
        """The letter in the language, else in French. Raises `LetterMissing`."""
        bundle = await self._bundle(definition_hash)
        for wanted in (f"letters/{name}.{language}.txt", f"letters/{name}.fr.txt"):
            if wanted in bundle.files:
                return bundle.text(wanted)
        raise LetterMissing(Sentence(NO_LETTER, (name,)))

    async def _bundle(self, definition_hash: str) -> Bundle:
        if definition_hash not in self._kept:
            self._kept[definition_hash] = await self._bundle_of(definition_hash)
            if len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return self._kept[definition_hash]


def _paragraph(text: str, values: Mapping[str, Any], language: str, timezone: str) -> str:
    lines = (_line(each, values, language, timezone) for each in text.splitlines())
    return "\n".join(each for each in lines if each is not None).strip()


def _line(line: str, values: Mapping[str, Any], language: str, timezone: str) -> str | None:
    """The line filled; None for one that has nothing left to say: empty placeholders alone, or behind a label."""
    filled = _filled(line, values, language, timezone).rstrip()
    empty = PLACEHOLDER.search(line) is not None and filled.strip() == PLACEHOLDER.sub("", line).strip()
    words = PLACEHOLDER.sub("", line).strip()
    return None if empty and (not words or words.endswith(":")) else filled


def _filled(text: str, values: Mapping[str, Any], language: str, timezone: str) -> str:
    return PLACEHOLDER.sub(lambda found: said(_value(found[1], values), language, timezone), text)


def _value(path: str, values: Mapping[str, Any]) -> Any:
    found: Any = values
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found
