"""Foreign forms: a form of the form-js editor (`.form`) as a JSON Schema that our pages can show. Pure.

What a JSON Schema cannot say (buttons, images, layouts of columns) is left; the original is kept beside it. A component
that would take answers but is not known becomes a text field: no answer is lost.
"""

import re
from collections.abc import Iterator
from typing import Any

from api.errors import InvalidArgument

SHOWN_ONLY = {"text", "html", "button", "image", "separator", "spacer", "iframe", "table", "documentPreview"}
HOLDING = {"group", "dynamiclist"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def schema_of(document: Any) -> dict[str, Any]:
    """The JSON Schema of a form document. Raises `InvalidArgument`."""
    if not isinstance(document, dict) or not isinstance(document.get("components"), list):
        raise InvalidArgument("Expected a form with “components”, but this file is none.")
    properties: dict[str, Any] = {}
    required: list[str] = []
    for component in _asking(document["components"]):
        key = component["key"]
        properties[key] = _property(component)
        if _validation(component).get("required"):
            required.append(key)
    title = str(document.get("title") or document.get("id") or "Formulaire")
    schema: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "title": title,
        "properties": properties,
    }
    return schema | ({"required": required} if required else {})


def id_of(document: Any) -> str:
    """The form's id. Raises `InvalidArgument`."""
    found = document.get("id") if isinstance(document, dict) else None
    if not isinstance(found, str) or not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]{0,99}", found):
        raise InvalidArgument("Expected the form to have an id of letters, digits, “_”, “-” and “.”.")
    return found


def _asking(components: list[Any]) -> Iterator[dict[str, Any]]:
    for component in components:
        if not isinstance(component, dict):
            raise InvalidArgument("Expected each component of the form to be an object.")
        kind = component.get("type")
        if kind in HOLDING and isinstance(component.get("components"), list):
            yield from _asking(component["components"])
        elif kind not in SHOWN_ONLY and isinstance(component.get("key"), str) and _NAME.fullmatch(component["key"]):
            yield component


def _property(component: dict[str, Any]) -> dict[str, Any]:
    label = component.get("label") or component.get("dateLabel") or component["key"]
    shown = {"title": str(label)} | (
        {"description": str(component["description"])} if component.get("description") else {}
    )
    return shown | _type(component)


def _type(component: dict[str, Any]) -> dict[str, Any]:
    limits = _validation(component)
    match component.get("type"):
        case "number":
            kind = "integer" if component.get("decimalDigits") == 0 else "number"
            return {"type": kind} | _numbers(limits, {"min": "minimum", "max": "maximum"})
        case "checkbox":
            return {"type": "boolean"}
        case "radio" | "select":
            return {"type": "string"} | _choices(component)
        case "checklist" | "taglist":
            return {"type": "array", "uniqueItems": True, "items": {"type": "string"} | _choices(component)}
        case "datetime":
            kinds = {"date": "date", "time": "time", "datetime": "date-time"}
            return {"type": "string", "format": kinds.get(str(component.get("subtype")), "date")}
        case _:
            return {"type": "string", "maxLength": 4000} | _numbers(
                limits, {"minLength": "minLength", "maxLength": "maxLength"}
            )


def _choices(component: dict[str, Any]) -> dict[str, Any]:
    given = component.get("values")
    found = [each for each in given if isinstance(each, dict)] if isinstance(given, list) else []
    options = [
        {"const": str(each.get("value")), "title": str(each.get("label") or each.get("value"))} for each in found
    ]
    return {"oneOf": options} if options else {}


def _numbers(limits: dict[str, Any], names: dict[str, str]) -> dict[str, Any]:
    return {
        ours: limits[theirs]
        for theirs, ours in names.items()
        if isinstance(limits.get(theirs), int | float) and not isinstance(limits[theirs], bool)
    }


def _validation(component: dict[str, Any]) -> dict[str, Any]:
    found = component.get("validate")
    return found if isinstance(found, dict) else {}
