"""List functions (DMN 1.5, 10.3.4.4). Positions count from 1, or from -1 at the end."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from functools import reduce
from typing import Any, cast

from engine.feel import limits
from engine.feel.builtins.signature import builtin
from engine.feel.operators import add, divide, equal, matches_test, multiply, ordered, size_of, subtract
from engine.feel.problems import Run
from engine.feel.values import DECIMAL128, Function, Months, Number, is_list, number, rounded

Items = list[Any]


def _has(run: Run, items: Items, wanted: Any) -> bool:
    size = size_of(wanted)
    run.spend(len(items) if size <= 4 else max(size, len(items) * size // 4))
    return any(equal(item, wanted) is True for item in items)


@builtin("list contains", "list: list, element: any")
def list_contains(run: Run, items: Items, element: Any) -> bool:
    """`list contains(list, element)`."""
    return _has(run, items, element)


@builtin("count", "list: list")
def count(_: Run, items: Items) -> int:
    """`count(list)`."""
    return len(items)


@builtin("min", "list: list")
def minimum(run: Run, items: Items) -> Any:
    """`min(list)`."""
    return _extreme(run, items, -1)


@builtin("min", "c1: any, c2: any*")
def minimum_of(run: Run, *items: Any) -> Any:
    """`min(c1, c2, …)`."""
    return _extreme(run, list(items), -1)


@builtin("max", "list: list")
def maximum(run: Run, items: Items) -> Any:
    """`max(list)`."""
    return _extreme(run, items, 1)


@builtin("max", "c1: any, c2: any*")
def maximum_of(run: Run, *items: Any) -> Any:
    """`max(c1, c2, …)`."""
    return _extreme(run, list(items), 1)


def _extreme(run: Run, items: Items, sign: int) -> Any:
    run.spend(sum(len(item) for item in items if item.__class__ is str) // limits.CHARACTERS_PER_STEP)
    if not items or ordered(items[0], items[0]) is None:
        return None
    best = items[0]
    for item in items[1:]:
        order = ordered(item, best)
        if order is None:
            return None
        best = item if order == sign else best
    return best


def _numbers(items: Items) -> list[Number] | None:
    exact = [number(item) for item in items]
    return None if any(value is None for value in exact) else cast("list[Number]", exact)


@builtin("sum", "list: list")
def total(_: Run, items: Items) -> Any:
    """`sum(list)` of numbers or of durations of one kind; null when empty."""
    if items and set(map(type, items)) == {int}:
        return rounded(sum(items))
    return reduce(add, items) if items and _summable(items) else None


@builtin("sum", "n1: any, n2: any*")
def total_of(run: Run, *items: Any) -> Any:
    """`sum(n1, n2, …)`."""
    return total(run, list(items))


def _summable(items: Items) -> bool:
    if _numbers(items) is not None:
        return True
    return all(isinstance(item, timedelta) for item in items) or all(isinstance(item, Months) for item in items)


@builtin("mean", "list: list")
def mean(run: Run, items: Items) -> Any:
    """`mean(list)`; null when empty."""
    whole = total(run, items)
    return None if whole is None else divide(whole, len(items))


@builtin("mean", "n1: any, n2: any*")
def mean_of(run: Run, *items: Any) -> Any:
    """`mean(n1, n2, …)`."""
    return mean(run, list(items))


@builtin("product", "list: list")
def product(_: Run, items: Items) -> Number | None:
    """`product(list)`; null when empty."""
    values = _numbers(items)
    return reduce(multiply, values) if values else None


@builtin("product", "n1: any, n2: any*")
def product_of(run: Run, *items: Any) -> Number | None:
    """`product(n1, n2, …)`."""
    return product(run, list(items))


@builtin("median", "list: list")
def median(_: Run, items: Items) -> Number | None:
    """`median(list)`; null when empty."""
    values = _numbers(items)
    if not values:
        return None
    values.sort()
    middle = len(values) // 2
    return values[middle] if len(values) % 2 else divide(add(values[middle - 1], values[middle]), 2)


@builtin("median", "n1: any, n2: any*")
def median_of(run: Run, *items: Any) -> Number | None:
    """`median(n1, n2, …)`."""
    return median(run, list(items))


@builtin("stddev", "list: list")
def standard_deviation(run: Run, items: Items) -> Number | None:
    """`stddev(list)`: of a sample; null for fewer than two numbers."""
    values = _numbers(items)
    if values is None or len(values) < 2:
        return None
    run.spend(2 * len(values))
    middle = mean(run, list(values))
    squares = [multiply(gap, gap) for gap in (subtract(value, middle) for value in values)]
    variance = divide(total(run, squares), len(values) - 1)
    return None if variance is None else rounded(DECIMAL128.sqrt(variance))


@builtin("stddev", "n1: any, n2: any*")
def standard_deviation_of(run: Run, *items: Any) -> Number | None:
    """`stddev(n1, n2, …)`."""
    return standard_deviation(run, list(items))


@builtin("mode", "list: list")
def mode(_: Run, items: Items) -> list[Number] | None:
    """`mode(list)`: the most frequent numbers, ascending."""
    values = _numbers(items)
    if values is None:
        return None
    counts = Counter(Decimal(value) for value in values)
    most = max(counts.values(), default=0)
    return sorted(value for value, times in counts.items() if times == most)


@builtin("mode", "n1: any, n2: any*")
def mode_of(run: Run, *items: Any) -> list[Number] | None:
    """`mode(n1, n2, …)`."""
    return mode(run, list(items))


def _quantified(items: Items, decisive: bool) -> bool | None:
    if any(item is decisive for item in items):
        return decisive
    return not decisive if all(type(item) is bool for item in items) else None


@builtin("all", "list: list")
def all_true(_: Run, items: Items) -> bool | None:
    """`all(list)`: false if any is false, else null if any is not a boolean."""
    return _quantified(items, decisive=False)


@builtin("all", "b1: any, b2: any*")
def all_of(_: Run, *items: Any) -> bool | None:
    """`all(b1, b2, …)`."""
    return _quantified(list(items), decisive=False)


@builtin("any", "list: list")
def any_true(_: Run, items: Items) -> bool | None:
    """`any(list)`: true if any is true, else null if any is not a boolean."""
    return _quantified(items, decisive=True)


@builtin("any", "b1: any, b2: any*")
def any_of(_: Run, *items: Any) -> bool | None:
    """`any(b1, b2, …)`."""
    return _quantified(list(items), decisive=True)


def _place(items: Items, position: Number, room: int = 0) -> int | None:
    """The Python index of a FEEL position, or None when it is outside the list."""
    at = int(position)
    if at == 0 or abs(at) > len(items) + (room if at > 0 else 0):
        return None
    return at - 1 if at > 0 else len(items) + at


@builtin("sublist", "list: list, start position: number, length: number?")
def sublist(_: Run, items: Items, position: Number, length: Number | None = None) -> Items | None:
    """`sublist(list, start position, length)`."""
    start = _place(items, position)
    if start is None or (length is not None and (length < 0 or start + length > len(items))):
        return None
    return items[start:] if length is None else items[start : start + int(length)]


@builtin("append", "list: list, item: any*")
def append(run: Run, items: Items, *added: Any) -> Items:
    """`append(list, item, …)`."""
    run.spend_items(len(items) + len(added))
    return [*items, *added]


@builtin("concatenate", "list: list*")
def concatenate(run: Run, *lists: Items) -> Items:
    """`concatenate(list, …)`."""
    run.spend_items(sum(map(len, lists)))
    return [item for items in lists for item in items]


@builtin("insert before", "list: list, position: number, newItem: any")
def insert_before(_: Run, items: Items, position: Number, item: Any) -> Items | None:
    """`insert before(list, position, newItem)`."""
    start = _place(items, position)
    return None if start is None else [*items[:start], item, *items[start:]]


@builtin("remove", "list: list, position: number")
def remove(_: Run, items: Items, position: Number) -> Items | None:
    """`remove(list, position)`."""
    start = _place(items, position)
    return None if start is None else items[:start] + items[start + 1 :]


@builtin("list replace", "list: list, position: number, newItem: any")
def replace_at(_: Run, items: Items, position: Number, item: Any) -> Items | None:
    """`list replace(list, position, newItem)`."""
    start = _place(items, position)
    return None if start is None else [*items[:start], item, *items[start + 1 :]]


@builtin("list replace", "list: list, match: function, newItem: any")
def replace_matching(run: Run, items: Items, match: Function, item: Any) -> Items | None:
    """`list replace(list, match, newItem)`: replaces where `match(item, newItem)` is true."""
    changed: Items = []
    for old in items:
        run.spend(1)
        bound = match.bind(run, [old, item], ())
        answer = bound() if bound else None
        if type(answer) is not bool:
            return None
        changed.append(item if answer else old)
    return changed


@builtin("reverse", "list: list")
def reverse(_: Run, items: Items) -> Items:
    """`reverse(list)`."""
    return items[::-1]


@builtin("index of", "list: list, match: any")
def index_of(run: Run, items: Items, match: Any) -> list[int]:
    """`index of(list, match)`: every position of an equal item."""
    run.spend(len(items) * size_of(match))
    return [place for place, item in enumerate(items, 1) if equal(item, match) is True]


@builtin("union", "list: list*")
def union(run: Run, *lists: Items) -> Items:
    """`union(list, …)`: all items, each once."""
    return distinct_values(run, concatenate(run, *lists))


@builtin("distinct values", "list: list")
def distinct_values(run: Run, items: Items) -> Items:
    """`distinct values(list)`: the first of all equal items."""
    kept: Items = []
    for item in items:
        if not _has(run, kept, item):
            kept.append(item)
    return kept


@builtin("duplicate values", "list: list")
def duplicate_values(run: Run, items: Items) -> Items:
    """`duplicate values(list)`: each item that occurs more than once (an addition that modellers of Camunda know)."""
    return [item for item in distinct_values(run, items) if len(index_of(run, items, item)) > 1]


@builtin("flatten", "list: list")
def flatten(run: Run, items: Items) -> Items:
    """`flatten(list)`: the items of all lists within lists."""
    flat: Items = []
    waiting: Items = [iter(items)]
    while waiting:
        item = next(waiting[-1], waiting)
        if item is waiting:
            waiting.pop()
        elif is_list(item):
            run.spend_items(len(item))
            waiting.append(iter(item))
        else:
            flat.append(item)
    return flat


@builtin("is empty", "list: list")
def is_empty(_: Run, items: Items) -> bool:
    """`is empty(list)` (an addition that modellers of Camunda know)."""
    return not items


__all__ = ["matches_test"]
