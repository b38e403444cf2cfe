"""Indexes: which rules of a decision table a column lets through for a value, found by bisection.

The constants of a column cut its values into atoms: each constant, and what lies between two of them. For every atom
one mask holds a bit per rule. Cells that are not constants are in no mask's power: they stay to be tested.
"""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import accumulate
from typing import Any

import msgspec

from engine.dmn.overlaps import Cell
from engine.feel.values import Range, kind_of, number

MAX_WORK = 200_000
_CLASSES: dict[str, frozenset[object]] = {
    "number": frozenset({int, float, Decimal}),
    "string": frozenset({str}),
    "boolean": frozenset({bool}),
    "date": frozenset({date}),
}


class Index(msgspec.Struct, frozen=True):
    """The masks of one column; `unknown` holds the rules whose cells must be tested even so."""

    classes: frozenset[object]
    points: tuple[Any, ...]
    masks: tuple[int, ...]
    unknown: int

    def rules_for(self, value: Any) -> int | None:
        """The rules that may match; None for a value of another kind than the constants."""
        if value.__class__ not in self.classes:
            return None
        key = number(value) if value.__class__ is float else value
        return None if key is None else self.masks[_atom_of(key, self.points)]


def index_of(cells: Sequence[Cell | None]) -> Index | None:
    """The index of a column; None where it has no constants, or constants of several kinds."""
    ends = [end for cell in cells if cell for span in cell.ranges for end in (span.start, span.end) if end is not None]
    kinds = {kind_of(end) for end in ends}
    classes = _CLASSES.get(next(iter(kinds), "")) if len(kinds) == 1 else None
    if classes is None or any(end.__class__ not in classes for end in ends) or len(ends) * len(cells) > MAX_WORK:
        return None
    points = tuple(sorted(set(ends)))
    unknown = sum(1 << rule for rule, cell in enumerate(cells) if cell is None)
    return Index(classes, points, _masks(cells, points), unknown)


def _masks(cells: Sequence[Cell | None], points: Sequence[Any]) -> tuple[int, ...]:
    """For each atom, the rules whose cells accept it: from one atom to the next only some begin or cease to."""
    changes = [0] * (2 * len(points) + 2)
    for rule, cell in enumerate(cells):
        accepted = _atoms_of(cell, points)
        turns = accepted ^ (accepted << 1)
        while turns:
            changes[(turns & -turns).bit_length() - 1] ^= 1 << rule
            turns &= turns - 1
    return tuple(accumulate(changes[:-1], lambda accepting, turning: accepting ^ turning))


def _atom_of(value: Any, points: Sequence[Any]) -> int:
    """Odd for a point, even for what lies before it."""
    place = bisect_left(points, value)
    return 2 * place + (place < len(points) and points[place] == value)


def _atoms_of(cell: Cell | None, points: Sequence[Any]) -> int:
    """The atoms a cell accepts, one bit each."""
    everything = (1 << (2 * len(points) + 1)) - 1
    if cell is None:
        return everything
    accepted = 0
    for span in cell.ranges:
        accepted |= _atoms_within(span, points)
    return everything & ~accepted if cell.negated else accepted


def _atoms_within(span: Range, points: Sequence[Any]) -> int:
    first = 0 if span.start is None else _atom_of(span.start, points) + (not span.start_included)
    last = 2 * len(points) if span.end is None else _atom_of(span.end, points) - (not span.end_included)
    return ((1 << (last - first + 1)) - 1) << first if last >= first else 0
