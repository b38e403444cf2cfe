"""Large states: stored as they are sent. A state changes with every command, and PostgreSQL would compress each of more
than 2 kB anew: among five thousand open iterations that took half of the command."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T18:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "states are stored without compression"

STORE = "ALTER TABLE engine_instance ALTER COLUMN state SET STORAGE EXTERNAL"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="engine", description=DESCRIPTION)

    async def store() -> None:
        await run(STORE)

    manager.add_raw(store)
    return manager
