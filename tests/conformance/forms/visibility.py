"""Visibility: which answers the rules of a UI schema ask for (JSON Forms), judged by the reference validator.

The written rule: an answer exists only while its question is shown; a question that is closed is not answered. Applied
until nothing changes.
"""

import copy
from collections.abc import Iterator
from typing import Any

from tests.conformance.forms.merging import Schema, effective, is_valid

Path = tuple[str, ...]
MISSING = object()


def visible_part(answers: dict[str, Any], ui: dict[str, Any] | None, schema: Schema) -> dict[str, Any] | None:
    """The answers a person would be asked for; None when it never settles."""
    kept = copy.deepcopy(answers)
    for _ in range(30):
        before = copy.deepcopy(kept)
        drop_undeclared(kept, schema)
        if ui is not None:
            open_now = {path for path, rules in controls(ui) if all(allows(rule, kept) for rule in rules)}
            for path in [path for path in leaves(kept) if not any(path[: len(each)] == each for each in open_now)]:
                remove(kept, path)
        if kept == before:
            return kept
    return None


def drop_undeclared(answers: Any, schema: Any) -> None:
    """Take away what the schema declares only under a condition that does not hold now, in place."""
    now = effective(schema, answers) if isinstance(schema, dict) else {}
    if isinstance(answers, dict) and "properties" in now:
        for name in list(answers):
            declared = now["properties"].get(name, _anywhere(schema, name))
            # What is read-only is the server's to give.
            if declared is None or (isinstance(declared, dict) and declared.get("readOnly") is True):
                del answers[name]
            else:
                drop_undeclared(answers[name], declared)
    elif isinstance(answers, list):
        for each in answers:
            drop_undeclared(each, now.get("items", {}))


def _anywhere(schema: Any, name: str) -> Any:
    """What one of several alternatives declares: nothing tells which of them is meant."""
    parts = [*schema.get("oneOf", []), *schema.get("anyOf", [])]
    found = [part["properties"][name] for part in parts if name in part.get("properties", {})]
    return found[0] if found else None


def controls(ui: dict[str, Any], rules: tuple[Any, ...] = ()) -> Iterator[tuple[Path, tuple[Any, ...]]]:
    """Each Control's path in the answers with all rules above it."""
    rules = (*rules, ui["rule"]) if "rule" in ui else rules
    if ui.get("type") == "Control":
        yield path_of(ui["scope"]), rules
    for child in ui.get("elements", []):
        yield from controls(child, rules)


def path_of(scope: str) -> Path:
    """The path of the answer a scope points to: the names after each `properties`."""
    steps = [step.replace("~1", "/").replace("~0", "~") for step in scope.removeprefix("#").split("/")[1:]]
    found: list[str] = []
    while steps:
        step = steps.pop(0)
        if step == "properties" and steps:
            found.append(steps.pop(0))
        elif step in ("allOf", "dependentSchemas", "anyOf", "oneOf") and steps:
            steps.pop(0)
    return tuple(found)


def allows(rule: dict[str, Any], answers: Any) -> bool:
    """Whether the rule lets the element be answered."""
    return met(rule["condition"], answers) is (rule["effect"] in ("SHOW", "ENABLE"))


def met(condition: dict[str, Any], answers: Any) -> bool:
    """Whether a condition holds. No answer counts as null."""
    if condition.get("type") in ("AND", "OR"):
        parts = [met(part, answers) for part in condition["conditions"]]
        return all(parts) if condition["type"] == "AND" else any(parts)
    value: Any = answers
    for step in path_of(condition["scope"]):
        value = value.get(step, MISSING) if isinstance(value, dict) else MISSING
    if value is MISSING:
        if condition.get("failWhenUndefined"):
            return False
        value = None
    if "expectedValue" in condition:
        return is_valid({"const": condition["expectedValue"]}, value)
    return is_valid(condition["schema"], value)


def leaves(answers: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every answer; a list is one answer."""
    if isinstance(answers, dict) and (answers or not path):
        for name, below in answers.items():
            yield from leaves(below, (*path, name))
    else:
        yield path


def remove(answers: Any, path: Path) -> None:
    """Take one answer away, and the blocks it leaves empty."""
    if len(path) > 1:
        remove(answers[path[0]], path[1:])
        if not answers[path[0]]:
            del answers[path[0]]
    else:
        del answers[path[0]]
