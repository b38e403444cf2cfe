"""Faults: for each constraint of a schema, answers that break it and that a browser could send."""

import copy
import random
from collections.abc import Iterator
from typing import Any

import msgspec

from tests.conformance.forms.answers import Maker, choices_of, kind_of
from tests.conformance.forms.formats import BAD, NEVER
from tests.conformance.forms.merging import Schema, effective, inlined, validator
from tests.conformance.forms.samples import Sample
from tests.conformance.forms.visibility import allows, controls, visible_part

CONSTRAINTS = frozenset(
    [
        "type",
        "enum",
        "const",
        "oneOf",
        "anyOf",
        "not",
        "required",
        "dependentRequired",
        "minLength",
        "maxLength",
        "pattern",
        "format",
        "minimum",
        "maximum",
        "exclusiveMinimum",
        "exclusiveMaximum",
        "multipleOf",
        "minItems",
        "maxItems",
        "uniqueItems",
        "contains",
        "minContains",
        "maxContains",
        "minProperties",
        "maxProperties",
    ]
)
Place = tuple[str | int, ...]


class Fault(msgspec.Struct, frozen=True):
    """Answers that break one constraint; `constraint` is its place in the schema."""

    constraint: Place
    answers: dict[str, Any]


def faults_of(sample: Sample, schema: Schema, valid: list[dict[str, Any]]) -> tuple[list[Fault], list[Place]]:
    """One fault per constraint that something typed can break, and the constraints for which none was found."""
    wanted = set(constraints(schema))
    reference = validator(schema)
    found: dict[Place, Fault] = {}
    for answers in valid:
        for candidate in _spoilt(schema, answers, sample):
            if wanted <= found.keys():
                break
            kept = visible_part(candidate, sample.ui, schema)
            if kept is None or kept in valid:
                continue
            _without_blank(kept)
            for place in _broken(reference, kept, sample):
                if place in wanted and place not in found:
                    found[place] = Fault(place, kept)
    return list(found.values()), sorted(wanted - found.keys(), key=str)


def constraints(schema: Any, place: Place = ()) -> Iterator[Place]:
    """Where the schema says something an answer may break. What a condition asks (`if`, `not`…) is no constraint."""
    if not isinstance(schema, dict):
        return
    listed = choices_of(schema) is not None
    for keyword, value in schema.items():
        if keyword in CONSTRAINTS and _is_breakable(keyword, value, schema, listed):
            yield (*place, keyword)
        if keyword in ("properties", "dependentSchemas"):
            for name, below in value.items():
                yield from constraints(below, (*place, keyword, name))
        elif keyword == "allOf":
            for rank, below in enumerate(value):
                yield from constraints(below, (*place, keyword, rank))
        elif keyword in ("items", "then", "else"):
            yield from constraints(value, (*place, keyword))


def _is_breakable(keyword: str, value: Any, schema: Schema, listed: bool) -> bool:
    """Whether something typed can break it: any text is a string, and no text at all is no answer."""
    match keyword:
        case "type":
            return value in ("number", "integer", "boolean") and not listed
        case "minLength" | "minItems":
            return value > 1 and not (listed and keyword == "minLength")
        case "maxLength" | "pattern" | "format" | "minimum" | "maximum" | "multipleOf":
            return not listed
        case "uniqueItems":
            return value is True and choices_of(schema.get("items", {})) is None
        case "oneOf" | "anyOf":
            return listed or any(part for part in value)
        case "required" | "dependentRequired":
            return bool(value)
        case "minContains":
            return value > 1
        case "minProperties":
            return value > 1
    return True


def _broken(reference: Any, answers: Any, sample: Sample) -> set[Place]:
    """The constraints these answers break, at places that are asked now."""
    hidden = _hidden(sample, answers)
    return {
        (*list(error.absolute_schema_path)[:-1], error.validator)
        for error in reference.iter_errors(answers)
        if not any(tuple(error.absolute_path)[: len(path)] == path or _lacks(error, path) for path in hidden)
    }


def _lacks(error: Any, path: Place) -> bool:
    """Whether the error is that a hidden answer is missing."""
    named = error.message.split("'")[1:2]
    return error.validator in ("required", "dependentRequired") and (*error.absolute_path, *named) == path


def _hidden(sample: Sample, answers: Any) -> list[Place]:
    if sample.ui is None:
        return []
    return [path for path, rules in controls(sample.ui) if not all(allows(rule, answers) for rule in rules)]


def _spoilt(schema: Schema, answers: dict[str, Any], sample: Sample) -> Iterator[dict[str, Any]]:
    """The answers with one thing wrong, then with one choice changed and one thing wrong."""
    yield from _once(schema, answers)
    for path, value, below in _places(schema, answers, ()):
        for other in _other_choices(value, below):
            yield from _once(schema, _with(answers, path, other))


def _once(schema: Schema, answers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield answers
    for path, value, below in _places(schema, answers, ()):
        if path:
            yield _with(answers, path, _GONE)
        for wrong in _wrong_values(value, below, schema):
            yield _with(answers, path, wrong)
    yield from _additions(schema, answers)


def _places(schema: Any, value: Any, path: Place) -> Iterator[tuple[Place, Any, Schema]]:
    """Every value with the schema that holds for it now."""
    schema = effective(schema, value) if isinstance(schema, dict) else {}
    yield path, value, schema
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _places(schema.get("properties", {}).get(name, {}), below, (*path, name))
    elif isinstance(value, list) and choices_of(schema.get("items", {})) is None:
        for rank, below in enumerate(value):
            yield from _places(schema.get("items", {}), below, (*path, rank))


def _other_choices(value: Any, schema: Schema) -> list[Any]:
    if isinstance(value, bool):
        return [not value]
    return [each for each in choices_of(schema) or [] if each != value and each is not None][:8]


def _wrong_values(value: Any, schema: Schema, root: Schema) -> Iterator[Any]:
    if isinstance(value, bool):
        yield from (not value, NEVER)
    elif isinstance(value, str):
        yield from _wrong_texts(value, schema)
    elif isinstance(value, int | float):
        yield from _wrong_numbers(value, schema)
    elif isinstance(value, list):
        yield from _wrong_lists(value, schema)


def _wrong_texts(value: str, schema: Schema) -> Iterator[Any]:
    yield BAD.get(schema.get("format", ""), NEVER)
    yield from ("?!", "?" * 80)
    if schema.get("format") == "date":
        yield from ("0001-01-01", "2026-02-31")
    if "minLength" in schema:
        yield value[: schema["minLength"] - 1].strip()
        yield "a" * (schema["minLength"] - 1)
    if "maxLength" in schema:
        yield (value * (schema["maxLength"] // max(len(value), 1) + 2))[: schema["maxLength"] + 1]
        yield "a" * (schema["maxLength"] + 1)
    yield from ("interdit", "a")


def _wrong_numbers(value: float, schema: Schema) -> Iterator[Any]:
    yield NEVER
    for keyword, steps in (
        ("minimum", (-1, -0.5)),
        ("maximum", (1, 0.5)),
        ("exclusiveMinimum", (0, -1)),
        ("exclusiveMaximum", (0, 1)),
    ):
        yield from (schema[keyword] + step for step in steps if keyword in schema)
    yield from (value + 0.5, value + 1, value + schema.get("multipleOf", 1) / 2, value + 0.001, -value)


def _wrong_lists(value: list[Any], schema: Schema) -> Iterator[Any]:
    yield from (value[: schema["minItems"] - 1] for _ in range(1) if "minItems" in schema)
    yield value[:1]
    if not (schema.get("uniqueItems") and choices_of(schema.get("items", {}))):
        yield [*value, value[0]]
        more = copy.deepcopy(value)
        chance = random.Random(7)
        while len(more) <= schema.get("maxItems", schema.get("maxContains", 0)):
            more.append(Maker(chance, 1.0, 0).make(schema.get("items", {})))
        yield more
        yield [more[0]] * (schema.get("maxContains", schema.get("maxItems", 1)) + 1)
    else:
        listed = choices_of(schema["items"]) or []
        yield listed[: schema.get("maxItems", 0) + 1]
        yield listed
        yield [NEVER]
        yield from ([each] for each in listed)
        yield from (listed[:rank] + listed[rank + 1 :] for rank in range(len(listed)))


def _additions(schema: Schema, answers: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An answer more: conditions may ask something in return, and some objects take only so many."""
    for path, value, below in list(_places(schema, answers, ())):
        if not isinstance(value, dict):
            continue
        for name, each in below.get("properties", {}).items():
            made = Maker(random.Random(3), 1.0, 0).make(each)
            if name not in value and not isinstance(made, object.__class__) and _is_json(made):
                more = _with(answers, (*path, name), made)
                yield more
                for second, again in below.get("properties", {}).items():
                    extra = Maker(random.Random(3), 1.0, 0).make(again)
                    if second not in value and second != name and _is_json(extra):
                        yield _with(more, (*path, second), extra)


def _is_json(value: Any) -> bool:
    return isinstance(value, dict | list | str | int | float)


_GONE = object()


def _with(answers: dict[str, Any], path: Place, value: Any) -> dict[str, Any]:
    changed = copy.deepcopy(answers)
    here: Any = changed
    for step in path[:-1]:
        here = here[step]
    if not path:
        return changed
    if value is _GONE:
        del here[path[-1]]
        _without_blank(changed)
    else:
        here[path[-1]] = value
    return changed


def _without_blank(value: Any) -> None:
    """Blocks, items and lists left blank are no answer."""
    entries = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    for key, below in reversed(entries):
        if isinstance(below, dict | list):
            _without_blank(below)
            if not below:
                del value[key]


__all__ = ["Fault", "constraints", "faults_of", "inlined", "kind_of"]
