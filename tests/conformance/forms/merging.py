"""Merging: the schema that holds for one instance now, conditions applied. Written from the standard alone, so that it
judges the product instead of repeating it."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from tests.conformance.forms.formats import CHECKER

LIBRARY = Path(__file__).parents[3] / "forms" / "library"
Schema = dict[str, Any]


@cache
def _fragment(name: str) -> str:
    return json.dumps(json.loads((LIBRARY / name).read_text("utf-8"))["schema"])


def inlined(node: Any, root: Schema, depth: int = 0) -> Any:
    """The schema without references: those to its own definitions and to the library are written out."""
    if isinstance(node, list):
        return [inlined(each, root, depth) for each in node]
    if not isinstance(node, dict) or depth > 30:
        return node
    rest = {key: inlined(value, root, depth + 1) for key, value in node.items() if key not in ("$ref", "$defs")}
    if not isinstance(node.get("$ref"), str):
        return rest
    target, home = _target(node["$ref"], root)
    return {**inlined(target, home, depth + 1), **rest}


def _target(reference: str, root: Schema) -> tuple[Any, Schema]:
    if "library/" in reference:
        fragment = json.loads(_fragment(reference.rpartition("/")[2]))
        return fragment, fragment
    here: Any = root
    for step in reference.removeprefix("#").split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        here = here[int(key)] if isinstance(here, list) else here[key]
    return here, root


def merged(one: Any, other: Any) -> Any:
    """A schema about as strict as both together; exact for what forms are made of, else corrected by refusal."""
    if not isinstance(one, dict) or not isinstance(other, dict):
        return other if one is True or one == {} else False if False in (one, other) else one
    result = dict(one)
    for key, value in other.items():
        result[key] = _keyword(key, result[key], value) if key in result else value
    return result


def _keyword(key: str, one: Any, other: Any) -> Any:
    if key == "properties":
        return {name: merged(one.get(name, {}), other.get(name, {})) for name in {**one, **other}}
    if key == "items":
        return merged(one, other)
    if key == "required":
        return list(dict.fromkeys([*one, *other]))
    if key == "enum":
        return [value for value in one if value in other]
    if key in ("allOf",):
        return [*one, *other]
    if key in ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"):
        return max(one, other)
    if key in ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"):
        return min(one, other)
    return other


def effective(schema: Schema, instance: Any, branch: int = 0) -> Schema:
    """The schema with what its conditions add for this instance; `branch` picks one of several alternatives."""
    result = {key: value for key, value in schema.items() if key not in ("allOf", "if", "then", "else")}
    for part in schema.get("allOf", []):
        result = merged(result, effective(part, instance, branch) if isinstance(part, dict) else part)
    if "if" in schema:
        side = "then" if is_valid(schema["if"], instance) else "else"
        if isinstance(schema.get(side), dict):
            result = merged(result, effective(schema[side], instance, branch))
    for name, part in schema.get("dependentSchemas", {}).items():
        if isinstance(instance, dict) and name in instance and isinstance(part, dict):
            result = merged(result, effective(part, instance, branch))
    for name, needed in schema.get("dependentRequired", {}).items():
        if isinstance(instance, dict) and name in instance:
            result = merged(result, {"required": needed})
    for keyword in ("oneOf", "anyOf"):
        parts = schema.get(keyword, [])
        if parts and not all(isinstance(part, dict) and "const" in part for part in parts):
            chosen = parts[branch % len(parts)]
            result = merged(result, effective(chosen, instance, branch) if isinstance(chosen, dict) else chosen)
    return result


def is_valid(schema: Any, instance: Any) -> bool:
    """Whether the reference accepts the instance, formats checked."""
    return validator(schema).is_valid(instance)


def validator(schema: Any) -> jsonschema.Draft202012Validator:
    """The reference validator."""
    return jsonschema.Draft202012Validator(schema, format_checker=CHECKER)
