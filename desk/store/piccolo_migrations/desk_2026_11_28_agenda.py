"""Agenda: time kept free around bookings, bookings of a season, and the line of those who wait for a slot."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from desk.store import run

ID = "2026-11-28T13:20:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "buffers, seasons, waiting line"

# A booking excludes others from its span and from the time kept around it. Rows written by an older process have no
# `kept`: their span alone counts.
AGENDA = """
ALTER TABLE desk_resource ADD COLUMN before_minutes smallint NOT NULL DEFAULT 0
    CHECK (before_minutes BETWEEN 0 AND 1440);
ALTER TABLE desk_resource ADD COLUMN after_minutes smallint NOT NULL DEFAULT 0
    CHECK (after_minutes BETWEEN 0 AND 1440);

CREATE TABLE desk_season (
    id uuid PRIMARY KEY,
    resource text NOT NULL REFERENCES desk_resource,
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    job_id uuid UNIQUE,
    rule text NOT NULL,
    begins_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    refused jsonb NOT NULL,
    made_at timestamptz NOT NULL
);
CREATE INDEX desk_season_case ON desk_season (case_id);

ALTER TABLE desk_booking ADD COLUMN season_id uuid REFERENCES desk_season ON DELETE CASCADE;
CREATE INDEX desk_booking_season ON desk_booking (season_id) WHERE season_id IS NOT NULL;
ALTER TABLE desk_booking ADD COLUMN kept tstzrange CHECK (kept @> during);
ALTER TABLE desk_booking DROP CONSTRAINT desk_booking_alone;
ALTER TABLE desk_booking ADD CONSTRAINT desk_booking_alone
    EXCLUDE USING gist (resource WITH =, (coalesce(kept, during)) WITH &&) WHERE (state <> 'released');

CREATE TABLE desk_waiting (
    id uuid PRIMARY KEY,
    resource text NOT NULL REFERENCES desk_resource,
    during tstzrange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during) AND NOT upper_inf(during)),
    wanted text NOT NULL CHECK (wanted IN ('option', 'booked')),
    case_id uuid NOT NULL REFERENCES engine_case ON DELETE CASCADE,
    job_id uuid NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('waiting', 'served', 'left')),
    asked_at timestamptz NOT NULL,
    served_at timestamptz,
    told_at timestamptz,
    CHECK (state <> 'served' OR served_at IS NOT NULL)
);
CREATE INDEX desk_waiting_line ON desk_waiting (resource, asked_at, id) WHERE state = 'waiting';
CREATE INDEX desk_waiting_untold ON desk_waiting (served_at) WHERE state = 'served' AND told_at IS NULL;
CREATE INDEX desk_waiting_case ON desk_waiting (case_id);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="desk", description=DESCRIPTION)

    async def create() -> None:
        await run(AGENDA)

    manager.add_raw(create)
    return manager
