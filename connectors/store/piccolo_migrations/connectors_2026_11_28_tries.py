"""Tries: how often each job really called, whatever its leases."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from connectors.store import run

ID = "2026-11-28T14:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "calls made by each job"

TRIES = """
CREATE TABLE connectors_tries (
    job_id uuid PRIMARY KEY,
    tries integer NOT NULL,
    tried_at timestamptz NOT NULL
);
CREATE INDEX connectors_tries_old ON connectors_tries (tried_at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="connectors", description=DESCRIPTION)

    async def create() -> None:
        await run(TRIES)

    manager.add_raw(create)
    return manager
