"""Where accounts are kept. Exports the floor's tables, its transaction, and `rows` for the questions Piccolo cannot
put."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from asyncpg.exceptions import (
    CheckViolationError,
    ExclusionViolationError,
    ForeignKeyViolationError,
    UniqueViolationError,
)
from piccolo.columns.combination import Where
from piccolo.table import Table

from accounts.store.tables import TABLES, ApiClient, ApiToken, Department, Membership, Person, ResetToken, Session

__all__ = [
    "TABLES",
    "ApiClient",
    "ApiToken",
    "CheckViolationError",
    "Department",
    "ExclusionViolationError",
    "ForeignKeyViolationError",
    "Membership",
    "Person",
    "ResetToken",
    "Session",
    "UniqueViolationError",
    "remove",
    "rows",
    "transaction",
    "update",
]


def transaction() -> AbstractAsyncContextManager[Any]:
    """Opens a transaction, or joins the one already open in this task."""
    return Person._meta.db.transaction(allow_nested=True)


async def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    """Runs one SQL statement; each `{}` of it stands for the next value."""
    found: list[dict[str, Any]] = await Person.raw(sql, *values) or []
    return found


async def update(table: type[Table], values: dict[str, Any], where: Where) -> int:
    """Changes the rows that fit; returns how many. (Piccolo's own `update` is untyped: this is its typed door.)"""
    columns: dict[Any, Any] = dict(values)
    return len(await table.update(columns).where(where).returning(table._meta.primary_key))


async def remove(table: type[Table], where: Where) -> int:
    """Deletes the rows that fit; returns how many."""
    return len(await table.delete().where(where).returning(table._meta.primary_key))
