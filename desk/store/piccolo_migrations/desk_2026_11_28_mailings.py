"""Mailings: invitations to surveys that leave later, and their one reminder."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from desk.store import run

ID = "2026-11-28T17:55:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "survey letters that leave later"

MAILINGS = """
CREATE TABLE desk_mailing (
    id uuid PRIMARY KEY,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    key text NOT NULL,
    kind text NOT NULL CHECK (kind IN ('invitation', 'reminder')),
    asked jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('planned', 'sent', 'spared')),
    reason text NOT NULL,
    planned_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    done_at timestamptz,
    UNIQUE (key, kind)
);
CREATE INDEX desk_mailing_due ON desk_mailing (due_at, id) WHERE state = 'planned';
CREATE INDEX desk_mailing_case ON desk_mailing (case_id);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="desk", description=DESCRIPTION)

    async def create() -> None:
        await run(MAILINGS)

    manager.add_raw(create)
    return manager
