"""Scanning: what the antivirus said of each received file."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from desk.store import run

ID = "2026-11-28T10:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "scanned files"

# none: received while the town had no scanner. The files that wait are few: a partial index finds them.
SCANNING = """
ALTER TABLE desk_attachment ADD COLUMN scan text NOT NULL DEFAULT 'none'
    CHECK (scan IN ('none', 'waiting', 'clean', 'infected'));
ALTER TABLE desk_attachment ADD COLUMN scanned_at timestamptz;
CREATE INDEX desk_attachment_waiting ON desk_attachment (received_at, id) WHERE scan = 'waiting';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="desk", description=DESCRIPTION)

    async def create() -> None:
        await run(SCANNING)

    manager.add_raw(create)
    return manager
