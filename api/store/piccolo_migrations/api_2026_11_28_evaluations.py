"""What decisions said on request, and an index for what they said in cases."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T17:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "decisions evaluated on request"

EVALUATIONS = """
CREATE TABLE api_evaluation (
    key bigint PRIMARY KEY,
    definition_hash text NOT NULL,
    at timestamptz NOT NULL,
    failure text,
    details jsonb NOT NULL
);
CREATE INDEX api_evaluation_at ON api_evaluation (at);

-- What was decided is looked for among all that happened, of which it is little.
CREATE INDEX IF NOT EXISTS api_history_decided ON engine_history (id) WHERE happened = 'decided';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="api", description=DESCRIPTION)

    async def create() -> None:
        await run(EVALUATIONS)

    manager.add_raw(create)
    return manager
