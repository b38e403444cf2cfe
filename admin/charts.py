"""Charts: the geometry of the dashboard's drawings, as values that a template turns into SVG. Pure; draws nothing, says
nothing.

Each chart is shown beside the table of its numbers, so no figure is told by a drawing alone.
"""

from collections.abc import Sequence
from datetime import date

import msgspec

WIDTH, HEIGHT, LEFT, BOTTOM = 720, 220, 40, 28


class Tick(msgspec.Struct, frozen=True):
    """A mark of an axis: its place in the drawing and its number."""

    at: float
    value: float


class Column(msgspec.Struct, frozen=True):
    """One column: `x`, `y`, `width`, `height` in the drawing's units; `label` is drawn below when not empty."""

    x: float
    y: float
    width: float
    height: float
    day: date
    value: float


class ColumnChart(msgspec.Struct, frozen=True):
    """Columns over time."""

    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    bottom: int = BOTTOM


def column_chart(points: Sequence[tuple[date, float]]) -> ColumnChart:
    """A column for each (first day, value), from left to right; values are not negative."""
    top = round_up(max((value for _, value in points), default=0))
    step = (WIDTH - LEFT) / max(len(points), 1)
    room = HEIGHT - BOTTOM
    columns = tuple(
        Column(
            x=round(LEFT + index * step + step * 0.15, 1),
            y=round(room - room * value / top, 1),
            width=round(step * 0.7, 1),
            height=round(room * value / top, 1),
            day=day,
            value=value,
        )
        for index, (day, value) in enumerate(points)
    )
    ticks = tuple(Tick(round(room - room * share, 1), top * share) for share in (0, 0.5, 1))
    return ColumnChart(columns, ticks)


def round_up(value: float) -> float:
    """The next round number to end an axis at: 2, 4, 6, 10, 20, 40, 60, 100, …"""
    if value <= 2:
        return 2
    magnitude = 10 ** (len(str(int(value))) - 1)
    steps = (magnitude, 2 * magnitude, 4 * magnitude, 6 * magnitude, 10 * magnitude)
    return next(step for step in steps if step >= value)


def share(value: float, whole: float) -> float:
    """`value` as a percentage of `whole`, for a bar's width; 0 when there is nothing."""
    return round(100 * value / whole, 1) if whole else 0.0
