"""Incident sentences: what blocks a case, kept as a sentence for readers of any language."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T11:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "incidents keep their message as a sentence"

ADD = "ALTER TABLE engine_incident ADD COLUMN sentence jsonb"


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="engine", description=DESCRIPTION)

    async def add() -> None:
        await run(ADD)

    manager.add_raw(add)
    return manager
