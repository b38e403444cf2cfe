"""Dispatch: carries one command to its instance and then whatever follows from it, until all is quiet.

Everything happens inside the caller's transaction: the instance is locked with its case, advanced (pure), applied,
and the messages, signals, children and parents this concerns are moved in turn. A token that no longer waits is left
alone.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import msgspec

from engine import apply, correlation, deployments, instance
from engine.actor import Actor
from engine.apply import CaseFacts, Moment, Net, Running, holding
from engine.bpmn.errors import NotWaiting
from engine.commands import Cancel, ChildEnded, ChildEscalated, Command, Deliver, FailJob, SetVariables, Start
from engine.correlation import Receiver
from engine.definition import Definition
from engine.effects import ChildStarted, Effect, EscalationUncaught, MessagePublished, SignalBroadcast
from engine.encoding import parse_json
from engine.errors import InstanceUnknown
from engine.filing import Applicant, Filing, file_case
from engine.held import hold, moves_suspended
from engine.ids import new_id
from engine.snapshot import State
from engine.store.statements import row, rows, value

MOST_FOLLOWERS = 10_000
# A procedure that calls itself, over others or not, stops here with an incident.
MOST_NESTED = 50

# NO KEY: rows that point at the case (a journal line, an attachment) may still be added by others meanwhile.
LOCK = """SELECT i.id, i.case_id, i.parent_id, i.parent_token, i.definition_hash, i.process, i.rev, i.state, i.status,
    i.suspended_at, c.procedure, c.state AS case_state, c.department, c.departments, c.priority, c.due_at,
    c.answered_at, c.closed_at, c.waiting_since, c.waited_seconds, c.public_step, c.decision, c.context::text AS context
    FROM engine_instance i JOIN engine_case c ON c.id = i.case_id WHERE i.id = $1 FOR NO KEY UPDATE OF i, c"""
DEPTH = """WITH RECURSIVE up AS (
    SELECT id, parent_id FROM engine_instance WHERE id = $1
    UNION ALL SELECT i.id, i.parent_id FROM engine_instance i JOIN up ON i.id = up.parent_id)
    SELECT count(*) FROM up"""
CHILDREN = """SELECT id FROM engine_instance WHERE parent_id = $1 AND status = 'running'
    AND ($2::bigint[] IS NULL OR parent_token = ANY($2::bigint[]))"""


class Errand(msgspec.Struct, frozen=True, kw_only=True):
    """A command on its way. `lenient`: the token may have moved on meanwhile, and then nothing happens."""

    instance_id: UUID
    command: Command
    lenient: bool = True


class Birth(msgspec.Struct, frozen=True, kw_only=True):
    """A child instance to start for a call activity."""

    parent: Running
    case: CaseFacts
    effect: ChildStarted


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """A message, or a signal, that an instance sends. The sender's own subscribers have had a signal already."""

    effect: MessagePublished | SignalBroadcast
    sender: UUID


class EventStart(msgspec.Struct, frozen=True, kw_only=True):
    """A case to start at an event of a definition in service."""

    definition_hash: str
    element: str
    variables: dict[str, Any]
    came: tuple[str, str] | None = None


Follower = Errand | Birth | Call | EventStart


async def carry(instance_id: UUID, command: Command, by: Actor, now: datetime) -> None:
    """Advance one instance and all that follows. Raises `NotWaiting` when the token does not wait for this command."""
    await _drain([Errand(instance_id=instance_id, command=command, lenient=False)], by, now)


async def begin(case: CaseFacts, definition: Definition, start: Start, by: Actor, now: datetime) -> UUID:
    """Start the root instance of a case that was just filed, and carry what follows. Returns the instance's id."""
    running, followers = await _start(case, definition, start, by, now, parent=None)
    await _drain(followers, by, now)
    return running.id


async def settle(moment: Moment, state: State, effects: tuple[Effect, ...]) -> None:
    """Write an instance that something else than a command has moved (a migration), and carry what follows."""
    after, net = await apply.write(moment, state.dump(), effects)
    if moment.running.suspended_at is not None:
        await holding.hold_waiting(moment.running.id)
    await _drain(await _consequences(moment.running, after, net, moment.now), moment.by, moment.now)


async def patch_case(instance_id: UUID, changes: dict[str, Any], by: Actor, now: datetime) -> None:
    """Tell a running instance that its case has changed: `changes` are merged into its root variable `case`."""
    locked = await lock_instance(instance_id)
    if locked is None or locked[0].status != "running":
        return
    running = locked[0]
    definition = await deployments.definition_of(running.definition_hash)
    known: Any = State.load(running.state, definition).variables.get("case")
    if isinstance(known, dict):
        patched = {**cast("dict[str, Any]", known), **changes}
        await carry(instance_id, SetVariables(variables={"case": patched}), by, now)


async def start_by_event(
    definition_hash: str, element: str, variables: dict[str, Any], by: Actor, now: datetime
) -> None:
    """Start a case at a message, signal or timer start event of a definition in service."""
    await _drain([EventStart(definition_hash=definition_hash, element=element, variables=variables)], by, now)


async def deliver(receivers: Iterable[Receiver], command: Deliver, by: Actor, now: datetime) -> int:
    """Bring a message or signal to these receivers. Returns how many there were."""
    followers = [_delivery(receiver, command) for receiver in receivers]
    await _drain(followers, by, now)
    return len(followers)


async def _drain(first: Iterable[Follower], by: Actor, now: datetime) -> None:
    waiting = deque(first)
    carried = 0
    while waiting:
        carried += 1
        if carried > MOST_FOLLOWERS:
            raise RecursionError(f"more than {MOST_FOLLOWERS} instances would move at once")
        waiting.extend(await _followers_of(waiting.popleft(), by, now))


async def _followers_of(follower: Follower, by: Actor, now: datetime) -> list[Follower]:
    match follower:
        case Errand():
            return await _advance(follower, by, now)
        case Birth():
            return await _bear(follower, by, now)
        case Call():
            return await _spread(follower.effect, follower.sender)
        case EventStart():
            return await _file_and_start(follower, by, now)


async def _spread(effect: MessagePublished | SignalBroadcast, sender: UUID) -> list[Follower]:
    if isinstance(effect, MessagePublished):
        receivers = await correlation.receivers_of_message(effect.name, effect.key)
        command = Deliver(token=0, name=effect.name, key=effect.key, variables=effect.variables)
    else:
        everybody = await correlation.receivers_of_signal(effect.name)
        receivers = [receiver for receiver in everybody if receiver.instance_id != sender]
        command = Deliver(token=0, name=effect.name, kind="signal", variables=effect.variables)
    return [_delivery(receiver, command) for receiver in receivers]


async def _advance(errand: Errand, by: Actor, now: datetime) -> list[Follower]:
    locked = await lock_instance(errand.instance_id)
    if locked is None:
        raise InstanceUnknown(instance_id=errand.instance_id)
    running, case = locked
    if running.status != "running":
        return _refuse(errand, f"instance {running.id} has ended")
    if running.suspended_at is not None and not moves_suspended(errand.command):
        await hold(running.id, errand.command, by, now)
        return []
    definition = await deployments.definition_of(running.definition_hash)
    try:
        state, effects = instance.advance(definition, State.load(running.state, definition), errand.command, now)
    except NotWaiting:
        if not errand.lenient:
            raise
        return []
    moment = Moment(running=running, case=case, term=definition.manifest.term, by=by, now=now)
    after, net = await apply.write(moment, state.dump(), effects)
    if running.suspended_at is not None:
        await holding.hold_waiting(running.id)
    return await _consequences(running, after, net, now)


def _refuse(errand: Errand, reason: str) -> list[Follower]:
    if errand.lenient:
        return []
    raise NotWaiting(getattr(errand.command, "token", 0), reason)


async def _start(
    case: CaseFacts, definition: Definition, start: Start, by: Actor, now: datetime, parent: tuple[UUID, int] | None
) -> tuple[Running, list[Follower]]:
    state, effects = instance.start(definition, start, now)
    parent_id, parent_token = parent or (None, None)
    running = Running(
        id=new_id(now),
        case_id=case.id,
        parent_id=parent_id,
        parent_token=parent_token,
        definition_hash=definition.hash,
        process=start.process or definition.main_process,
        rev=0,
        state=b"",
        status="running",
    )
    await apply.add_instance(running, now)
    moment = Moment(running=running, case=case, term=definition.manifest.term, by=by, now=now)
    after, net = await apply.write(moment, state.dump(), effects)
    return running, await _consequences(running, after, net, now)


async def _consequences(running: Running, case: CaseFacts, net: Net, now: datetime) -> list[Follower]:
    followers: list[Follower] = await _orphans(running, net)
    followers += await _met_in_buffer(running, net, now)
    for sending in net.sendings:
        match sending:
            case ChildStarted():
                followers.append(Birth(parent=running, case=case, effect=sending))
            case _:
                followers.append(Call(effect=sending, sender=running.id))
    if running.parent_id is not None and running.parent_token is not None:
        escalations = (passage for passage in net.history if isinstance(passage, EscalationUncaught))
        followers += [
            Errand(instance_id=running.parent_id, command=ChildEscalated(token=running.parent_token, code=each.code))
            for each in escalations
        ]
    if net.ended is not None and running.parent_id is not None and running.parent_token is not None:
        ended = ChildEnded(token=running.parent_token, variables=net.ended.variables, error=net.ended.error)
        followers.append(Errand(instance_id=running.parent_id, command=ended))
    return followers


async def _orphans(running: Running, net: Net) -> list[Follower]:
    """Children whose call activity was interrupted, or whose parent ended, are cancelled."""
    interrupted = None if net.ended is not None else sorted(net.terminated())
    if interrupted == []:
        return []
    children = await rows(CHILDREN, running.id, interrupted)
    return [Errand(instance_id=child["id"], command=Cancel(reason="parent")) for child in children]


async def _met_in_buffer(running: Running, net: Net, now: datetime) -> list[Follower]:
    """Messages that were published before anybody waited for them."""
    met: list[Follower] = []
    for opened in net.subscriptions.values():
        if opened.kind != "message":
            continue
        await correlation.meet(opened.name, opened.key)
        variables = await correlation.take_buffered(opened.name, opened.key, now)
        if variables is not None:
            command = Deliver(
                token=opened.token, index=opened.index, name=opened.name, key=opened.key, variables=variables
            )
            met.append(Errand(instance_id=running.id, command=command))
    return met


async def _bear(birth: Birth, by: Actor, now: datetime) -> list[Follower]:
    effect, parent = birth.effect, birth.parent
    definition = await deployments.definition_of(parent.definition_hash)
    if effect.version_tag is not None or effect.process not in definition.processes:
        called = await _called(parent, effect)
        if isinstance(called, str):
            return [Errand(instance_id=parent.id, command=FailJob(token=effect.token, message=called))]
        definition = called
    process = effect.process if effect.process in definition.processes else definition.main_process
    start = Start(variables=effect.variables, process=process, called=True)
    locked = await lock_instance(parent.id)
    case = locked[1] if locked else birth.case
    child, followers = await _start(case, definition, start, by, now, parent=(parent.id, effect.token))
    if locked is not None and locked[0].suspended_at is not None:
        await holding.suspend_instance(child.id, now)
    return followers


async def _called(parent: Running, effect: ChildStarted) -> Definition | str:
    """The definition a call activity calls, or why it calls none."""
    if await value(DEPTH, parent.id) >= MOST_NESTED:
        return f"Procedures call one another more than {MOST_NESTED} levels deep: does one call itself?"
    if effect.version_tag is not None:
        tagged = await deployments.definition_tagged(effect.process, effect.version_tag)
        return tagged or f"No version of the process “{effect.process}” has the tag “{effect.version_tag}”."
    found = await deployments.definition_running(effect.process)
    return found or f"No procedure in service has the process “{effect.process}”."


async def _file_and_start(event: EventStart, by: Actor, now: datetime) -> list[Follower]:
    definition = await deployments.definition_of(event.definition_hash)
    filing = Filing(
        manifest=definition.manifest,
        definition_hash=definition.hash,
        answers={},
        form="",
        origin="event",
        language="fr",
        channel="email",
        applicant=Applicant(),
        by=by,
        now=now,
    )
    filed = await file_case(filing)
    assert filed is not None, "a case without key is always new"
    process = definition.elements[event.element].process
    variables = {"answers": {}, "case": filed.variable, **event.variables}
    start = Start(variables=variables, process=process, start=event.element, came=event.came)
    _, followers = await _start(filed.facts, definition, start, by, now, parent=None)
    return followers


def _delivery(receiver: Receiver, command: Deliver) -> Follower:
    if receiver.instance_id is None:
        assert receiver.definition_hash is not None
        return EventStart(
            definition_hash=receiver.definition_hash,
            element=receiver.element,
            variables=command.variables,
            came=(command.kind, command.name),
        )
    here = msgspec.structs.replace(command, token=receiver.token, index=receiver.index)
    return Errand(instance_id=receiver.instance_id, command=here)


async def lock_instance(instance_id: UUID) -> tuple[Running, CaseFacts] | None:
    """The instance and its case, locked in this order until the transaction ends; None when there is none."""
    record = await row(LOCK, instance_id)
    if record is None:
        return None
    columns = dict(record)
    running = Running(**{name: columns[name] for name in Running.__struct_fields__})
    facts = {name: columns[name] for name in CaseFacts.__struct_fields__ if name not in ("id", "state", "context")}
    facts |= {"departments": tuple(columns["departments"]), "context": parse_json(columns["context"])}
    return running, CaseFacts(id=running.case_id, state=columns["case_state"], **facts)
