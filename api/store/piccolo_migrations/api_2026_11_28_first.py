"""First tables of the API."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T10:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "parts of deployed versions, keys of variables, answers kept for idempotency keys"

TABLES = """
CREATE TABLE api_part (
    key bigint PRIMARY KEY,
    deployment_id uuid NOT NULL REFERENCES engine_deployment ON DELETE CASCADE,
    definition_hash text NOT NULL,
    slug text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('process', 'decision', 'requirements', 'form')),
    part text NOT NULL,
    title text NOT NULL,
    resource text NOT NULL,
    version integer NOT NULL,
    parent bigint,
    detail text,
    UNIQUE (definition_hash, kind, part)
);
CREATE INDEX api_part_name ON api_part (kind, part, version DESC);
CREATE INDEX api_part_deployment ON api_part (deployment_id);

CREATE TABLE api_variable_key (
    key bigserial PRIMARY KEY,
    instance_id uuid NOT NULL REFERENCES engine_instance ON DELETE CASCADE,
    scope integer NOT NULL,
    name text NOT NULL,
    UNIQUE (instance_id, scope, name)
);

CREATE TABLE api_answer (
    client_id uuid NOT NULL REFERENCES api_client ON DELETE CASCADE,
    key text NOT NULL,
    fingerprint bytea NOT NULL,
    status smallint NOT NULL,
    media_type text NOT NULL,
    body bytea NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (client_id, key)
);
CREATE INDEX api_answer_at ON api_answer (at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="api", description=DESCRIPTION)

    async def create() -> None:
        await run(TABLES)

    manager.add_raw(create)
    return manager
