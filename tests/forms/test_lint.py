"""What a designer is told about a form that can be read but could be better."""

import json
import re
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po

from forms.lint import check
from tests.engine.test_lint import found_in
from tests.forms.samples import EVERY_KIND, EVERY_KIND_UI, control, show_when

ROOT = Path(__file__).parents[2]


def rules_of(schema: Any, ui: Any = None, **options: Any) -> list[str]:
    """The rules broken."""
    return [finding.rule for finding in check(schema, ui, **options)]


def category(label: str, *elements: dict[str, Any], **keywords: Any) -> dict[str, Any]:
    """A page."""
    return {"type": "Category", "label": label, "elements": list(elements), **keywords}


def test_a_careful_form_has_no_finding() -> None:
    assert rules_of(EVERY_KIND, EVERY_KIND_UI, purpose_of_procedure=True) == ["missing-autocomplete"] * 0


def test_a_form_that_cannot_be_read_gives_its_errors() -> None:
    found = check({"type": "object", "properties": {"a": {"type": "string", "x": 1}}})

    assert [(finding.severity, finding.pointer) for finding in found] == [("error", "/properties/a/x")]


def test_questions_no_page_asks_are_found() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "title": "A"}, "b": {"type": "string", "title": "B"}},
    }

    assert rules_of(schema, {"type": "Categorization", "elements": [category("Un", control("a"))]}) == [
        "unreachable-field"
    ]


def test_rules_that_read_a_later_page_are_found() -> None:
    schema = {
        "type": "object",
        "properties": {"a": {"type": "string", "title": "A"}, "b": {"type": "string", "title": "B"}},
    }
    ui = {
        "type": "Categorization",
        "elements": [category("Un", control("a", show_when("b", "x"))), category("Deux", control("b"))],
    }

    assert rules_of(schema, ui) == ["later-rule"]


def test_a_page_that_waits_for_itself_is_found() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "title": "A"}}}
    ui = {"type": "Categorization", "elements": [category("Un", control("a"), rule=show_when("a", "x"))]}

    assert rules_of(schema, ui) == ["unreachable-page"]


def test_choices_without_titles_and_required_questions_that_hide_are_found() -> None:
    schema = {
        "type": "object",
        "required": ["b"],
        "properties": {"a": {"title": "A", "enum": ["x", "y"]}, "b": {"type": "string", "title": "B"}},
    }
    ui = {"type": "Categorization", "elements": [category("Un", control("a"), control("b", show_when("a", "x")))]}

    assert rules_of(schema, ui) == ["choices-without-titles", "required-but-hidden"]


def test_personal_questions_say_their_purpose_and_help_browsers_fill_them() -> None:
    schema = {
        "type": "object",
        "title": "T",
        "properties": {"n": {"type": "string", "title": "Nom"}, "e": {"$ref": "library/email.json"}},
    }

    assert rules_of(schema) == ["missing-autocomplete", "missing-purpose"]


def test_texts_without_english_are_found() -> None:
    schema = {"type": "object", "title": "Essai", "properties": {"a": {"type": "string", "title": "Couleur"}}}

    assert rules_of(schema, None, translations={"Essai": "Test"}) == ["untranslated"]


def test_everything_said_to_a_designer_is_said_in_french_too() -> None:
    source = "".join(file.read_text("utf-8") for file in sorted((ROOT / "forms").glob("*.py")))
    templates = set(re.findall(r'told\(\s*"([^"]+)"', source))

    with (ROOT / "locale/fr/LC_MESSAGES/forms.po").open("rb") as file:
        known = {message.id for message in read_po(file) if message.string}

    assert len(templates) > 20
    assert templates - known == set()


def test_the_deploy_gate_passes_the_advice_on_with_its_place() -> None:
    schema = {"type": "object", "title": "T", "properties": {"colour": {"enum": ["red"], "title": "Couleur"}}}
    files = {"forms/advice.schema.json": json.dumps(schema).encode()}

    found = [each for each in found_in(files=files) if each.rule == "forms-finished" and "advice" in each.file]

    assert [(each.severity, each.file) for each in found] == [("warning", "forms/advice.ui.json")]
    assert "give each choice a title" in found[0].says()
