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

from engine.apply.parts import PARTS, Column, Part
from engine.encoding import array_text
from engine.store.statements import value

MOVED = "PV001"
"""The code `engine_refuse()` raises."""
# What a new case was given is another's already: see `engine.references`.
DRAWN = ("engine_case_reference_key", "engine_case_tracking_code_key")
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
            if _has_moved(refused):
                raise RowsMoved(str(refused)) from refused
            raise
        return mark

    def _arguments(self, shape: Shape) -> list[Any]:
        given: list[Any] = []
        for name, form in shape:
            rows = self.rows[name]
            if PARTS[name].guarded and form != 1:
                given.append(len(rows))
            if form == MANY:
                given += map(_together, PARTS[name].columns, zip(*rows, strict=True))
            else:
                for each in rows:
                    given += each
        return given


def _has_moved(refused: asyncpg.PostgresError) -> bool:
    """Whether the same may be done again, on the rows as they are now."""
    if isinstance(refused, asyncpg.UniqueViolationError):
        return getattr(refused, "constraint_name", None) in DRAWN
    return getattr(refused, "sqlstate", None) == MOVED or isinstance(refused, asyncpg.DeadlockDetectedError)


@lru_cache
def _picking(part: str, names: tuple[str, ...]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    columns = [column.name for column in PARTS[part].columns]
    return itemgetter(*(columns.index(name) for name in names))


def _form(count: int) -> int:
    """How so many rows are sent: one by one, which is read fastest and makes a statement for each number, or as
    columns."""
    return count if count <= FEW else MANY


def _together(column: Column, values: Sequence[Any]) -> Any:
    """The values of a column as PostgreSQL writes a list of them: the driver looks at each element of an array for
    longer than it takes to send it."""
    match column.sent:
        case "bytea":
            return values
        case "text":
            return array_text(values)
        case "timestamptz":
            return array_text([None if each is None else each.isoformat() for each in values])
        case _:
            return "{" + ",".join(["NULL" if each is None else str(each) for each in values]) + "}"


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
        if part.guarded and form == 1:
            writing.guards.append(f"EXISTS (SELECT FROM {name})")
        elif part.guarded:
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
    sent = ("bytea[]" if column.sent == "bytea" else f"text::{column.sent}[]" for column in part.columns)
    arrays = ", ".join(f"{writing.place()}::{each}" for each in sent)
    names = ", ".join(column.name for column in part.columns)
    read = (f"{column.name}{column.cast} AS {column.name}" for column in part.columns)
    return f"(SELECT {', '.join(read)} FROM unnest({arrays}) AS r({names})) AS u"
