"""Remote tasks: what another system does with a task that the town's agents do not: complete it with variables, change
its dates and people.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from engine import deployments, dispatch, tasks
from engine.actor import Actor
from engine.apply import remote
from engine.apply.remote import TaskChanges
from engine.commands import SetVariables
from engine.errors import EngineError
from engine.store.statements import transaction


class TaskOver(EngineError):
    """Expected an open task, but it is completed or withdrawn."""


async def complete(task_id: UUID, variables: dict[str, Any], by: Actor, now: datetime) -> None:
    """Complete a task. Where it has no output mapping the variables are also written one by one, as such systems
    expect, beside the variable of its form.

    Raises `TaskUnknown`, `TaskOver`, and what `tasks.complete` raises.
    """
    async with transaction():
        task = await tasks.get(task_id)
        await dispatch.lock_instance(task.instance_id)
        task = await tasks.get(task_id)
        if not task.is_open:
            raise TaskOver(task_id=task_id)
        if variables and not await _maps_its_output(task.definition_hash, task.element):
            await dispatch.carry(task.instance_id, SetVariables(variables=variables), by, now)
        await tasks.complete(task_id, variables, by, now)


async def update(task_id: UUID, changes: TaskChanges) -> None:
    """Change the dates, candidates or priority of an open task. Raises `TaskUnknown`, `TaskOver`."""
    async with transaction():
        await tasks.get(task_id)
        if not await remote.change_task(task_id, changes):
            raise TaskOver(task_id=task_id)


async def _maps_its_output(definition_hash: str, element: str) -> bool:
    definition = await deployments.definition_of(definition_hash)
    found = definition.elements.get(element)
    return found is not None and any(written.where.startswith("output") for written in found.expressions)
