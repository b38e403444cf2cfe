"""Piccolo tables of the workshop; the hand-written migration holds what Piccolo cannot say."""

from piccolo.columns import Bytea, Integer, Text, Timestamptz
from piccolo.table import Table


class WorkshopRow(Table, tablename="admin_workshop"):
    """The draft of one procedure. `base_hash` is the version it began from; `rev` counts its saves."""

    slug = Text(primary_key=True)
    base_hash = Text(null=True, default=None)
    archive = Bytea()
    rev = Integer()
    saved_at = Timestamptz(default=None)
    saved_by_name = Text()


TABLES: list[type[Table]] = [WorkshopRow]
