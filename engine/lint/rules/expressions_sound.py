"""Every FEEL expression of the diagrams and the manifest calls functions that exist, with values that can fit."""

from collections.abc import Iterator
from typing import Any

from engine.feel import FeelError, compile_expression
from engine.feel.checks import checks_of, placed
from engine.lint.finding import Finding
from engine.lint.subject import Subject

RULE = "expressions-sound"
MESSAGE = "The expression “{expression}” cannot work: {reason}"
WAY_OUT = "Correct the expression; the panel “Try it” shows what it answers."


def check(subject: Subject) -> Iterator[Finding]:
    """One finding for each mistake: an error for a function that does not exist, a warning for the rest."""
    texts = [("manifest.json", None, text[1:]) for text in subject.bundle.manifest.expressions().values()]
    for file, root in subject.roots.items():
        texts += [(file, element, text) for element, text in expressions_in(root)]
    for file, element, text in dict.fromkeys(texts):
        try:
            found = checks_of(compile_expression(text.strip()))
        except FeelError:
            continue
        for each in found:
            yield Finding(
                rule=RULE,
                severity="error" if each.severity == "error" else "warning",
                file=file,
                element=element,
                message=MESSAGE,
                way_out=WAY_OUT,
                parameters={"expression": text.strip(), "reason": placed(each, text.strip())},
            )


def expressions_in(node: Any, element: str | None = None) -> Iterator[tuple[str | None, str]]:
    """Every text or attribute that begins with `=`, with the id of the element around it."""
    element = node.get("id") or element
    texts = [node.text or "", *(node.attrib[name] for name in node.attrib)]
    for text in texts:
        if text.strip().startswith("="):
            yield element, text.strip()[1:]
    for child in node:
        yield from expressions_in(child, element)
