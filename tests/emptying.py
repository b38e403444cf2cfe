"""Emptying: a test's database becomes as it was made, in a few milliseconds, unless it cannot be told that it has."""

import asyncpg

# A table that grew beyond this has statistics and empty pages that the next test should not meet.
MOST_BYTES = 1_000_000
ALONE = """SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
# Sequences are left out: filing makes one for each year, and any of them is restarted.
SHAPE = """SELECT md5(string_agg(shape, ',' ORDER BY shape)) FROM (
    SELECT format('%s.%s.%s', c.relname, a.attname, a.atttypid) AS shape FROM pg_attribute a
        JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0
            AND c.relkind <> 'S'
    UNION ALL SELECT format('%s %s', tgname, tgenabled) FROM pg_trigger
    UNION ALL SELECT format('%s %s', conname, convalidated) FROM pg_constraint
    UNION ALL SELECT format('%s %s', proname, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT format('%s %s', relname, relacl) FROM pg_class WHERE relnamespace = 'public'::regnamespace
        AND relkind <> 'S'
    ) shapes"""
FILLED = """SELECT oid::regclass::text AS name, pg_relation_size(oid) AS size FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'migration'
    AND pg_relation_size(oid) > 0"""
USED = """SELECT format('%I', sequencename) AS name FROM pg_sequences
    WHERE schemaname = 'public' AND last_value IS NOT NULL"""


async def shape_of(url: str) -> str:
    """What the database is made of, without its rows."""
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(SHAPE)
    finally:
        await connection.close()


async def emptied(url: str, shape: str) -> bool:
    """Deletes every row and starts every number again. False: the database has not this shape any more, or has grown
    large."""
    connection = await asyncpg.connect(url)
    try:
        await connection.fetchval(ALONE)
        filled = await connection.fetch(FILLED)
        changed = await connection.fetchval(SHAPE) != shape
        if changed or any(table["size"] > MOST_BYTES for table in filled):
            return False
        # No trigger and no foreign key stands in the way of a test that is over.
        deletions = "".join(f"DELETE FROM {table['name']};" for table in filled)
        restarts = "".join(f"ALTER SEQUENCE {used['name']} RESTART;" for used in await connection.fetch(USED))
        await connection.execute(f"SET session_replication_role = replica; {deletions} {restarts}")
        return True
    finally:
        await connection.close()
