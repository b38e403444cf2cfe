"""Failing starts: a start timer whose case cannot be filed rests longer after each failure, and says why."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T11:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "timers count their failures and keep the reason of the last"

ADD = "ALTER TABLE engine_timer ADD COLUMN failures smallint NOT NULL DEFAULT 0, ADD COLUMN failure jsonb"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="engine", description=DESCRIPTION)

    async def add() -> None:
        await run(ADD)

    manager.add_raw(add)
    return manager
