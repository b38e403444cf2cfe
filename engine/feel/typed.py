"""Typed values: what somebody who tries an expression types into a field, as a value: FEEL where it is a value by
itself, a date where it is one, else the text as it is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, cast

from engine.feel.expression import compile_expression
from engine.feel.problems import FeelError
from engine.feel.temporal import read_temporal
from engine.feel.values import is_context


def typed_value(text: str, now: datetime) -> Any:
    """`12` is a number, `2026-11-24` a date, `[1, 2]` a list, `Ada` a text, nothing is null."""
    text = text.strip()
    if not text:
        return None
    moment = read_temporal(text)
    if moment is not None:
        return moment
    try:
        expression = compile_expression(text)
        value = None if expression.free_names else expression.evaluate({}, now)
    except FeelError:
        return text
    return text if value is None and text != "null" else value


def typed_variables(fields: Sequence[tuple[Sequence[str], str]], now: datetime) -> dict[str, Any]:
    """Variables of typed fields, each with its path (`case`, `applicant`, `name`); an empty field is left out."""
    variables: dict[str, Any] = {}
    for path, text in fields:
        value = typed_value(text, now)
        if value is not None and path:
            _put(variables, path, value)
    return variables


def _put(variables: dict[str, Any], path: Sequence[str], value: Any) -> None:
    if len(path) == 1:
        variables[path[0]] = value
        return
    inner: Any = variables.setdefault(path[0], {})
    if is_context(inner):
        _put(cast("dict[str, Any]", inner), path[1:], value)


def deepest(paths: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """The paths that no longer one begins with: the fields to show."""
    known = sorted(set(paths))
    return [path for path in known if not any(len(other) > len(path) and other[: len(path)] == path for other in known)]
