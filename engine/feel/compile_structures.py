"""How literals of lists and contexts, paths and filters are compiled."""

from collections import Counter
from datetime import date, time, timedelta
from typing import Any

from engine.feel import limits
from engine.feel.builtins import BUILTINS
from engine.feel.compiler import Code, Compiler, Scope, captured_from, compiles
from engine.feel.far import FAR
from engine.feel.problems import Run
from engine.feel.syntax import (
    AtLiteral,
    Between,
    Comparison,
    ContextLiteral,
    Filter,
    In,
    InstanceOf,
    ListLiteral,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
)
from engine.feel.temporal import property_of, read_temporal
from engine.feel.values import Months, Range, is_context, is_list, number, said

_BOOLEAN = (Comparison, Logic, Between, In, InstanceOf, Quantified)
_TEMPORAL = (date, time, timedelta, Months, *FAR)
_RANGE_ENTRIES = {
    "start": "start",
    "end": "end",
    "start included": "start_included",
    "end included": "end_included",
}


@compiles(AtLiteral)
def _at_literal(_: Compiler, node: AtLiteral) -> Code:
    value, position, text = read_temporal(node.text), node.position, node.text

    def literal(scope: Scope, run: Run) -> Any:
        if value is None:
            run.note("not_a_literal", position, text)
        return value

    return literal


@compiles(ListLiteral)
def _list(compiler: Compiler, node: ListLiteral) -> Code:
    items = compiler.compile_all(node.items)

    def make(scope: Scope, run: Run) -> list[Any]:
        run.spend(1 + len(items))
        return [item(scope, run) for item in items]

    return make


@compiles(ContextLiteral)
def _context(compiler: Compiler, node: ContextLiteral) -> Code:
    entries: list[tuple[str, Code]] = []
    outer = compiler.bound
    for name, value in node.entries:
        entries.append((name, compiler.compile(value)))
        # Only the names of built-in functions matter: the rest would be copied for each entry.
        compiler.bound |= {name} & BUILTINS.keys()
    compiler.bound = outer
    names, position = compiler.captured(node), node.position
    times = Counter(name for name, _ in entries)
    duplicate = next((name for name in times if times[name] > 1), None)

    def make(scope: Scope, run: Run) -> dict[str, Any] | None:
        if duplicate is not None:
            run.note("duplicate_entry", position, duplicate)
            return None
        run.spend(2 + len(entries))
        inner = captured_from(scope, names)
        made: dict[str, Any] = {}
        for name, code in entries:
            made[name] = inner[name] = code(inner, run)
        return made

    return make


@compiles(Path)
def _path(compiler: Compiler, node: Path) -> Code:
    if isinstance(node.source, Name) and compiler.builtin(node.source.name) is None:
        return _path_of_name(node.source, node.name, node.position)
    source, name, position = compiler.compile(node.source), node.name, node.position

    def path(scope: Scope, run: Run) -> Any:
        value = source(scope, run)
        kind = value.__class__
        if kind is dict and name in value:
            return value[name]
        return entry_of(value, name, run, position)

    return path


def _path_of_name(source: Name, name: str, position: int) -> Code:
    """`variable.name`, the most frequent path: two look-ups."""
    variable, place = source.name, source.position

    def path(scope: Scope, run: Run) -> Any:
        value: Any = None
        try:
            value = scope[variable]
        except KeyError:
            run.note("unknown_name", place, variable)
        if value.__class__ is dict and name in value:
            return value[name]
        return entry_of(value, name, run, position)

    return path


def entry_of(value: Any, name: str, run: Run, position: int) -> Any:
    """`value.name`: an entry, a temporal property, an end of a range, or the list of these for every item of a list."""
    if is_list(value):
        run.spend_items(len(value))
        return [entry_of(item, name, run, position) for item in value]
    if is_context(value) and name in value:
        return value[name]
    if isinstance(value, _TEMPORAL):
        try:
            return property_of(value, name)
        except KeyError:
            pass
    elif isinstance(value, Range) and name in _RANGE_ENTRIES:
        return getattr(value, _RANGE_ENTRIES[name])
    run.note("unknown_entry", position, name)
    return None


@compiles(Filter)
def _filter(compiler: Compiler, node: Filter) -> Code:
    index = _constant_index(node.predicate)
    source, position = compiler.compile(node.source), node.position
    if index is not None:
        return _index(source, index, position)
    return _selection(compiler, node, source)


def _constant_index(node: Node) -> int | None:
    if isinstance(node, Negation):
        inner = _constant_index(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, Literal) and type(node.value) is int else None


def _index(source: Code, index: int, position: int) -> Code:
    def read(scope: Scope, run: Run) -> Any:
        return item_at(source(scope, run), index, run, position)

    return read


def item_at(value: Any, index: Any, run: Run, position: int) -> Any:
    """The item at a position, counted from 1, or from -1 at the end; null where there is none."""
    items: Any = value if is_list(value) else [] if value is None else [value]
    wanted = number(index)
    if wanted is None or wanted != int(wanted) or not 1 <= abs(wanted) <= len(items):
        run.note("no_such_item", position, wanted if wanted is not None and abs(wanted) < 10**9 else said(index))
        return None
    return items[int(wanted) - 1 if wanted > 0 else int(wanted)]


def _selection(compiler: Compiler, node: Filter, source: Code) -> Code:
    names = tuple(compiler.analysis.names(node.predicate))
    # Whatever a filter reads may be an entry of its items, so even built-in names stay look-ups there.
    predicate = compiler.repeated(node.predicate, compiler.within(frozenset({"item"}), node.predicate))
    always_boolean = isinstance(node.predicate, _BOOLEAN)
    with_item, position = "item" in names, node.position

    def select(scope: Scope, run: Run) -> Any:
        value = source(scope, run)
        items: Any = value if is_list(value) else [] if value is None else [value]
        run.spend_items(len(items), limits.STEPS_PER_FILTER)
        outer = captured_from(scope, names)
        kept: list[Any] = []
        if not always_boolean:
            answer = predicate(_item_scope(outer, items[0], with_item, run) if items else outer, run)
            if number(answer) is not None:
                return item_at(items, answer, run, position)
            # The first item is asked once: filters within filters would double what there is to do at each level.
            kept, items = [items[0]] if answer is True and items else [], items[1:]
        if value is None:
            return None
        if outer or with_item:
            return kept + [item for item in items if predicate(_item_scope(outer, item, with_item, run), run) is True]
        return kept + [
            item
            for item in items
            if predicate(item if item.__class__ is dict else _item_scope(outer, item, False, run), run) is True
        ]

    return select


def _item_scope(outer: dict[str, Any], item: Any, with_item: bool, run: Run) -> dict[str, Any]:
    if is_context(item):
        run.spend(len(item) // limits.PARTS_PER_STEP)
        scope = {**outer, **item}
    else:
        scope = dict(outer)
    if with_item and not (is_context(item) and "item" in item):
        scope["item"] = item
    return scope


__all__ = ["entry_of", "item_at", "said"]
