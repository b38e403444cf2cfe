"""Kinds: which sort of field a schema asks for, and its choices. Looks at one schema and its options; knows no
layout.
"""

import json
from typing import Any, Literal, cast

from forms.elements import Choice, Kind
from forms.options import Options

MOST_RADIOS = 7
BY_FORMAT: dict[str, Kind] = {"date": "date", "date-time": "moment", "time": "time", "email": "email", "phone": "phone"}
BY_WIDGET: dict[str, Kind] = {
    "textarea": "long_text",
    "consent": "consent",
    "checkbox": "consent",
    "money": "money",
    "slot": "slot",
    "phone": "phone",
    "email": "email",
    "attachments": "attachments",
    "signature": "signature",
    "read-only": "read_only",
    "date-parts": "date",
    "date-picker": "date",
}


def type_of(schema: dict[str, Any]) -> str:
    """The one JSON type a field is about, null set aside; "" when the schema does not tell."""
    written = schema.get("type")
    if isinstance(written, list):
        named = [str(name) for name in cast("list[Any]", written) if name != "null"]
        return named[0] if len(named) == 1 else ""
    if isinstance(written, str):
        return written
    if "properties" in schema:
        return "object"
    if "items" in schema:
        return "array"
    values = [choice.value for choice in choices_of(schema)]
    if values and all(isinstance(value, bool) for value in values):
        return "boolean"
    if values and all(isinstance(value, int | float) for value in values):
        return "number"
    return "string" if values else ""


def shape_of(schema: dict[str, Any], options: Options) -> Kind | Literal["group", "repeat"] | None:
    """The kind of field, or that it is a group or a repeat; None when forms cannot ask for such a value."""
    kind = type_of(schema)
    if schema.get("readOnly") is True or options.compute or options.widget == "read-only":
        return "read_only"
    if kind == "object":
        return "group" if schema.get("properties") else None
    if kind == "array":
        return _list_shape(schema, options)
    if kind == "boolean":
        return _boolean_kind(schema, options)
    if kind not in {"string", "number", "integer"}:
        return None
    if options.widget in BY_WIDGET:
        return BY_WIDGET[options.widget]
    if choices_of(schema) or options.source:
        return "choice"
    if kind in {"number", "integer"}:
        return "money" if options.unit == "€" else "number"
    if options.multi or (options.widget != "text" and int(schema.get("maxLength", 0)) > 300):
        return "long_text"
    return BY_FORMAT.get(str(schema.get("format")), "text")


def _list_shape(schema: dict[str, Any], options: Options) -> Kind | Literal["repeat"] | None:
    items = schema.get("items")
    if options.widget == "attachments":
        return "attachments"
    if not isinstance(items, dict):
        return None
    each = cast("dict[str, Any]", items)
    return "choices" if schema.get("uniqueItems") and (choices_of(each) or options.source) else "repeat"


def _boolean_kind(schema: dict[str, Any], options: Options) -> Kind:
    ticked = schema.get("const") is True or schema.get("enum") == [True]
    return "consent" if ticked or options.widget in {"consent", "checkbox"} else "yes_no"


def choices_of(schema: dict[str, Any]) -> tuple[Choice, ...]:
    """The closed list of answers a schema allows (`oneOf`/`anyOf` of constants with titles, `enum`, `const`); empty
    when it is open.
    """
    for keyword in ("oneOf", "anyOf"):
        branches = cast("list[Any]", schema.get(keyword, []))
        if branches and all(isinstance(branch, dict) and "const" in branch for branch in branches):
            named = cast("list[dict[str, Any]]", branches)
            return _with_tokens(
                [Choice(b["const"], str(b.get("title", b["const"])), str(b.get("description", ""))) for b in named]
            )
    values: list[Any] = [schema["const"]] if "const" in schema else list(cast("list[Any]", schema.get("enum", [])))
    return _with_tokens([Choice(value, str(value)) for value in values if value is not None])


def _with_tokens(choices: list[Choice]) -> tuple[Choice, ...]:
    plain = all(isinstance(choice.value, str) and choice.value.strip() == choice.value != "" for choice in choices)
    return tuple(
        Choice(c.value, c.label, c.hint, c.group, c.value if plain else json.dumps(c.value, ensure_ascii=True))
        for c in choices
    )
