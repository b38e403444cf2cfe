"""Moving: the rows of an instance that goes on with another version. What is open stays open: a task keeps its draft,
assignee and due date, a job its lease and its tries, a timer its time.
"""

from typing import Any
from uuid import UUID

import msgspec

from engine.apply.moment import Moment
from engine.encoding import json_text
from engine.store.statements import run

CHANGE_VERSION = "UPDATE engine_instance SET definition_hash = $2, process = $3 WHERE id = $1"
CHANGE_CASE = "UPDATE engine_case SET definition_hash = $2 WHERE id = $1"
MOVED = "unnest($2::bigint[], $3::text[], $4::text[], $5::text[]) AS moved(token, element, name, form)"
MOVE_TASKS = f"""UPDATE engine_task t SET element = moved.element, name = moved.name, form = moved.form,
    definition_hash = $6 FROM {MOVED}
    WHERE t.instance_id = $1 AND t.token = moved.token AND t.state IN ('open', 'claimed')"""
MOVE_JOBS = f"""UPDATE engine_job j SET element = moved.element, definition_hash = $6 FROM {MOVED}
    WHERE j.instance_id = $1 AND j.token = moved.token AND j.state IN ('queued', 'leased', 'failed')"""
WATCHED = "unnest($2::bigint[], $3::text[]) AS moved(token, element)"
MOVE_TIMERS = f"""UPDATE engine_timer t SET element = moved.element FROM {WATCHED}
    WHERE t.instance_id = $1 AND t.token = moved.token AND t.element <> moved.element"""
MOVE_SUBSCRIPTIONS = f"""UPDATE engine_subscription s SET element = moved.element FROM {WATCHED}
    WHERE s.instance_id = $1 AND s.token = moved.token AND s.element <> moved.element"""
MOVE_INCIDENTS = f"""UPDATE engine_incident i SET element = moved.element FROM {WATCHED}
    WHERE i.instance_id = $1 AND i.token = moved.token AND i.resolved_at IS NULL AND i.element <> moved.element"""
NOTE = """INSERT INTO engine_history (case_id, instance_id, happened, at, actor_name, details)
    VALUES ($1, $2, 'migrated', $3, $4, $5::text::jsonb)"""


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a token is in the new version: its element, as the rows of what waits there tell it.

    `watched` is the start event of an event sub-process whose event is awaited, else the element itself.
    """

    token: int
    element: str
    name: str
    form: str | None
    watched: str


async def move_rows(moment: Moment, process: str, places: list[Place]) -> None:
    """Every open row of the instance follows its token; `moment` is on the new version already."""
    running, version = moment.running, moment.running.definition_hash
    await run(CHANGE_VERSION, running.id, version, process)
    if running.parent_id is None:
        await run(CHANGE_CASE, running.case_id, version)
    tokens = [place.token for place in places]
    elements = [place.element for place in places]
    told = ([place.name for place in places], [place.form for place in places], version)
    await run(MOVE_TASKS, running.id, tokens, elements, *told)
    await run(MOVE_JOBS, running.id, tokens, elements, *told)
    watched = [place.watched for place in places]
    await run(MOVE_TIMERS, running.id, tokens, watched)
    await run(MOVE_SUBSCRIPTIONS, running.id, tokens, watched)
    await run(MOVE_INCIDENTS, running.id, tokens, elements)


async def note_migration(moment: Moment, instance_id: UUID, details: dict[str, Any]) -> None:
    """The history learns from which version to which an instance went."""
    await run(NOTE, moment.case.id, instance_id, moment.now, moment.by.name, json_text(details))
