"""One statement a command: how `engine.apply.ledger` undoes what met a row that is no longer as it was read."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T09:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a statement that writes a command undoes itself when its rows have moved"

REFUSE = """
CREATE FUNCTION engine_refuse() RETURNS bigint LANGUAGE plpgsql AS $function$
BEGIN
    RAISE EXCEPTION 'a row is no longer as it was read' USING ERRCODE = 'PV001';
END $function$;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="engine", description=DESCRIPTION)

    async def create() -> None:
        await run(REFUSE)

    manager.add_raw(create)
    return manager
