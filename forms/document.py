"""Document: the source of a form (JSON Schema, UI schema, translations) → `Form`, or every reason why not.

Reads once, when a bundle is published or its definition loaded; never reads answers.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any, cast

from forms.elements import Element, Form, JSONSchema, Page
from forms.errors import Finding, FormRefused, told
from forms.formats import compile_schema
from forms.layout import LayoutReader, Spot
from forms.references import Inliner
from forms.vocabulary import schema_findings, step, ui_findings

JSONObject = dict[str, Any]


def read_form(schema: Any, ui: Any = None, translations: Mapping[str, str] | None = None) -> Form:
    """The form a JSON Schema and a JSON Forms UI schema describe; without UI schema, one page asks every property in
    order.

    `translations` maps French texts of the form to English. Raises `FormRefused` with all findings.
    """
    findings = list(schema_findings(schema)) + ([] if ui is None else list(ui_findings(ui)))
    _refuse(findings)
    inliner = Inliner(cast("JSONObject", schema))
    inlined = inliner.inline()
    if not isinstance(inlined.get("properties"), dict):
        findings.append(
            Finding(
                "schema", "/type", "not-an-object", "Expected an object with properties: the questions of the form."
            )
        )
    _refuse(findings + inliner.findings)
    try:
        validator = compile_schema(inlined)
    except ValueError as error:
        raise FormRefused(
            (Finding("schema", "", "schema-invalid", told("This schema cannot be compiled: {0}", error)),)
        ) from error
    reader = LayoutReader(inliner.layouts)
    title = str(inlined.get("title", ""))
    pages = _with_ids(_pages(reader, inlined, cast("JSONObject | None", ui), title))
    _refuse(reader.findings)
    words = {**inliner.words, **(translations or {})}
    return Form(title, str(inlined.get("description", "")), pages, inlined, validator, words)


def _refuse(findings: Iterable[Finding]) -> None:
    if found := tuple(findings):
        raise FormRefused(found)


def _pages(reader: LayoutReader, schema: JSONSchema, ui: JSONObject | None, title: str) -> list[Page]:
    spot = Spot(schema)
    if ui is None:
        return [Page("", title, reader.generated(spot))]
    if ui["type"] == "Categorization":
        return _categories(reader, ui, spot, "")
    if ui["type"] == "Category":
        return [_category(reader, ui, spot, "")]
    return [Page("", title, reader.whole(ui, spot))]


def _categories(reader: LayoutReader, ui: JSONObject, spot: Spot, pointer: str) -> list[Page]:
    pages: list[Page] = []
    for rank, child in enumerate(cast("list[JSONObject]", ui.get("elements", []))):
        here = step(step(pointer, "elements"), rank)
        if child["type"] == "Categorization":
            pages += _categories(reader, child, spot, here)
        elif child["type"] == "Category":
            pages.append(_category(reader, child, spot, here))
        else:
            reader.findings.append(
                Finding("ui", here, "misplaced-element", "Only pages (Category) may stand in a Categorization.")
            )
    return pages


def _category(reader: LayoutReader, ui: JSONObject, spot: Spot, pointer: str) -> Page:
    options = reader.options(ui, pointer)
    elements: tuple[Element, ...] = reader.elements(ui.get("elements", []), spot, step(pointer, "elements"))
    return Page("", str(ui.get("label", "")), elements, options.hint, reader.rules(ui, spot, pointer), pointer)


def _with_ids(pages: list[Page]) -> tuple[Page, ...]:
    """Pages with an id each for addresses, made of the words of the title."""
    taken: set[str] = set()
    named: list[Page] = []
    for rank, page in enumerate(pages, start=1):
        plain = unicodedata.normalize("NFKD", page.title).encode("ascii", "ignore").decode().lower()
        slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60] or f"page-{rank}"
        slug = slug if slug not in taken else f"{slug}-{rank}"
        taken.add(slug)
        named.append(Page(slug, page.title, page.elements, page.hint, page.rules, page.source))
    return tuple(named)
