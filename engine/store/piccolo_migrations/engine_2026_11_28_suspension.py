"""Suspension: an instance may stand still; what its jobs and timers were due for, and what reached it meanwhile."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T09:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "suspended instances"

# While an instance is suspended, its jobs and timers are due at infinity: whoever looks for due rows finds none of
# them, and needs neither to join the instance nor to know of suspension.
SUSPENSION = """
ALTER TABLE engine_instance ADD COLUMN suspended_at timestamptz;
ALTER TABLE engine_job ADD COLUMN held_due_at timestamptz;
ALTER TABLE engine_timer ADD COLUMN held_due_at timestamptz;
CREATE INDEX engine_instance_suspended ON engine_instance (suspended_at) WHERE suspended_at IS NOT NULL;

CREATE TABLE engine_held (
    id bigserial PRIMARY KEY,
    instance_id uuid NOT NULL REFERENCES engine_instance ON DELETE CASCADE,
    command bytea NOT NULL,
    actor jsonb NOT NULL,
    held_at timestamptz NOT NULL
);
CREATE INDEX engine_held_instance ON engine_held (instance_id, id);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="engine", description=DESCRIPTION)

    async def create() -> None:
        await run(SUSPENSION)

    manager.add_raw(create)
    return manager
