"""Coverage: which rules of a decision table can ever decide, and for which inputs no rule does. For the lint.

Each column is cut into atoms (points, and the open intervals between them) at the constants its cells name; rules are
bits of a mask. Cells that are not constants are taken in the rules' favour, so that what is told is certain.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import cmp_to_key, reduce
from itertools import pairwise
from typing import Any

import msgspec

from engine.dmn.document import Element
from engine.dmn.overlaps import Cell, cell_of
from engine.feel.json import to_json
from engine.feel.operators import compare, ordered
from engine.feel.sentences import Sentence
from engine.feel.values import Range, kind_of

MAX_VISITS, MAX_GAPS = 20_000, 3
GAPS = {
    "is": "{0} is {1}",
    "between": "{0} is between {1} and {2}",
    "below": "{0} is below {1}",
    "above": "{0} is above {1}",
}
BOTH = "{0} and {1}"


class Atom(msgspec.Struct, frozen=True):
    """A part of a column that every cell accepts or refuses as a whole; no span for any value that is not named."""

    label: str
    span: Range | None
    may: int
    must: int


class Coverage:
    """What the rules of one table cover: sentences of gaps, and the rules that can match, or decide when the first one
    does.
    """

    def __init__(self, columns: Sequence[Sequence[Atom]], rules: int, free: Sequence[int]) -> None:
        self.columns, self.free = columns, free
        self.reached = 0
        self.possible = [_all_of(atom.may for atom in column) for column in columns]
        self.gaps: list[Sentence] = []
        self._left = MAX_VISITS
        self._visit(0, (1 << rules) - 1, (1 << rules) - 1, ())

    @property
    def is_complete(self) -> bool:
        """Whether the whole table could be looked at."""
        return self._left > 0

    def can_match(self, rule: int) -> bool:
        """Whether each cell of the rule accepts something."""
        return all(possible >> rule & 1 for possible in self.possible)

    def can_decide(self, rule: int) -> bool:
        """Whether the rule can be the first one that matches."""
        return not self.is_complete or bool(self.reached >> rule & 1)

    def _visit(self, column: int, may: int, must: int, path: tuple[Atom, ...]) -> None:
        self._left -= 1
        if self._left <= 0:
            return
        if not may:
            self._add_gap(path)
            return
        # What certainly matches, whatever the columns to come say, hides the rules after it.
        certain = must & self.free[column]
        deciding = may & (((certain & -certain) << 1) - 1) if certain else may
        if certain and not deciding & ~(self.free[column] | self.reached):
            self.reached |= deciding
            return
        if column == len(self.columns):
            self.reached |= deciding
            return
        for atom in self.columns[column]:
            self._visit(column + 1, may & atom.may, must & atom.must, (*path, atom))

    def _add_gap(self, path: tuple[Atom, ...]) -> None:
        # A text that no cell names may be one that no form offers: nobody can know, so nothing is told.
        told = [_said(atom) for atom in path if atom.span is not None]
        if len(told) == len(path) and len(self.gaps) < MAX_GAPS:
            self.gaps.append(reduce(lambda one, other: Sentence(BOTH, (one, other)), told))


def coverage_of(table: Element, cells: Sequence[Sequence[Cell | None]], names: tuple[str, ...]) -> Coverage | None:
    """What a table covers; None for one whose rows do not fit its columns. `cells` are its input cells."""
    inputs = table.all("input")
    if not cells or not inputs or any(len(row) != len(inputs) for row in cells):
        return None
    columns = [_atoms(column, [row[place] for row in cells], names) for place, column in enumerate(inputs)]
    return Coverage(columns, len(cells), _free_from(cells, len(inputs)))


def _all_of(masks: Iterable[int]) -> int:
    found = 0
    for mask in masks:
        found |= mask
    return found


def _free_from(cells: Sequence[Sequence[Cell | None]], width: int) -> list[int]:
    """For each column, the rules whose cells accept anything from there on."""
    found = [(1 << len(cells)) - 1]
    for place in reversed(range(width)):
        anything = sum(1 << rule for rule, row in enumerate(cells) if (cell := row[place]) and cell.accepts_all)
        found.append(found[-1] & anything)
    return found[::-1]


def _atoms(column: Element, cells: Sequence[Cell | None], names: tuple[str, ...]) -> list[Atom]:
    expression, values = column.one("inputExpression"), column.one("inputValues")
    label = column.get("label") or (expression.text_of("text") if expression is not None else "")
    allowed = cell_of(values.text_of("text"), names) if values is not None and values.text_of("text") else None
    spans = list(_spans([*cells, allowed]))
    if allowed is not None:
        spans = [span for span in spans if span is not None and allowed.accepts(span)]
    atoms = [_atom(label, span, cells) for span in spans]
    different = {(atom.may, atom.must): atom for atom in reversed(atoms)}
    return list(reversed(different.values()))


def _atom(label: str, span: Range | None, cells: Sequence[Cell | None]) -> Atom:
    may = sum(1 << rule for rule, cell in enumerate(cells) if cell is None or cell.accepts(span))
    must = sum(1 << rule for rule, cell in enumerate(cells) if cell is not None and cell.accepts(span))
    return Atom(label, span, may, must)


def _spans(cells: Sequence[Cell | None]) -> Iterator[Range | None]:
    ranges = [span for cell in cells if cell is not None for span in cell.ranges]
    ends = [end for span in ranges for end in (span.start, span.end) if end is not None]
    kinds = {kind_of(end) for end in ends}
    if kinds == {"boolean"}:
        yield from (Range(value, True, value, True) for value in (True, False))
        return
    if not ends or len(kinds) > 1 or any(ordered(end, end) is None for end in ends):
        yield None
        return
    points = _sorted(ends)
    yield from (Range(point, True, point, True) for point in points)
    if kinds == {"string"}:
        yield None
        return
    yield Range(None, False, points[0], False)
    yield from (Range(low, False, high, False) for low, high in pairwise(points) if not _neighbours(low, high))
    yield Range(points[-1], False, None, False)


def _sorted(ends: list[Any]) -> list[Any]:
    known = sorted(ends, key=cmp_to_key(lambda one, other: ordered(one, other) or 0))
    return [end for place, end in enumerate(known) if place == 0 or compare("<", known[place - 1], end) is True]


def _neighbours(low: Any, high: Any) -> bool:
    """Whole numbers or days that follow one another: nobody means what lies between them."""
    kind = kind_of(low)
    if kind == "number":
        return low == int(low) and high - low == 1
    return kind == "date" and hasattr(low, "toordinal") and high.toordinal() - low.toordinal() == 1


def _said(atom: Atom) -> Sentence:
    span = atom.span or Range(None, False, None, False)
    start, end = (None if point is None else to_json(point) for point in (span.start, span.end))
    if span.start_included:
        return Sentence(GAPS["is"], (atom.label, Sentence(str(start).lower()) if isinstance(start, bool) else start))
    if start is None or end is None:
        return Sentence(GAPS["below" if start is None else "above"], (atom.label, end if start is None else start))
    return Sentence(GAPS["between"], (atom.label, start, end))
