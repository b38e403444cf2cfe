"""What citizens read is there in English too: manifest and forms (letters: see `letters_known`)."""

from collections.abc import Iterator
from typing import Any, cast

from engine.lint.finding import Finding
from engine.lint.subject import Subject
from engine.manifest import manifest_document

RULE = "translations-given"


def check(subject: Subject) -> Iterator[Finding]:
    """One warning for each text of the manifest, and each form, without English."""
    for path in _untranslated(manifest_document(subject.bundle.manifest), ""):
        yield _found("manifest.json", "“{path}” has no English text.", path=path)
    for name, source in subject.definition.forms.items():
        if not source.translations and (source.schema.get("properties") or source.ui):
            yield _found(f"forms/{name}.schema.json", "The form has no English words.", path=f"forms/{name}.en.json")


def _untranslated(value: Any, path: str) -> Iterator[str]:
    if isinstance(value, dict):
        inner = cast("dict[str, Any]", value)
        if inner.keys() == {"fr", "en"}:
            if not inner["en"] and inner["fr"]:
                yield path
            return
        for name, each in inner.items():
            yield from _untranslated(each, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, each in enumerate(cast("list[Any]", value)):
            yield from _untranslated(each, f"{path}[{index}]")


def _found(file: str, message: str, path: str) -> Finding:
    return Finding(
        rule=RULE,
        severity="warning",
        file=file,
        element=None,
        message=message,
        way_out="Add it: “{path}”.",
        parameters={"path": path},
    )
