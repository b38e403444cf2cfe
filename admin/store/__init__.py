"""Rows of the administrators' workshop: drafts of procedures that are not published yet. Statements are the
engine's.
"""

from admin.store.tables import TABLES
from engine.store.statements import row, rows, run, transaction, value

__all__ = ["TABLES", "row", "rows", "run", "transaction", "value"]
