"""Rows of the API: parts of deployed versions with their keys, keys of variables, answers kept for idempotency keys,
decisions evaluated on request. Statements are the engine's.
"""

from api.store.tables import TABLES
from engine.store.statements import row, rows, run, transaction, value

__all__ = ["TABLES", "row", "rows", "run", "transaction", "value"]
