"""Context functions (DMN 1.5, 10.3.4.9)."""

from collections.abc import Mapping
from typing import Any

from engine.feel.builtins.signature import builtin
from engine.feel.problems import Run
from engine.feel.values import is_context

Context = Mapping[str, Any]


@builtin("get value", "m: context, key: string")
@builtin("get value", "context: context, key: string")
def get_value(_: Run, context: Context, key: str) -> Any:
    """`get value(m, key)`; null when there is no such entry."""
    return context.get(key)


@builtin("get value", "context: context, keys: list")
@builtin("get value", "m: context, keys: list")
def get_value_of_path(_: Run, context: Context, keys: list[Any]) -> Any:
    """`get value(context, keys)`: follows the keys one after the other."""
    value: Any = context
    for key in keys:
        if not is_context(value) or not isinstance(key, str):
            return None
        value = value.get(key)
    return value if keys else None


@builtin("get entries", "m: context")
def get_entries(_: Run, context: Context) -> list[dict[str, Any]]:
    """`get entries(m)`: one context of `key` and `value` for each entry."""
    return [{"key": key, "value": value} for key, value in context.items()]


@builtin("context", "entries: list")
def context_of(_: Run, entries: list[Any]) -> dict[str, Any] | None:
    """`context(entries)`: the contrary of `get entries`; null for a key given twice."""
    made: dict[str, Any] = {}
    for entry in entries:
        if not is_context(entry) or "value" not in entry:
            return None
        key = entry.get("key")
        if not isinstance(key, str) or key in made:
            return None
        made[key] = entry["value"]
    return made


@builtin("context put", "context: context, key: string, value: any")
def context_put(_: Run, context: Context, key: str, value: Any) -> dict[str, Any]:
    """`context put(context, key, value)`: the context with this entry."""
    return {**context, key: value}


@builtin("context put", "context: context, keys: list, value: any")
def context_put_at_path(run: Run, context: Context, keys: list[Any], value: Any) -> dict[str, Any] | None:
    """`context put(context, keys, value)`: puts an entry inside nested contexts."""
    if not keys or not all(isinstance(key, str) for key in keys):
        return None
    first, rest = keys[0], keys[1:]
    if not rest:
        return {**context, first: value}
    inner = context.get(first, {})
    if not is_context(inner):
        return None
    changed = context_put_at_path(run, inner, rest, value)
    return None if changed is None else {**context, first: changed}


@builtin("context merge", "contexts: list")
def context_merge(run: Run, contexts: list[Any]) -> dict[str, Any] | None:
    """`context merge(contexts)`: all entries, the later ones winning."""
    merged: dict[str, Any] = {}
    for context in contexts:
        if not is_context(context):
            return None
        run.spend(len(context))
        merged.update(context)
    return merged
