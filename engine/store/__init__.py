"""Rows of the engine. `transaction` is how every verb of the engine, and of the floors above, opens or joins one.

Tables are in `tables`, the statements' door to PostgreSQL in `statements`. Only `engine.apply` writes the rows of
instances.
"""

from engine.store.statements import transaction
from engine.store.tables import TABLES

__all__ = ["TABLES", "transaction"]
