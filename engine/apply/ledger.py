"""Ledger: every row that one commit of the engine writes, sent as one statement that applies whole or not at all.

Each part of the statement is a table's rows in the order of its columns; parts without rows are left out. Guarded
parts must meet every row as it was read, else nothing is written and `RowsMoved` is raised. Never decides; never reads.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

import asyncpg
import msgspec

from engine.apply.parts import PARTS, Part
from engine.store.statements import value

MOVED = "PV001"
"""The code `engine_refuse()` raises."""
FEW = 6
MANY = 0

Shape = tuple[tuple[str, int], ...]
"""The parts of a statement, in order, each with the number of its rows, or `MANY`."""


class RowsMoved(Exception):
    """Expected the rows as they were read, but another command has changed them."""


class Ledger:
    """Rows by the name of their part, each a tuple in the order of the part's columns."""

    def __init__(self) -> None:
        self.rows: dict[str, list[Sequence[Any]]] = {}

    def add(self, part: str, row: Sequence[Any]) -> None:
        """Write this row too."""
        self.extend(part, (row,))

    def extend(self, part: str, rows: Iterable[Sequence[Any]]) -> None:
        """Write these rows too."""
        known = self.rows.get(part)
        if known is None:
            known = self.rows[part] = []
        known.extend(rows)

    def told(self, part: str, names: tuple[str, ...]) -> Iterator[tuple[Any, ...]]:
        """The columns of these names of each row of a part."""
        return map(_picking(part, names), self.rows.get(part, ()))

    async def write(self) -> str:
        """Send the statement. Returns the mark (`xmin`) of the rows it wrote. Raises `RowsMoved`."""
        shape = tuple([(name, _form(len(self.rows[name]))) for name in PARTS if self.rows.get(name)])
        try:
            mark: str = await value(_statement(shape), *self._arguments(shape))
        except asyncpg.PostgresError as refused:
            if getattr(refused, "sqlstate", None) == MOVED or isinstance(refused, asyncpg.DeadlockDetectedError):
                raise RowsMoved(str(refused)) from refused
            raise
        return mark

    def _arguments(self, shape: Shape) -> list[Any]:
        given: list[Any] = []
        for name, form in shape:
            rows = self.rows[name]
            if PARTS[name].guarded:
                given.append(len(rows))
            if form == MANY:
                given += _columns(PARTS[name], rows)
            else:
                for each in rows:
                    given += each
        return given


@lru_cache
def _picking(part: str, names: tuple[str, ...]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    columns = [column.name for column in PARTS[part].columns]
    return itemgetter(*(columns.index(name) for name in names))


def _form(count: int) -> int:
    """How so many rows are sent: one by one, which is read fastest and makes a statement for each number, or as
    columns."""
    return count if count <= FEW else MANY


def _columns(part: Part, rows: list[Sequence[Any]]) -> Iterator[list[Any]]:
    for column, values in zip(part.columns, zip(*rows, strict=True), strict=True):
        yield [_array_text(each) for each in values] if column.is_list else list(values)


def _array_text(items: Sequence[str] | None) -> str | None:
    """A list as PostgreSQL writes it: arrays of arrays of different lengths cannot be sent."""
    if items is None:
        return None
    quoted = (item.replace("\\", "\\\\").replace('"', '\\"') for item in items)
    return "{" + ",".join(f'"{item}"' for item in quoted) + "}"


class _Writing(msgspec.Struct):
    parts: list[str] = []
    guards: list[str] = []
    count: int = 0

    def place(self) -> str:
        self.count += 1
        return f"${self.count}"


@lru_cache(maxsize=4096)
def _statement(shape: Shape) -> str:
    """The SQL that writes these parts, each in its form."""
    writing = _Writing()
    for name, form in shape:
        part = PARTS[name]
        if part.guarded:
            writing.guards.append(f"(SELECT count(*) FROM {name}) = {writing.place()}::bigint")
        source = _many_rows(part, writing) if form == MANY else _few_rows(part, form, writing)
        writing.parts.append(f"{name} AS ({part.sql.format(rows=source)})")
    mark = "pg_current_xact_id()::xid::text"
    if writing.guards:
        mark = f"CASE WHEN {' AND '.join(writing.guards)} THEN {mark} ELSE engine_refuse()::text END"
    return f"WITH {', '.join(writing.parts)} SELECT {mark}"


def _few_rows(part: Part, count: int, writing: _Writing) -> str:
    told = (
        ", ".join(f"{writing.place()}::{column.sent}{column.cast}" for column in part.columns) for _ in range(count)
    )
    names = ", ".join(column.name for column in part.columns)
    return f"(VALUES {', '.join(f'({row})' for row in told)}) AS u({names})"


def _many_rows(part: Part, writing: _Writing) -> str:
    arrays = ", ".join(f"{writing.place()}::{'text' if column.is_list else column.sent}[]" for column in part.columns)
    names = ", ".join(column.name for column in part.columns)
    read = (f"{column.name}{'::text[]' if column.is_list else column.cast} AS {column.name}" for column in part.columns)
    return f"(SELECT {', '.join(read)} FROM unnest({arrays}) AS r({names})) AS u"
