"""The closed vocabulary: which keywords of JSON Schema and JSON Forms a form may use. Anything else is a finding with
its pointer.

Looks at the source as written, before references are inlined, so that pointers lead where the designer wrote.
"""

from collections.abc import Iterator
from typing import Any, cast

from forms.errors import Finding, told
from forms.formats import KNOWN
from forms.options import OPTION_NAMES

SCHEMA_KEYWORDS = frozenset(
    [
        "$schema",
        "$id",
        "$ref",
        "$defs",
        "$comment",
        "title",
        "description",
        "default",
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "type",
        "enum",
        "const",
        "properties",
        "required",
        "additionalProperties",
        "unevaluatedProperties",
        "patternProperties",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "dependentRequired",
        "dependentSchemas",
        "allOf",
        "anyOf",
        "oneOf",
        "not",
        "if",
        "then",
        "else",
        "items",
        "minItems",
        "maxItems",
        "uniqueItems",
        "contains",
        "minContains",
        "maxContains",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "contentMediaType",
        "contentEncoding",
    ]
)
ONE_SCHEMA = ("not", "if", "then", "else", "items", "contains", "propertyNames")
MANY_SCHEMAS = ("allOf", "anyOf", "oneOf")
NAMED_SCHEMAS = ("properties", "$defs", "dependentSchemas", "patternProperties")
TYPES = frozenset({"object", "array", "string", "number", "integer", "boolean", "null"})
UI_KEYWORDS = {
    "Categorization": {"type", "elements", "label", "options", "rule", "i18n"},
    "Category": {"type", "elements", "label", "options", "rule", "i18n"},
    "Group": {"type", "elements", "label", "options", "rule", "i18n"},
    "VerticalLayout": {"type", "elements", "options", "rule"},
    "HorizontalLayout": {"type", "elements", "options", "rule"},
    "Control": {"type", "scope", "label", "options", "rule", "i18n"},
    "Label": {"type", "text", "options", "rule", "i18n"},
}
RULE_KEYWORDS = {"effect", "condition", "options"}
CONDITION_KEYWORDS = {"type", "scope", "schema", "expectedValue", "failWhenUndefined", "conditions"}
DEEPEST, MOST_NODES = 16, 4000


def step(pointer: str, key: str | int) -> str:
    """The pointer one step further down."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def schema_findings(schema: Any, pointer: str = "") -> Iterator[Finding]:
    """What of the schema is outside our subset. Nothing is found in a schema that may be read."""
    count = 0
    stack: list[tuple[Any, str, int]] = [(schema, pointer, 0)]
    while stack:
        node, here, depth = stack.pop()
        count += 1
        if count > MOST_NODES or depth > DEEPEST:
            yield Finding(
                "schema",
                here,
                "schema-size",
                told("At most {0} levels and {1} schemas: split the form.", DEEPEST, MOST_NODES),
            )
            return
        if isinstance(node, bool) and here:
            continue
        if not isinstance(node, dict):
            yield Finding("schema", here, "schema-shape", "Expected a schema (an object) here.")
            continue
        keywords = cast("dict[str, Any]", node)
        yield from _keyword_findings(keywords, here)
        stack.extend(_below(keywords, here, depth + 1))


def _keyword_findings(node: dict[str, Any], here: str) -> Iterator[Finding]:
    for keyword in node:
        if keyword not in SCHEMA_KEYWORDS:
            yield Finding(
                "schema",
                step(here, keyword),
                "unknown-keyword",
                told("“{0}” is not a keyword forms understand.", keyword),
            )
    kinds = node.get("type", [])
    for name in cast("list[Any]", kinds) if isinstance(kinds, list) else [kinds]:
        if name not in TYPES:
            yield Finding("schema", step(here, "type"), "unknown-type", told("“{0}” is not a type.", name))
    text_format = node.get("format")
    if text_format is not None and text_format not in KNOWN:
        known = ", ".join(sorted(KNOWN))
        yield Finding(
            "schema", step(here, "format"), "unknown-format", told("“{0}” is not one of {1}.", text_format, known)
        )
    for keyword in ("additionalProperties", "unevaluatedProperties"):
        if not isinstance(node.get(keyword, True), bool):
            message = "Only true or false: a form asks named questions."
            yield Finding("schema", step(here, keyword), "free-properties", message)


def _below(node: dict[str, Any], here: str, depth: int) -> Iterator[tuple[Any, str, int]]:
    for keyword in ONE_SCHEMA:
        if keyword in node:
            yield node[keyword], step(here, keyword), depth
    for keyword in MANY_SCHEMAS:
        branches = node.get(keyword, [])
        for rank, branch in enumerate(cast("list[Any]", branches) if isinstance(branches, list) else [branches]):
            yield branch, step(step(here, keyword), rank), depth
    for keyword in NAMED_SCHEMAS:
        named = node.get(keyword, {})
        if isinstance(named, dict):
            for name, branch in cast("dict[str, Any]", named).items():
                yield branch, step(step(here, keyword), name), depth
        else:
            yield named, step(here, keyword), depth


def ui_findings(ui: Any, pointer: str = "", depth: int = 0) -> Iterator[Finding]:
    """What of the UI schema is outside our subset."""
    if not isinstance(ui, dict) or depth > DEEPEST:
        yield Finding("ui", pointer, "ui-shape", "Expected an element of a UI schema (an object with a type) here.")
        return
    element = cast("dict[str, Any]", ui)
    allowed = UI_KEYWORDS.get(str(element.get("type")))
    if allowed is None:
        yield Finding(
            "ui",
            step(pointer, "type"),
            "unknown-element",
            told("“{0}” is not an element forms understand.", element.get("type")),
        )
        return
    for keyword in element.keys() - allowed:
        yield Finding(
            "ui",
            step(pointer, keyword),
            "unknown-keyword",
            told("“{0}” means nothing on a {1}.", keyword, element["type"]),
        )
    yield from _option_findings(element.get("options", {}), step(pointer, "options"), depth)
    yield from _rule_findings(element.get("rule"), step(pointer, "rule"))
    children = element.get("elements", [])
    if not isinstance(children, list):
        yield Finding("ui", step(pointer, "elements"), "ui-shape", "Expected a list of elements.")
        return
    for rank, child in enumerate(cast("list[Any]", children)):
        yield from ui_findings(child, step(step(pointer, "elements"), rank), depth + 1)


def _option_findings(options: Any, pointer: str, depth: int) -> Iterator[Finding]:
    if not isinstance(options, dict):
        yield Finding("ui", pointer, "ui-shape", "Expected options (an object).")
        return
    named = cast("dict[str, Any]", options)
    for name in named.keys() - OPTION_NAMES:
        yield Finding(
            "ui", step(pointer, name), "unknown-option", told("“{0}” is not an option forms understand.", name)
        )
    if isinstance(named.get("detail"), dict):
        yield from ui_findings(named["detail"], step(pointer, "detail"), depth + 1)


def _rule_findings(rule: Any, pointer: str) -> Iterator[Finding]:
    if rule is None:
        return
    if not isinstance(rule, dict):
        yield Finding("ui", pointer, "ui-shape", "Expected a rule (an object with an effect and a condition).")
        return
    written = cast("dict[str, Any]", rule)
    for keyword in written.keys() - RULE_KEYWORDS:
        yield Finding("ui", step(pointer, keyword), "unknown-keyword", told("“{0}” means nothing in a rule.", keyword))
    if written.get("effect") not in {"SHOW", "HIDE", "ENABLE", "DISABLE"}:
        yield Finding("ui", step(pointer, "effect"), "unknown-effect", "Expected SHOW, HIDE, ENABLE or DISABLE.")
    yield from _condition_findings(written.get("condition"), step(pointer, "condition"))


def _condition_findings(condition: Any, pointer: str, depth: int = 0) -> Iterator[Finding]:
    if not isinstance(condition, dict) or depth > DEEPEST:
        yield Finding("ui", pointer, "ui-shape", "Expected a condition (an object with a scope and a schema).")
        return
    written = cast("dict[str, Any]", condition)
    for keyword in written.keys() - CONDITION_KEYWORDS:
        yield Finding(
            "ui", step(pointer, keyword), "unknown-keyword", told("“{0}” means nothing in a condition.", keyword)
        )
    for rank, part in enumerate(cast("list[Any]", written.get("conditions", []))):
        yield from _condition_findings(part, step(step(pointer, "conditions"), rank), depth + 1)
    if "schema" in written:
        for finding in schema_findings(written["schema"], step(pointer, "schema")):
            yield Finding("ui", finding.pointer, finding.rule, finding.message)
