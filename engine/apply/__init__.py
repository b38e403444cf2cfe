"""Apply: the only writer of instance, task, job, timer, subscription, incident and history rows.

`write` turns the effects of one advance into rows inside the caller's transaction, and returns what else must follow
(messages, children, the parent): `engine.dispatch` carries it. `marks` holds the single-row changes that verbs ask for.
Never advances an instance itself.
"""

from datetime import datetime

from engine.apply.facts import facts_after
from engine.apply.moment import CaseFacts, Moment, Running
from engine.apply.net import Net, net_of
from engine.apply.rows import ADD_INSTANCE, MOVE_INSTANCE, add_rows, change_case, end_rows
from engine.effects import Effect
from engine.store.statements import run, value
from engine.wake import hint

__all__ = ["CaseFacts", "InstanceMoved", "Moment", "Net", "Running", "add_instance", "write"]

WAITS_FOR_APPLICANT = """SELECT EXISTS (SELECT FROM engine_task WHERE case_id = $1 AND audience = 'applicant'
    AND state IN ('open', 'claimed'))"""


class InstanceMoved(Exception):
    """Expected the revision that was read, but another command has moved the instance."""


async def add_instance(running: Running, now: datetime) -> None:
    """Add the row of an instance before its first effects, so that what waits can point at it."""
    identity = (running.id, running.case_id, running.parent_id, running.parent_token, running.definition_hash)
    await run(ADD_INSTANCE, *identity, running.process, running.rev, running.state, running.status, now)


async def write(moment: Moment, state: bytes, effects: tuple[Effect, ...]) -> tuple[CaseFacts, Net]:
    """Write the new state and its effects. Returns the case as it is now, and the net whose sendings must still be
    carried.
    """
    net = net_of(effects)
    await _move_instance(moment, state, net)
    await end_rows(moment, net)
    await add_rows(moment, net, moment.case.department)
    after = facts_after(moment, net, await _waits_for_applicant(moment, net))
    await change_case(moment.case, after)
    await hint(*_topics(moment, net))
    return after, net


async def _move_instance(moment: Moment, state: bytes, net: Net) -> None:
    status = net.ended.outcome if net.ended else "running"
    ended_at = moment.now if net.ended else None
    moved = await value(MOVE_INSTANCE, moment.running.id, moment.running.rev, state, status, ended_at)
    if moved is None:
        raise InstanceMoved(str(moment.running.id))


async def _waits_for_applicant(moment: Moment, net: Net) -> bool:
    opened = any(task.audience == "applicant" for task in net.tasks.values())
    if opened or moment.case.waiting_since is None:
        return opened
    return bool(await value(WAITS_FOR_APPLICANT, moment.case.id))


def _topics(moment: Moment, net: Net) -> set[str]:
    topics = {f"case:{moment.case.id}"}
    if net.jobs:
        topics.add("jobs")
    if net.timers:
        topics.add("timers")
    topics |= {f"inbox:{task.department}" for task in net.tasks.values() if task.audience == "department"}
    return topics
