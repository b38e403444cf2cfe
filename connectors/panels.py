"""Panels: element templates as administrators of a language read them, with the town's connections as a list. Pure.

Templates are written in French. English comes from `english.json` for ours, and from `parvis.english` (French text →
English text) in anybody's; a text without English stays as it is.
"""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from connectors.catalogue import OURS, Catalogue, Template, template_of
from connectors.connections import Card

ENGLISH = Path(__file__).parent / "english.json"
SAID = frozenset({"name", "label", "description", "message"})
BOUND = frozenset({"binding", "icon", "engines"})
"""Parts of a template whose `name` is nobody's to read."""
USUAL, USUAL_NAMED = "Vide\u00a0: la connexion habituelle.", "Vide\u00a0: la connexion habituelle ({name})."


def template_in(template: Template, language: str) -> Template:
    """The template with its texts in this language (`fr` or `en`)."""
    if language == "fr":
        return template
    return template_of(msgspec.json.encode(document_in(template, language)), template.id)


def document_in(template: Template, language: str) -> dict[str, Any]:
    """The document with its texts in this language."""
    if language == "fr":
        return template.document
    own = template.document.get(OURS, {}).get("english", {})
    said: dict[str, Any] = _said(template.document, {**english(), **(own if isinstance(own, dict) else {})})
    return said


def panels(catalogue: Catalogue, cards: Iterable[Card], language: str) -> list[dict[str, Any]]:
    """What the modeler draws: every template, its input `connection` a list of this town's connections of its kind."""
    known = [each for each in cards if each.active]
    return [_panel(each, [one for one in known if one.kind == each.kind], language) for each in _jobs(catalogue)]


@cache
def english() -> dict[str, str]:
    """French text of our templates → English text."""
    found: dict[str, str] = json.loads(ENGLISH.read_text("utf-8"))
    return found


def _jobs(catalogue: Catalogue) -> list[Template]:
    return [each for each in catalogue.templates.values() if each.is_job]


def _panel(template: Template, cards: list[Card], language: str) -> dict[str, Any]:
    document = {key: part for key, part in document_in(template, language).items() if key != OURS}
    if template.connection is None:
        return document
    said = _usual(template, cards, language)
    choices = [{"name": each.title, "value": each.slug} for each in cards]
    properties = [_listed(part, choices, said) if _is_connection(part) else part for part in document["properties"]]
    return {**document, "properties": properties}


def _usual(template: Template, cards: list[Card], language: str) -> str:
    """What an empty choice means: the panel draws it by itself, without words."""
    words = english() if language == "en" else {}
    usual = template.connection.default if template.connection else ""
    named = next((each.title for each in cards if each.slug == usual), "")
    return words.get(USUAL_NAMED, USUAL_NAMED).format(name=named) if named else words.get(USUAL, USUAL)


def _listed(part: dict[str, Any], choices: list[dict[str, str]], said: str) -> dict[str, Any]:
    kept = {name: each for name, each in part.items() if name not in ("feel", "constraints", "value")}
    return {**kept, "type": "Dropdown", "choices": choices, "description": said}


def _is_connection(part: Mapping[str, Any]) -> bool:
    return part["binding"].get("type") == "zeebe:input" and part["binding"].get("name") == "connection"


def _said(value: Any, words: Mapping[str, str]) -> Any:
    match value:
        case dict():
            return {
                name: words.get(each, each)
                if name in SAID and isinstance(each, str)
                else each
                if name in BOUND
                else _said(each, words)
                for name, each in value.items()
            }
        case list():
            return [_said(each, words) for each in value]
        case _:
            return value
