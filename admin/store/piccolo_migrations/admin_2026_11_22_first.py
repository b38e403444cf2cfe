"""First table of the workshop: one draft for each procedure that somebody is changing."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-22T15:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "drafts of procedures"

WORKSHOP = """
CREATE TABLE admin_workshop (
    slug text PRIMARY KEY,
    base_hash text REFERENCES engine_deployment (hash),
    archive bytea NOT NULL,
    rev integer NOT NULL CHECK (rev > 0),
    saved_at timestamptz NOT NULL,
    saved_by_name text NOT NULL
);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="admin", description=DESCRIPTION)

    async def create() -> None:
        await run(WORKSHOP)

    manager.add_raw(create)
    return manager
