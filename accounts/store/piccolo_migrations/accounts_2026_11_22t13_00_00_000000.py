"""First tables of the accounts, and the extensions and functions every floor relies on."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from accounts.store.tables import Person

ID = "2026-11-22T13:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "People, departments, memberships, sessions, reset tokens; folding of names"

STATEMENTS = (
    "CREATE EXTENSION IF NOT EXISTS unaccent",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    # unaccent(text) is only STABLE because its dictionary may change; naming the dictionary and the schema makes it
    # safe to index.
    """
    CREATE OR REPLACE FUNCTION parvis_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS
    $$ SELECT lower(public.unaccent('public.unaccent'::regdictionary, value)) $$
    """,
    """
    CREATE TABLE person (
        id uuid PRIMARY KEY,
        kind varchar(16) NOT NULL CHECK (kind IN ('citizen', 'agent')),
        name text NOT NULL,
        email text NOT NULL UNIQUE CHECK (email = lower(email)),
        phone text,
        password_hash text,
        administrator boolean NOT NULL DEFAULT false,
        reception boolean NOT NULL DEFAULT false,
        active boolean NOT NULL DEFAULT true,
        locale varchar(5) NOT NULL DEFAULT 'fr',
        created_at timestamptz NOT NULL,
        name_folded text GENERATED ALWAYS AS (parvis_fold(name)) STORED
    )
    """,
    "CREATE INDEX person_name_order ON person (name_folded, id)",
    "CREATE INDEX person_name_near ON person USING gin (name_folded gin_trgm_ops)",
    """
    CREATE TABLE department (
        slug varchar(80) PRIMARY KEY,
        name_fr text NOT NULL,
        name_en text NOT NULL,
        email text,
        phone text,
        address text,
        hours_fr text,
        hours_en text,
        active boolean NOT NULL DEFAULT true
    )
    """,
    """
    CREATE TABLE membership (
        id uuid PRIMARY KEY,
        person uuid NOT NULL REFERENCES person ON DELETE CASCADE,
        department varchar(80) NOT NULL REFERENCES department ON DELETE CASCADE,
        supervisor boolean NOT NULL DEFAULT false,
        UNIQUE (person, department)
    )
    """,
    "CREATE INDEX membership_department ON membership (department)",
    """
    CREATE TABLE session (
        token_hash bytea PRIMARY KEY,
        person uuid NOT NULL REFERENCES person ON DELETE CASCADE,
        device text NOT NULL DEFAULT '',
        created_at timestamptz NOT NULL,
        seen_at timestamptz NOT NULL,
        ends_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX session_person ON session (person)",
    "CREATE INDEX session_end ON session (ends_at)",
    """
    CREATE TABLE reset_token (
        token_hash bytea PRIMARY KEY,
        person uuid NOT NULL REFERENCES person ON DELETE CASCADE,
        ends_at timestamptz NOT NULL
    )
    """,
    "CREATE INDEX reset_token_person ON reset_token (person)",
)


async def forwards() -> MigrationManager:
    """Creates everything in order."""
    manager = MigrationManager(migration_id=ID, app_name="accounts", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Person.raw(statement)

    manager.add_raw(run)
    return manager
