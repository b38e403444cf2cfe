"""Rows of the connectors: connections, how they fare, templates added by administrators.

Statements are the engine's."""

from connectors.store.tables import TABLES
from engine.store.statements import row, rows, run, transaction, value

__all__ = ["TABLES", "row", "rows", "run", "transaction", "value"]
