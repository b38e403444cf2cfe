"""Overlaps: rules of a UNIQUE table that some input would match together, where cells are constants. For the lint."""

from datetime import UTC, datetime
from itertools import combinations, product

from engine.dmn.document import Element
from engine.feel.compiler import constant
from engine.feel.expression import Expression, compile_unary_tests
from engine.feel.literals import range_of_test
from engine.feel.operators import compare, equal
from engine.feel.problems import FeelError
from engine.feel.syntax import Node, Test, Tests
from engine.feel.values import Range, is_list

MAX_RULES = 300
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_ALL = Range(None, False, None, False)
Cell = tuple[Range, ...] | None


def overlapping_rules(table: Element, names: tuple[str, ...]) -> list[tuple[Element, Element]]:
    """Pairs of rules, the later one second, that certainly overlap."""
    rules = table.all("rule")
    if len(rules) > MAX_RULES:
        return []
    rows = [(rule, [_cell(entry.text_of("text"), names) for entry in rule.all("inputEntry")]) for rule in rules]
    return [
        (first, second)
        for (first, cells), (second, others) in combinations(rows, 2)
        if all(_meet(cell, other) for cell, other in zip(cells, others, strict=False))
    ]


def _cell(text: str, names: tuple[str, ...]) -> Cell:
    """The values a cell accepts as ranges; None when they are not constants."""
    if text in ("", "-"):
        return (_ALL,)
    try:
        node = compile_unary_tests(text, names).node
    except FeelError:
        return None
    if not isinstance(node, Tests) or node.negated:
        return None
    ranges = [_range(test) for test in node.tests]
    known = tuple(found for found in ranges if found is not None)
    return known if len(known) == len(ranges) else None


def _range(test: Node) -> Range | None:
    node = range_of_test(test) if isinstance(test, Test) else test
    if not constant(node):
        return None
    value = Expression("", node).evaluate({}, _NO_TIME)
    if isinstance(value, Range):
        return value
    return None if value is None or is_list(value) else Range(value, True, value, True)


def _meet(cell: Cell, other: Cell) -> bool:
    if cell is None or other is None:
        return False
    return any(_intersect(a, b) for a, b in product(cell, other))


def _intersect(a: Range, b: Range) -> bool:
    if _is_point(a) and _is_point(b):
        return equal(a.start, b.start) is True
    return _begins_before_end(a, b) and _begins_before_end(b, a)


def _is_point(span: Range) -> bool:
    return span.start_included and span.end_included and equal(span.start, span.end) is True


def _begins_before_end(a: Range, b: Range) -> bool:
    if a.start is None or b.end is None:
        return True
    both = a.start_included and b.end_included
    return compare("<=" if both else "<", a.start, b.end) is True
