"""Remote tasks: what another system does with a task that the town's agents do not: complete it with variables, change
its dates and people.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from engine import dispatch, tasks
from engine.actor import Actor
from engine.apply import memory, remote
from engine.apply.remote import TaskChanges
from engine.commands import SetVariables
from engine.commit import Commit, committed
from engine.errors import EngineError
from engine.store.statements import transaction


class TaskOver(EngineError):
    """Expected an open task, but it is completed or withdrawn."""


async def complete(task_id: UUID, variables: dict[str, Any], by: Actor, now: datetime) -> None:
    """Complete a task. Where it has no output mapping the variables are also written one by one, as such systems
    expect, beside the variable of its form.

    Raises `TaskUnknown`, `TaskOver`, and what `tasks.complete` raises.
    """

    async def work(commit: Commit) -> None:
        task = await commit.task(task_id)
        if task is None:
            commit.be_sure()
            await tasks.get(task_id)
            raise TaskOver(task_id=task_id)
        if variables and not await _maps_its_output(commit, task.instance_id, task.token):
            await dispatch.advance(commit, task.instance_id, SetVariables(variables=variables))
        await tasks.completed(commit, task_id, variables)

    await committed(work, by, now)


async def update(task_id: UUID, changes: TaskChanges) -> None:
    """Change the dates, candidates or priority of an open task. Raises `TaskUnknown`, `TaskOver`."""
    async with transaction():
        await tasks.get(task_id)
        memory.tasks.forget(task_id)
        if not await remote.change_task(task_id, changes):
            raise TaskOver(task_id=task_id)


async def _maps_its_output(commit: Commit, instance_id: UUID, token: int) -> bool:
    loaded = await commit.instance(instance_id)
    assert loaded is not None, "it was loaded with its task"
    at = next((each.node for each in loaded.current.whole().tokens if each.number == token), "")
    element = loaded.definition.elements.get(at)
    return element is not None and any(written.where.startswith("output") for written in element.expressions)
