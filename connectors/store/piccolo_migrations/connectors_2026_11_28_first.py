"""First tables of the connectors: connections, how they fare, templates without code, what came and what left."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from engine.store.statements import run

ID = "2026-11-28T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "connections, gauges, usage, templates, webhooks received, short messages"

TABLES = """
CREATE TABLE connectors_connection (
    slug text PRIMARY KEY CHECK (slug ~ '^[a-z][a-z0-9-]{0,39}$'),
    kind text NOT NULL,
    title text NOT NULL CHECK (title <> ''),
    given jsonb NOT NULL,
    secrets bytea NOT NULL,
    key_id text NOT NULL,
    hosts text[] NOT NULL,
    concurrency integer NOT NULL CHECK (concurrency BETWEEN 1 AND 64),
    per_minute integer NOT NULL CHECK (per_minute BETWEEN 1 AND 6000),
    active boolean NOT NULL,
    tested_at timestamptz,
    tested_well boolean,
    tested_said text NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by_name text NOT NULL
);
CREATE INDEX connectors_connection_kind ON connectors_connection (kind);

-- No foreign key: the connections of the settings (the town's mail server) have a gauge too.
CREATE TABLE connectors_gauge (
    connection text PRIMARY KEY,
    failures integer NOT NULL,
    down_since timestamptz,
    rests_until timestamptz,
    reason text NOT NULL,
    failed_at timestamptz,
    tokens double precision NOT NULL,
    counted_at timestamptz NOT NULL
);
CREATE TABLE connectors_running (
    job_id uuid PRIMARY KEY,
    connection text NOT NULL,
    until timestamptz NOT NULL
);
CREATE INDEX connectors_running_connection ON connectors_running (connection, until);
CREATE TABLE connectors_usage (
    connection text NOT NULL,
    hour timestamptz NOT NULL,
    done integer NOT NULL,
    refused integer NOT NULL,
    failed integer NOT NULL,
    postponed integer NOT NULL,
    milliseconds bigint NOT NULL,
    PRIMARY KEY (connection, hour)
);

CREATE TABLE connectors_template (
    job_type text PRIMARY KEY CHECK (job_type ~ '^town:[a-z][a-z0-9-]{0,39}$'),
    document jsonb NOT NULL,
    active boolean NOT NULL,
    changed_at timestamptz NOT NULL,
    changed_by_name text NOT NULL
);
CREATE TABLE connectors_received (
    connection text NOT NULL,
    message_id text NOT NULL,
    received_at timestamptz NOT NULL,
    PRIMARY KEY (connection, message_id)
);
CREATE INDEX connectors_received_at ON connectors_received (received_at);
CREATE TABLE connectors_sms (
    job_id uuid PRIMARY KEY,
    connection text NOT NULL,
    person text NOT NULL,
    segments integer NOT NULL CHECK (segments > 0),
    millicents integer NOT NULL,
    sent_at timestamptz NOT NULL
);
CREATE INDEX connectors_sms_person ON connectors_sms (person, sent_at);
CREATE INDEX connectors_sms_connection ON connectors_sms (connection, sent_at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="connectors", description=DESCRIPTION)

    async def create() -> None:
        await run(TABLES)

    manager.add_raw(create)
    return manager
