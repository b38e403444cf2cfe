"""The tables of the API and its migrations say the same."""

import pytest

from api.store import TABLES, rows

COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = $1"


@pytest.mark.usefixtures("database")
async def test_tables_agree_with_the_migrations() -> None:
    for table in TABLES:
        found = {record["column_name"] for record in await rows(COLUMNS, table._meta.tablename)}

        assert found == {column._meta.name for column in table._meta.columns}
