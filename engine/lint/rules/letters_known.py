"""Every letter a connector sends is in the bundle, in French and in English, and begins with its subject."""

from collections.abc import Iterator

from engine.elements import Element
from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "letters-known"
INPUTS = ("letter", "reminder_letter")
FIRST_LINES = {"fr": "Objet :", "en": "Subject:"}


def check(subject: Subject) -> Iterator[Finding]:
    """Errors for letters that are not there or have no subject; a warning for a missing English text."""
    for element in subject.elements:
        given = {**subject.inputs(element), **element.headers} if element.job_type else {}
        for letter in filter(None, (given.get(name) for name in INPUTS)):
            if not letter.startswith("="):
                yield from _check(subject, element, letter)
    yield from _subjects(subject)


def _check(subject: Subject, element: Element, letter: str) -> Iterator[Finding]:
    for language in FIRST_LINES:
        if f"{letter}.{language}" not in subject.definition.letters:
            yield subject.found(
                RULE,
                "error" if language == "fr" else "warning",
                element,
                "“{name}” sends the letter “{letter}”, but the bundle has no letters/{letter}.{language}.txt.",
                "Add the letter, or name another.",
                letter=letter,
                language=language,
            )


def _subjects(subject: Subject) -> Iterator[Finding]:
    for letter, text in subject.definition.letters.items():
        expected = FIRST_LINES.get(letter.rpartition(".")[2], "")
        first = text.lstrip("\ufeff").split("\n", 1)[0].replace("\u00a0", " ").replace("\u202f", " ")
        if not first.startswith(expected):
            yield Finding(
                rule=RULE,
                severity="error",
                file=f"letters/{letter}.txt",
                element=None,
                message="The letter does not begin with its subject.",
                way_out="Write “{expected} …” on its first line, then an empty line.",
                parameters={"expected": expected},
            )
