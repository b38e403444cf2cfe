"""Webhooks: where other systems are told of what happens to cases, and the log of what was told."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T11:25:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "webhooks and the log of their deliveries"

TABLES = """
CREATE TABLE api_webhook (
    id uuid PRIMARY KEY,
    client_id uuid NOT NULL REFERENCES api_client ON DELETE CASCADE,
    url text NOT NULL,
    events text[] NOT NULL,
    position bigint NOT NULL,
    state text NOT NULL CHECK (state IN ('active', 'paused', 'failing')),
    failures integer NOT NULL,
    reason text NOT NULL,
    due_at timestamptz NOT NULL,
    claim bigint NOT NULL,
    created_at timestamptz NOT NULL
);
CREATE INDEX api_webhook_client ON api_webhook (client_id);
CREATE INDEX api_webhook_due ON api_webhook (due_at) WHERE state = 'active';

CREATE TABLE api_delivery (
    id bigserial PRIMARY KEY,
    webhook_id uuid NOT NULL REFERENCES api_webhook ON DELETE CASCADE,
    event_id bigint NOT NULL,
    event text NOT NULL,
    attempt integer NOT NULL,
    delivered boolean NOT NULL,
    status integer,
    reason text NOT NULL,
    at timestamptz NOT NULL
);
CREATE INDEX api_delivery_webhook ON api_delivery (webhook_id, id);
CREATE INDEX api_delivery_at ON api_delivery (at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="api", description=DESCRIPTION)

    async def create() -> None:
        await run(TABLES)

    manager.add_raw(create)
    return manager
