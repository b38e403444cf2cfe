"""Dispatch: carries one command to its instance and then whatever follows from it, until all is quiet.

Everything happens in one commit (`engine.commit`): instances are advanced (pure), then the messages, signals, children
and parents this concerns are moved in turn. A token that no longer waits is left alone.
"""

from collections import deque
from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any, cast
from uuid import UUID

import msgspec

from engine import correlation, deployments, instance
from engine.actor import Actor
from engine.apply import CaseFacts, Moment, Net, Running, holding
from engine.apply.reading import LOCK, facts_of, running_of
from engine.bpmn.errors import NotWaiting
from engine.commands import Cancel, ChildEnded, ChildEscalated, Command, Deliver, FailJob, SetVariables, Start
from engine.commit import Commit, Loaded, committed
from engine.correlation import Receiver
from engine.definition import Definition
from engine.effects import ChildStarted, Effect, EscalationUncaught, MessagePublished, SignalBroadcast
from engine.errors import InstanceUnknown
from engine.feel.sentences import Sentence
from engine.filing import Applicant, Filing, file_case
from engine.held import hold, moves_suspended
from engine.ids import new_id
from engine.snapshot import State
from engine.store.statements import row, rows, value

MOST_FOLLOWERS = 10_000
# A procedure that calls itself, over others or not, stops here with an incident.
MOST_NESTED = 50
TOO_DEEP = "Procedures call one another more than {0} levels deep: does one call itself?"
NO_VERSION = "No version of the process “{0}” has the tag “{1}”."
NO_PROCEDURE = "No procedure in service has the process “{0}”."

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

    parent: UUID
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
    """Advance one instance and all that follows, in a commit of its own or in the open transaction. Raises
    `NotWaiting` when the token does not wait for this command, `InstanceUnknown`."""
    await committed(lambda commit: advance(commit, instance_id, command), by, now)


async def settle(moment: Moment, state: State, effects: tuple[Effect, ...]) -> None:
    """Write an instance that something else than a command has moved (a migration), and carry what follows."""

    async def work(commit: Commit) -> None:
        loaded = await commit.instance(moment.running.id)
        assert loaded is not None, "its mover has it locked"
        if loaded.running.suspended_at is not None:
            commit.afterwards(partial(holding.hold_waiting, loaded.running.id))
        net = await commit.move(loaded, state, effects)
        await _drain(commit, await _consequences(commit, loaded, net))

    await committed(work, moment.by, moment.now)


async def deliver(receivers: Iterable[Receiver], command: Deliver, by: Actor, now: datetime) -> int:
    """Bring a message or signal to these receivers. Returns how many there were."""
    followers = [_delivery(receiver, command) for receiver in receivers]
    await committed(lambda commit: _drain(commit, followers), by, now)
    return len(followers)


async def patch_case(instance_id: UUID, changes: dict[str, Any], by: Actor, now: datetime) -> None:
    """Tell a running instance that its case has changed: `changes` are merged into its root variable `case`."""
    await committed(lambda commit: tell_case(commit, instance_id, changes), by, now)


async def lock_instance(instance_id: UUID) -> tuple[Running, CaseFacts] | None:
    """The instance and its case, locked in this order until the open transaction ends; None when there is none."""
    record = await row(LOCK, instance_id)
    return None if record is None else (running_of(record), facts_of(record))


async def advance(commit: Commit, instance_id: UUID, command: Command) -> None:
    """The same as `carry`, as a part of this commit."""
    await _drain(commit, [Errand(instance_id=instance_id, command=command, lenient=False)])


async def advance_if_waiting(commit: Commit, instance_id: UUID, command: Command) -> bool:
    """Advance the instance if its token still waits for this command; False when it has moved on by itself."""
    try:
        await advance(commit, instance_id, command)
    except NotWaiting:
        commit.be_sure()
        return False
    return True


async def begin(commit: Commit, case_id: UUID, definition: Definition, start: Start) -> UUID:
    """Start the root instance of a case that this commit files, and carry what follows. Returns the instance's id."""
    loaded, followers = await _start(commit, case_id, definition, start, parent=None)
    await _drain(commit, followers)
    return loaded.running.id


async def start_by_event(commit: Commit, definition_hash: str, element: str, variables: dict[str, Any]) -> None:
    """Start a case at a message, signal or timer start event of a definition in service."""
    await _drain(commit, [EventStart(definition_hash=definition_hash, element=element, variables=variables)])


async def tell_case(commit: Commit, instance_id: UUID, changes: dict[str, Any]) -> None:
    """The same as `patch_case`, as a part of this commit."""
    loaded = await commit.instance(instance_id)
    if loaded is None or not loaded.is_running:
        return
    known: Any = loaded.current.variables.get("case")
    if isinstance(known, dict):
        patched = {**cast("dict[str, Any]", known), **changes}
        await advance(commit, instance_id, SetVariables(variables={"case": patched}))


async def _drain(commit: Commit, first: Iterable[Follower]) -> None:
    waiting = deque(first)
    carried = 0
    while waiting:
        carried += 1
        if carried > MOST_FOLLOWERS:
            raise RecursionError(f"more than {MOST_FOLLOWERS} instances would move at once")
        waiting.extend(await _followers_of(commit, waiting.popleft()))


async def _followers_of(commit: Commit, follower: Follower) -> list[Follower]:
    match follower:
        case Errand():
            return await _advance(commit, follower)
        case Birth():
            return await _bear(commit, follower)
        case Call():
            return await _spread(follower.effect, follower.sender)
        case EventStart():
            return await _file_and_start(commit, follower)


async def _spread(effect: MessagePublished | SignalBroadcast, sender: UUID) -> list[Follower]:
    if isinstance(effect, MessagePublished):
        receivers = await correlation.receivers_of_message(effect.name, effect.key)
        command = Deliver(token=0, name=effect.name, key=effect.key, variables=effect.variables)
    else:
        everybody = await correlation.receivers_of_signal(effect.name)
        receivers = [receiver for receiver in everybody if receiver.instance_id != sender]
        command = Deliver(token=0, name=effect.name, kind="signal", variables=effect.variables)
    return [_delivery(receiver, command) for receiver in receivers]


async def _advance(commit: Commit, errand: Errand) -> list[Follower]:
    loaded = await commit.instance(errand.instance_id)
    if loaded is None:
        raise InstanceUnknown(instance_id=errand.instance_id)
    running = loaded.running
    if not loaded.is_running:
        return _refuse(errand, f"instance {running.id} has ended")
    if running.suspended_at is not None:
        commit.needs_locks()
        if not moves_suspended(errand.command):
            await hold(running.id, errand.command, commit.by, commit.now)
            return []
        commit.afterwards(partial(holding.hold_waiting, running.id))
    try:
        state, effects = instance.advance(loaded.definition, loaded.current, errand.command, commit.now)
    except NotWaiting:
        if not errand.lenient:
            raise
        commit.be_sure()
        return []
    net = await commit.move(loaded, state, effects)
    return await _consequences(commit, loaded, net)


def _refuse(errand: Errand, reason: str) -> list[Follower]:
    if errand.lenient:
        return []
    raise NotWaiting(getattr(errand.command, "token", 0), reason)


async def _start(
    commit: Commit, case_id: UUID, definition: Definition, start: Start, parent: tuple[UUID, int] | None
) -> tuple[Loaded, list[Follower]]:
    state, effects = instance.start(definition, start, commit.now)
    parent_id, parent_token = parent or (None, None)
    running = Running(
        id=new_id(commit.now),
        case_id=case_id,
        parent_id=parent_id,
        parent_token=parent_token,
        definition_hash=definition.hash,
        process=start.process or definition.main_process,
        rev=1,
        state=b"",
        status="running",
    )
    loaded = commit.begin(running, definition)
    net = await commit.move(loaded, state, effects)
    return loaded, await _consequences(commit, loaded, net)


async def _consequences(commit: Commit, loaded: Loaded, net: Net) -> list[Follower]:
    running = loaded.running
    followers: list[Follower] = await _orphans(commit, loaded, net) if loaded.definition.calls else []
    if net.subscriptions:
        followers += await _met_in_buffer(commit, running, net)
    for sending in net.sendings:
        match sending:
            case ChildStarted():
                followers.append(Birth(parent=running.id, effect=sending))
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


async def _orphans(commit: Commit, loaded: Loaded, net: Net) -> list[Follower]:
    """Children whose call activity was interrupted, or whose parent ended, are cancelled."""
    interrupted = None if net.ended is not None else sorted(net.terminated())
    if interrupted == []:
        return []
    parent = loaded.running.id
    children = [child["id"] for child in await rows(CHILDREN, parent, interrupted)]
    children += commit.begun_by(parent, interrupted)
    return [Errand(instance_id=child, command=Cancel(reason="parent")) for child in children]


async def _met_in_buffer(commit: Commit, running: Running, net: Net) -> list[Follower]:
    """Messages that were published before anybody waited for them."""
    met: list[Follower] = []
    for opened in net.subscriptions.values():
        if opened.kind != "message":
            continue
        commit.needs_locks()
        await correlation.meet(opened.name, opened.key)
        variables = await correlation.take_buffered(opened.name, opened.key, commit.now)
        if variables is not None:
            command = Deliver(
                token=opened.token, index=opened.index, name=opened.name, key=opened.key, variables=variables
            )
            met.append(Errand(instance_id=running.id, command=command))
    return met


async def _bear(commit: Commit, birth: Birth) -> list[Follower]:
    effect = birth.effect
    parent = await commit.instance(birth.parent)
    assert parent is not None, "the parent moved in this commit"
    definition = parent.definition
    if effect.version_tag is not None or effect.process not in definition.processes:
        called = await _called(commit, birth)
        if isinstance(called, Sentence):
            return [Errand(instance_id=birth.parent, command=FailJob.of(effect.token, called))]
        definition = called
    process = effect.process if effect.process in definition.processes else definition.main_process
    start = Start(variables=effect.variables, process=process, called=True)
    called_by = (birth.parent, effect.token)
    child, followers = await _start(commit, parent.running.case_id, definition, start, parent=called_by)
    if parent.running.suspended_at is not None:
        commit.afterwards(partial(holding.suspend_instance, child.running.id, commit.now))
    return followers


async def _called(commit: Commit, birth: Birth) -> Definition | Sentence:
    """The definition a call activity calls, or why it calls none."""
    effect = birth.effect
    begun, stored = commit.begun_above(birth.parent)
    if begun + (await value(DEPTH, stored) if stored else 0) >= MOST_NESTED:
        return Sentence(TOO_DEEP, (MOST_NESTED,))
    if effect.version_tag is not None:
        tagged = await deployments.definition_tagged(effect.process, effect.version_tag)
        return tagged or Sentence(NO_VERSION, (effect.process, effect.version_tag))
    found = await deployments.definition_running(effect.process)
    return found or Sentence(NO_PROCEDURE, (effect.process,))


async def _file_and_start(commit: Commit, event: EventStart) -> list[Follower]:
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
        by=commit.by,
        now=commit.now,
    )
    filed = await file_case(commit, filing)
    process = definition.elements[event.element].process
    variables = {"answers": {}, "case": filed.variable, **event.variables}
    start = Start(variables=variables, process=process, start=event.element, came=event.came)
    _, followers = await _start(commit, filed.facts.id, definition, start, parent=None)
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
