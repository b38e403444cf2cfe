"""Clients of the API and their access tokens."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from accounts.store.tables import Person

ID = "2026-11-28T10:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Clients of the API, with hashed secrets, scopes and access tokens"

STATEMENTS = (
    """
    CREATE TABLE api_client (
        id uuid PRIMARY KEY,
        client_id text NOT NULL UNIQUE,
        name text NOT NULL,
        secret_hash bytea NOT NULL UNIQUE,
        scopes text[] NOT NULL,
        procedures text[] NOT NULL,
        department text NOT NULL,
        created_at timestamptz NOT NULL,
        created_by_name text NOT NULL,
        used_at timestamptz,
        revoked_at timestamptz
    )
    """,
    """
    CREATE TABLE api_token (
        token_hash bytea PRIMARY KEY,
        client uuid NOT NULL REFERENCES api_client ON DELETE CASCADE,
        ends_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX api_token_client ON api_token (client)",
    "CREATE INDEX api_token_end ON api_token (ends_at)",
)


async def forwards() -> MigrationManager:
    """Creates both tables."""
    manager = MigrationManager(migration_id=ID, app_name="accounts", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Person.raw(statement)

    manager.add_raw(run)
    return manager
