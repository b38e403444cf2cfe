"""Rows of the desk. Exports its tables and the one door of statements, shared with the engine so that verbs join its
transactions."""

from desk.store.tables import TABLES
from engine.store.statements import after_commit, connection, row, rows, run, transaction, value

__all__ = ["TABLES", "after_commit", "connection", "row", "rows", "run", "transaction", "value"]
