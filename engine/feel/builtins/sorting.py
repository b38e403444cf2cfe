"""The sort function (DMN 1.5, 10.3.4.8)."""

from functools import cmp_to_key
from typing import Any

from engine.feel import limits
from engine.feel.builtins.signature import builtin
from engine.feel.operators import ordered, size_of
from engine.feel.problems import Run
from engine.feel.values import Function


class _Unordered(Exception):
    """Two items have no order."""


@builtin("sort", "list: list, precedes: function")
def sort_by(run: Run, items: list[Any], precedes: Function) -> list[Any] | None:
    """`sort(list, precedes)`: stable; null when `precedes` does not answer true or false."""

    def before(first: Any, second: Any) -> bool:
        run.spend(limits.STEPS_PER_COMPARISON)
        bound = precedes.bind(run, [first, second], ())
        answer = bound() if bound else None
        if type(answer) is not bool:
            raise _Unordered
        return answer

    try:
        return sorted(items, key=cmp_to_key(lambda a, b: -1 if before(a, b) else 0))
    except _Unordered:
        return None


@builtin("sort", "list: list")
def sort(run: Run, items: list[Any]) -> list[Any] | None:
    """`sort(list)`: in ascending order."""

    def order(first: Any, second: Any) -> int:
        run.spend(size_of(first))
        answer = ordered(first, second)
        if answer is None:
            raise _Unordered
        return answer

    try:
        return sorted(items, key=cmp_to_key(order))
    except _Unordered:
        return None
