"""Batches: what administrators have asked for many instances at once, and what has become of each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T09:45:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "batches of operations"

BATCHES = """
CREATE TABLE engine_batch (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    procedure text,
    parameters jsonb NOT NULL,
    reason text NOT NULL,
    actor jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('running', 'paused', 'finished')),
    begun_at timestamptz NOT NULL,
    finished_at timestamptz
);
CREATE INDEX engine_batch_running ON engine_batch (id) WHERE state = 'running';
CREATE INDEX engine_batch_procedure ON engine_batch (procedure, begun_at DESC);

CREATE TABLE engine_batch_item (
    batch_id uuid NOT NULL REFERENCES engine_batch ON DELETE CASCADE,
    instance_id uuid NOT NULL REFERENCES engine_instance ON DELETE CASCADE,
    state text NOT NULL CHECK (state IN ('waiting', 'done', 'refused')),
    obstacles jsonb NOT NULL,
    at timestamptz,
    PRIMARY KEY (batch_id, instance_id)
);
CREATE INDEX engine_batch_item_waiting ON engine_batch_item (batch_id, instance_id) WHERE state = 'waiting';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="engine", description=DESCRIPTION)

    async def create() -> None:
        await run(BATCHES)

    manager.add_raw(create)
    return manager
