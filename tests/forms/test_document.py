"""What forms understand of JSON Schema and JSON Forms, and what they refuse with a pointer."""

from typing import Any

import pytest

from forms import FormRefused, read_form
from forms.elements import Field, Group, Repeat
from forms.kinds import shape_of
from forms.options import Options
from forms.references import fragment_names
from tests.forms.samples import a_form, control, every_kind


def findings_of(schema: Any, ui: Any = None) -> list[tuple[str, str, str]]:
    """Document, pointer and rule of each finding."""
    with pytest.raises(FormRefused) as refused:
        read_form(schema, ui)
    return [(finding.document, finding.pointer, finding.rule) for finding in refused.value.findings]


def test_categories_become_pages_with_readable_addresses() -> None:
    form = every_kind()

    assert [page.id for page in form.pages] == ["votre-evenement", "vos-coordonnees", "pieces-et-signature"]


def test_without_ui_schema_one_page_asks_every_property_in_order() -> None:
    form = read_form(
        {"type": "object", "title": "T", "properties": {"b": {"type": "string"}, "a": {"type": "integer"}}}
    )

    assert [(page.title, [each.path for each in page.elements if isinstance(each, Field)]) for page in form.pages] == [
        ("T", [("b",), ("a",)])
    ]


@pytest.mark.parametrize(
    ("schema", "shape"),
    [
        ({"type": "string"}, "text"),
        ({"type": "string", "maxLength": 2000}, "long_text"),
        ({"type": ["string", "null"], "format": "date"}, "date"),
        ({"type": "boolean"}, "yes_no"),
        ({"type": "boolean", "const": True}, "consent"),
        ({"enum": ["a", "b"]}, "choice"),
        ({"type": "array", "uniqueItems": True, "items": {"enum": ["a"]}}, "choices"),
        ({"type": "array", "items": {"type": "string"}}, "repeat"),
        ({"properties": {"a": {"type": "string"}}}, "group"),
        ({"type": "string", "readOnly": True}, "read_only"),
        ({}, None),
    ],
)
def test_the_schema_alone_decides_a_sensible_kind(schema: dict[str, Any], shape: str | None) -> None:
    assert shape_of(schema, Options()) == shape


def test_unknown_keywords_options_and_elements_are_refused_where_they_stand() -> None:
    schema = {"type": "object", "properties": {"a/b": {"type": "string", "x-mask": "1"}}, "prefixItems": []}
    ui = {"type": "VerticalLayout", "elements": [{"type": "Slider"}, control("a~1b", colour="red")]}

    found = findings_of(schema, ui)

    assert set(found) == {
        ("schema", "/prefixItems", "unknown-keyword"),
        ("schema", "/properties/a~1b/x-mask", "unknown-keyword"),
        ("ui", "/elements/0/type", "unknown-element"),
        ("ui", "/elements/1/options/colour", "unknown-option"),
    }


@pytest.mark.parametrize(
    ("schema", "rule"),
    [
        ([], "schema-shape"),
        ({"type": "string"}, "not-an-object"),
        ({"type": "object", "properties": {"a": {"type": "text"}}}, "unknown-type"),
        ({"type": "object", "properties": {"a": {"type": "string", "format": "colour"}}}, "unknown-format"),
        ({"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1/x"}}}, "reference"),
        ({"type": "object", "properties": {"a": {"$ref": "file:///etc/passwd"}}}, "reference"),
        ({"type": "object", "properties": {"a": {"$ref": "library/nothing.json"}}}, "reference"),
        ({"type": "object", "properties": {"a": {"$ref": "#"}}}, "reference"),
        ({"type": "object", "properties": {"a": {"$ref": "#/properties/a"}}}, "reference"),
        ({"type": "object", "properties": {"a": {"type": "string", "pattern": "(?=a)b"}}}, "schema-invalid"),
        ({"type": "object", "properties": {"a": {"type": "object"}}}, "no-field"),
    ],
)
def test_what_cannot_be_asked_or_checked_is_refused(schema: Any, rule: str) -> None:
    assert rule in [found[2] for found in findings_of(schema)]


def test_a_scope_that_leads_nowhere_is_refused() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}

    found = findings_of(schema, {"type": "VerticalLayout", "elements": [control("b")]})

    assert found == [("ui", "/elements/0/scope", "scope")]


def test_an_option_with_a_wrong_value_is_refused() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}}

    found = findings_of(schema, {"type": "VerticalLayout", "elements": [control("a", rows="many")]})

    assert found == [("ui", "/elements/0/options/rows", "option-value")]


def test_a_schema_nested_without_end_is_refused_not_recursed_into() -> None:
    schema: dict[str, Any] = {"type": "string"}
    for _ in range(3000):
        schema = {"type": "object", "properties": {"a": schema}}

    assert findings_of(schema)[0][2] == "schema-size"


@pytest.mark.parametrize("name", fragment_names())
def test_every_fragment_of_the_library_is_a_form_with_english_words(name: str) -> None:
    form = read_form({"type": "object", "properties": {"block": {"$ref": f"library/{name}.json"}}})

    element = form.pages[0].elements[0]
    words = [element.label] if not isinstance(element, Group) else [element.label, *_labels(element)]
    assert all(form.words(label, "en") == form.translations[label] for label in words)


def _labels(group: Group) -> list[str]:
    return [each.label for each in group.elements if isinstance(each, Field | Repeat | Group)]


def test_a_property_declared_by_a_condition_is_asked_only_then() -> None:
    form = a_form(
        {"kind": {"enum": ["a", "b"]}},
        allOf=[
            {
                "if": {"properties": {"kind": {"const": "a"}}, "required": ["kind"]},
                "then": {"properties": {"more": {"type": "string"}}, "required": ["more"]},
            }
        ],
    )

    more = form.pages[0].elements[1]

    assert isinstance(more, Field)
    assert (more.path, more.requirement, len(more.rules)) == (("more",), "sometimes", 1)
