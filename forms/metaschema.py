"""Meta-schemas: the vocabulary of forms as JSON Schemas, for editors of other people and for docs/reference. Made from
the same lists that refuse a form, so that the two never part."""

from typing import Any

import msgspec

from forms.formats import KNOWN
from forms.options import Options
from forms.vocabulary import (
    CONDITION_KEYWORDS,
    MANY_SCHEMAS,
    NAMED_SCHEMAS,
    ONE_SCHEMA,
    RULE_KEYWORDS,
    SCHEMA_KEYWORDS,
    TYPES,
    UI_KEYWORDS,
)

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def form_metaschema() -> dict[str, Any]:
    """What `<form>.schema.json` may be."""
    below = {"$ref": "#"}
    known: dict[str, Any] = dict.fromkeys(sorted(SCHEMA_KEYWORDS), True)
    known |= dict.fromkeys(ONE_SCHEMA, below)
    known |= {keyword: {"type": "array", "items": below} for keyword in MANY_SCHEMAS}
    known |= {keyword: {"type": "object", "additionalProperties": below} for keyword in NAMED_SCHEMAS}
    one = {"enum": sorted(TYPES)}
    known["type"] = {"anyOf": [one, {"type": "array", "items": one}]}
    known["format"] = {"enum": sorted(KNOWN)}
    known |= {keyword: {"type": "boolean"} for keyword in ("additionalProperties", "unevaluatedProperties")}
    whole = {"type": ["object", "boolean"], "properties": known, "additionalProperties": False}
    return {"$schema": DIALECT, "title": "A form of Parvis", "allOf": [{"$ref": DIALECT}], **whole}


def ui_metaschema() -> dict[str, Any]:
    """What `<form>.ui.json` may be."""
    (reference,), definitions = msgspec.json.schema_components([Options], ref_template="#/$defs/{name}")
    definitions["Options"]["properties"]["detail"] = {"anyOf": [{"$ref": "#"}, {"type": "string"}]}
    schema = {"type": ["object", "boolean"]}
    condition = dict.fromkeys(sorted(CONDITION_KEYWORDS), True) | {
        "scope": {"type": "string"},
        "schema": schema,
        "conditions": {"type": "array", "items": {"$ref": "#/$defs/Condition"}},
    }
    rule = dict.fromkeys(sorted(RULE_KEYWORDS), True) | {
        "effect": {"enum": ["SHOW", "HIDE", "ENABLE", "DISABLE"]},
        "condition": {"$ref": "#/$defs/Condition"},
    }
    closed = {"type": "object", "additionalProperties": False}
    definitions |= {
        "Condition": {**closed, "properties": condition},
        "Rule": {**closed, "properties": rule, "required": ["effect", "condition"]},
        **{name: _element(name, keywords, reference) for name, keywords in UI_KEYWORDS.items()},
    }
    return {
        "$schema": DIALECT,
        "title": "The layout of a form of Parvis",
        "oneOf": [{"$ref": f"#/$defs/{name}"} for name in UI_KEYWORDS],
        "$defs": definitions,
    }


def _element(name: str, keywords: set[str], options: dict[str, Any]) -> dict[str, Any]:
    known: dict[str, Any] = dict.fromkeys(sorted(keywords), True)
    known |= {"type": {"const": name}, "options": options, "rule": {"$ref": "#/$defs/Rule"}}
    if "elements" in keywords:
        known["elements"] = {"type": "array", "items": {"$ref": "#"}}
    return {"type": "object", "properties": known, "required": ["type"], "additionalProperties": False}
