"""Registers: numbers of documents per kind and year, and what proves a document is the town's."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from desk.store import run

ID = "2026-11-28T13:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "document numbers, seals"

REGISTERS = """
CREATE TABLE desk_register (
    id text PRIMARY KEY,
    kind text NOT NULL,
    year smallint NOT NULL,
    last integer NOT NULL,
    UNIQUE (kind, year)
);
-- A number outlives its case: the register of the town has no hole.
CREATE TABLE desk_number (
    key text PRIMARY KEY,
    kind text NOT NULL,
    year smallint NOT NULL,
    number integer NOT NULL CHECK (number > 0),
    case_id uuid REFERENCES engine_case ON DELETE SET NULL,
    taken_at timestamptz NOT NULL,
    UNIQUE (kind, year, number)
);
CREATE INDEX desk_number_case ON desk_number (case_id) WHERE case_id IS NOT NULL;
ALTER TABLE desk_document ADD COLUMN number text UNIQUE;
ALTER TABLE desk_document ADD COLUMN content_sha256 text;
ALTER TABLE desk_document ADD COLUMN check_digest text UNIQUE;
ALTER TABLE desk_document ADD COLUMN seal text;
CREATE INDEX desk_document_sha256 ON desk_document (sha256);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="desk", description=DESCRIPTION)

    async def create() -> None:
        await run(REGISTERS)

    manager.add_raw(create)
    return manager
