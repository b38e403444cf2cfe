"""Job lanes: the index that fair leasing walks, and how often in a row a job's worker was never heard of again."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T10:05:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "fair leasing of jobs"

LANES = """
ALTER TABLE engine_job ADD COLUMN lost smallint NOT NULL DEFAULT 0;
CREATE INDEX engine_job_lane ON engine_job (type, procedure, priority, due_at, id) WHERE state IN ('queued', 'leased');
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="engine", description=DESCRIPTION)

    async def create() -> None:
        await run(LANES)

    manager.add_raw(create)
    return manager
