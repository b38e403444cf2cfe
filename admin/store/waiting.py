"""Waiting: the cases behind the numbers of a live diagram. Only reads, from the engine's rows."""

from datetime import datetime
from typing import Any

from engine.store.statements import rows

LATE = """SELECT element, count(*) AS late FROM engine_task
    WHERE definition_hash = $1 AND state IN ('open', 'claimed') AND due_at < $2 GROUP BY element"""
AT_ELEMENT = """
SELECT DISTINCT c.id, c.reference, c.title, c.filed_at, c.due_at, c.department, c.applicant_name
FROM engine_case c JOIN engine_instance i ON i.case_id = c.id
WHERE i.definition_hash = $1 AND i.status = 'running' AND (
    EXISTS (SELECT FROM engine_task w WHERE w.instance_id = i.id AND w.element = $2 AND w.state IN ('open', 'claimed'))
    OR EXISTS (SELECT FROM engine_job w WHERE w.instance_id = i.id AND w.element = $2
        AND w.state IN ('queued', 'leased'))
    OR EXISTS (SELECT FROM engine_timer w WHERE w.instance_id = i.id AND w.element = $2)
    OR EXISTS (SELECT FROM engine_subscription w WHERE w.instance_id = i.id AND w.element = $2)
    OR EXISTS (SELECT FROM engine_incident w WHERE w.instance_id = i.id AND w.element = $2 AND w.resolved_at IS NULL))
ORDER BY c.filed_at LIMIT 200"""


async def late_by_element(content_hash: str, now: datetime) -> dict[str, int]:
    """Tasks of one version past their deadline, by element."""
    return {record["element"]: record["late"] for record in await rows(LATE, content_hash, now)}


async def waiting_cases(content_hash: str, element: str) -> list[dict[str, Any]]:
    """The open cases with a task, a job, a timer, a message or an incident at an element; the oldest 200."""
    return [dict(record) for record in await rows(AT_ELEMENT, content_hash, element)]
