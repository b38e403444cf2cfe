"""Surveys: what is measured, at which step, and the dimensions of an answer."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from desk.store import run

ID = "2026-11-28T13:55:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "what a survey measures, its step, dimensions"

SURVEYS = """
ALTER TABLE desk_invitation ADD COLUMN measure text NOT NULL DEFAULT 'satisfaction';
ALTER TABLE desk_invitation ADD COLUMN element_id text NOT NULL DEFAULT '';
ALTER TABLE desk_survey_answer ADD COLUMN dimensions jsonb NOT NULL DEFAULT '{}';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="desk", description=DESCRIPTION)

    async def create() -> None:
        await run(SURVEYS)

    manager.add_raw(create)
    return manager
