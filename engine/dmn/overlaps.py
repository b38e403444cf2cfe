"""Overlaps: rules of a UNIQUE table that some input would match together, where cells are constants. For the lint."""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import combinations, product, zip_longest

import msgspec

from engine.dmn.document import Element
from engine.feel.compiler import constant
from engine.feel.expression import Expression, compile_unary_tests
from engine.feel.literals import range_of_test
from engine.feel.operators import compare, equal
from engine.feel.problems import FeelError
from engine.feel.syntax import Node, Test, Tests
from engine.feel.values import Range, is_list

_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
_ALL = Range(None, False, None, False)


class Cell(msgspec.Struct, frozen=True):
    """The values a cell accepts: those of any of its ranges, or, negated, all others."""

    ranges: tuple[Range, ...]
    negated: bool = False

    @property
    def accepts_all(self) -> bool:
        """Whether anything will do."""
        return self.ranges == (_ALL,) and not self.negated

    def accepts(self, span: Range | None) -> bool:
        """Whether the cell accepts every value of a span; None is any value that no cell names."""
        if span is None:
            return self.accepts_all or self.negated
        inside = any(_holds(own, span) for own in self.ranges)
        return inside is not self.negated


def cells_of(table: Element, names: tuple[str, ...]) -> list[list[Cell | None]]:
    """The input cells of a table, row by row."""
    return [[cell_of(entry.text_of("text"), names) for entry in rule.all("inputEntry")] for rule in table.all("rule")]


def work_of(cells: Sequence[Sequence[Cell | None]]) -> int:
    """How many comparisons it may take to hold each cell of a column against each other one, for all columns."""
    columns = zip_longest(*cells)
    return sum(sum(len(cell.ranges) if cell else 1 for cell in column) ** 2 for column in columns)


def overlapping_rules(cells: Sequence[Sequence[Cell | None]]) -> list[tuple[int, int]]:
    """Pairs of rules, by their places, the later one second, that certainly overlap."""
    return [
        (first, second)
        for (first, row), (second, other) in combinations(enumerate(cells), 2)
        if all(_meet(one, another) for one, another in zip(row, other, strict=False))
    ]


def cell_of(text: str, names: tuple[str, ...]) -> Cell | None:
    """The values that a cell accepts; None when they are not constants."""
    if text in ("", "-"):
        return Cell((_ALL,))
    try:
        node = compile_unary_tests(text, names).node
    except FeelError:
        return None
    if not isinstance(node, Tests):
        return None
    if len(node.tests) == 1 and isinstance(node.tests[0], Test) and node.tests[0].operator == "!=":
        other = _range(node.tests[0].operand)
        return Cell((other,), negated=not node.negated) if other is not None else None
    ranges = [_range(test) for test in node.tests]
    known = tuple(found for found in ranges if found is not None)
    return Cell(known, node.negated) if len(known) == len(ranges) else None


def _range(test: Node) -> Range | None:
    node = range_of_test(test) if isinstance(test, Test) else test
    if not constant(node):
        return None
    value = Expression("", node).evaluate({}, _NO_TIME)
    if isinstance(value, Range):
        return value
    return None if value is None or is_list(value) else Range(value, True, value, True)


def _meet(cell: Cell | None, other: Cell | None) -> bool:
    if cell is None or other is None or cell.negated or other.negated:
        return False
    return any(_intersect(a, b) for a, b in product(cell.ranges, other.ranges))


def _holds(outer: Range, inner: Range) -> bool:
    """Whether the outer range holds all of the inner one."""
    if _is_point(inner) and _is_point(outer):
        return equal(inner.start, outer.start) is True
    return _begins_by(outer, inner) and _ends_after(outer, inner)


def _begins_by(outer: Range, inner: Range) -> bool:
    if outer.start is None or inner.start is None:
        return outer.start is None
    included = outer.start_included or not inner.start_included
    return compare("<=" if included else "<", outer.start, inner.start) is True


def _ends_after(outer: Range, inner: Range) -> bool:
    if outer.end is None or inner.end is None:
        return outer.end is None
    included = outer.end_included or not inner.end_included
    return compare(">=" if included else ">", outer.end, inner.end) is True


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
