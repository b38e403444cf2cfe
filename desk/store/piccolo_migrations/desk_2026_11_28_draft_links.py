"""Draft links: a notification may be about a draft, which has no case yet, and is forgotten with it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from desk.store import run

ID = "2026-11-28T18:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "links of drafts by mail"

# Partial: few notifications are about a draft, and deleting a draft looks for its own.
LINKS = """
ALTER TABLE desk_notification ALTER COLUMN case_id DROP NOT NULL;
ALTER TABLE desk_notification ADD COLUMN draft_id uuid REFERENCES desk_draft ON DELETE CASCADE;
ALTER TABLE desk_notification ADD CHECK (num_nonnulls(case_id, draft_id) = 1);
CREATE INDEX desk_notification_draft ON desk_notification (draft_id) WHERE draft_id IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="desk", description=DESCRIPTION)

    async def create() -> None:
        await run(LINKS)

    manager.add_raw(create)
    return manager
