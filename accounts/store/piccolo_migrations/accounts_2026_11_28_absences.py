"""Absences of departments and people, with who takes their place."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from accounts.store.tables import Person

ID = "2026-11-28T13:40:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "Absences of departments and people, each with a substitute"

# Nobody is absent twice at once: then only one substitute can be meant.
STATEMENTS = (
    """
    CREATE TABLE absence (
        id uuid PRIMARY KEY,
        department varchar(80) REFERENCES department ON DELETE CASCADE,
        person uuid REFERENCES person ON DELETE CASCADE,
        substitute_department varchar(80) REFERENCES department ON DELETE CASCADE,
        substitute_person uuid REFERENCES person ON DELETE CASCADE,
        first_day date NOT NULL,
        last_day date NOT NULL,
        created_at timestamptz NOT NULL,
        created_by_name text NOT NULL,
        CHECK ((department IS NULL) <> (person IS NULL)),
        CHECK (substitute_department IS NULL OR department IS NOT NULL),
        CHECK (substitute_person IS NULL OR person IS NOT NULL),
        CHECK (substitute_department <> department),
        CHECK (substitute_person <> person),
        CHECK (first_day <= last_day),
        CONSTRAINT absence_department_once EXCLUDE USING gist
            (department WITH =, daterange(first_day, last_day, '[]') WITH &&) WHERE (department IS NOT NULL),
        CONSTRAINT absence_person_once EXCLUDE USING gist
            (person WITH =, daterange(first_day, last_day, '[]') WITH &&) WHERE (person IS NOT NULL)
    )
    """,
    "CREATE INDEX absence_end ON absence (last_day)",
)


async def forwards() -> MigrationManager:
    """Creates the table."""
    manager = MigrationManager(migration_id=ID, app_name="accounts", description=DESCRIPTION)

    async def run() -> None:
        for statement in STATEMENTS:
            await Person.raw(statement)

    manager.add_raw(run)
    return manager
