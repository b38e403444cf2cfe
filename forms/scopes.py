"""Scopes: from the pointer of a Control to the schema it is about, what asks for it, and what conditions bring it.

Also lists all properties a schema declares, those of `then`, `else`, `allOf` and `dependentSchemas` included.
"""

from collections.abc import Iterator
from typing import Any, Literal, cast

import msgspec

from forms.elements import Condition, JSONSchema, Path, Rule
from forms.formats import compile_schema

Requirement = Literal["always", "sometimes", "never"]
BRANCHES = frozenset({"then", "else"})
ALTERNATIVES = ("anyOf", "oneOf")


class Found(msgspec.Struct, frozen=True, eq=False):
    """What a scope leads to. `rules` are the conditions of the schema under which the property is declared at all."""

    path: Path
    schema: JSONSchema
    requirement: Requirement = "never"
    rules: tuple[Rule, ...] = ()


def declared(schema: JSONSchema, steps: tuple[str, ...] = ()) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each property of an object schema once, in reading order, with the pointer steps that lead to it."""
    seen: set[str] = set()
    for name, place in _declared(schema, steps):
        if name not in seen:
            seen.add(name)
            yield name, place


def _declared(schema: JSONSchema, steps: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name in cast("dict[str, Any]", schema.get("properties", {})):
        yield name, (*steps, "properties", name)
    for branch, place in _branches(schema, steps):
        yield from _declared(branch, place)


def _branches(schema: JSONSchema, steps: tuple[str, ...]) -> Iterator[tuple[JSONSchema, tuple[str, ...]]]:
    for rank, branch in enumerate(cast("list[Any]", schema.get("allOf", []))):
        if isinstance(branch, dict):
            yield cast("JSONSchema", branch), (*steps, "allOf", str(rank))
    for keyword in ("then", "else"):
        if isinstance(schema.get(keyword), dict):
            yield schema[keyword], (*steps, keyword)
    for name, branch in cast("dict[str, Any]", schema.get("dependentSchemas", {})).items():
        if isinstance(branch, dict):
            yield cast("JSONSchema", branch), (*steps, "dependentSchemas", name)
    for keyword in ALTERNATIVES:
        for rank, branch in enumerate(cast("list[Any]", schema.get(keyword, []))):
            if isinstance(branch, dict):
                yield cast("JSONSchema", branch), (*steps, keyword, str(rank))


def find(root: JSONSchema, steps: tuple[str, ...]) -> Found | None:
    """Follow pointer steps from the schema of a container; None when they lead to no property."""
    here, path, requirement, rules = root, cast("Path", ()), cast("Requirement", "always"), cast("tuple[Rule, ...]", ())
    rest, alternative, told = list(steps), False, cast("JSONSchema", {})
    while rest:
        keyword = rest.pop(0)
        following: Any
        if keyword in {"properties", "dependentSchemas", "allOf", *ALTERNATIVES}:
            if not rest:
                return None
            name = rest.pop(0)
            if keyword == "properties":
                requirement = _weaker(requirement, _requirement(here, name, bool(rules) or alternative))
                # The answer that tells alternatives apart is asked whichever it is.
                rules = (*rules, _when(path, told)) if told and name not in told["required"] else rules
                path, told = (*path, name), {}
                following = here.get("properties", {}).get(name)
            elif keyword == "dependentSchemas":
                rules = (*rules, _when(path, {"required": [name]}))
                following = here.get("dependentSchemas", {}).get(name)
            else:
                parts = cast("list[Any]", here.get(keyword, []))
                following = parts[int(name)] if name.isdigit() and int(name) < len(parts) else None
                if keyword in ALTERNATIVES and isinstance(following, dict):
                    alternative = True
                    following, told = _alternative(cast("JSONSchema", following), parts)
        elif keyword in BRANCHES and isinstance(here.get("if"), dict):
            rules = (*rules, _when(path, here["if"] if keyword == "then" else {"not": here["if"]}))
            following = here.get(keyword)
        else:
            return None
        if not isinstance(following, dict):
            return None
        here = cast("JSONSchema", following)
    return Found(path, here, requirement, rules)


def _alternative(branch: JSONSchema, siblings: list[Any]) -> tuple[JSONSchema, JSONSchema]:
    """One of several alternatives, where an answer that tells them apart offers every one; and the condition under
    which it is this one, {} when nothing tells.
    """
    parts = [cast("JSONSchema", each).get("properties", {}) for each in siblings if isinstance(each, dict)]
    telling = {
        name: list(dict.fromkeys(part[name]["const"] for part in parts if _is_constant(part.get(name))))
        for name, schema in branch.get("properties", {}).items()
        if _is_constant(schema)
    }
    telling = {name: values for name, values in telling.items() if len(values) > 1}
    if not telling:
        return branch, {}
    properties = {
        name: {**{key: value for key, value in schema.items() if key != "const"}, "enum": telling[name]}
        if name in telling
        else schema
        for name, schema in branch["properties"].items()
    }
    told = {name: {"const": branch["properties"][name]["const"]} for name in telling}
    return {**branch, "properties": properties}, {"properties": told, "required": list(told)}


def _is_constant(schema: Any) -> bool:
    return isinstance(schema, dict) and isinstance(cast("JSONSchema", schema).get("const"), str | int | float)


def _when(path: Path, schema: JSONSchema) -> Rule:
    return Rule("SHOW", Condition(path, schema, compile_schema(schema)))


def _weaker(one: Requirement, other: Requirement) -> Requirement:
    if one == "always":
        return other
    # Asked inside a block that is itself optional: needed as soon as the block is answered.
    return "sometimes" if other == "always" else other


def _requirement(owner: JSONSchema, name: str, conditional: bool) -> Requirement:
    if name in cast("list[Any]", owner.get("required", [])):
        return "sometimes" if conditional else "always"
    return "sometimes" if name in set(_asked_somewhere(owner)) else "never"


def _asked_somewhere(schema: JSONSchema) -> Iterator[str]:
    """Names some condition of this object schema may ask for."""
    for names in cast("dict[str, Any]", schema.get("dependentRequired", {})).values():
        yield from cast("list[str]", names)
    parts: list[Any] = [*schema.get("allOf", []), *schema.get("anyOf", []), *schema.get("oneOf", [])]
    parts += [*schema.get("dependentSchemas", {}).values(), schema.get("then"), schema.get("else")]
    for part in parts:
        if isinstance(part, dict):
            yield from cast("list[str]", cast("JSONSchema", part).get("required", []))
            yield from _asked_somewhere(cast("JSONSchema", part))
