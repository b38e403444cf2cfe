"""Commit: the instances and cases that one transaction of the engine moves, and everything it writes of them.

`committed(work)` is the way in. Alone, a commit locks nothing: it works on what it reads or remembers, and its one
statement meets every row as it was read; who comes second begins again and the caller never knows. Inside somebody's
transaction, or where the work asks for it (`LocksNeeded`), rows are locked when they are read: instance, then case.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import Any, TypeVar
from uuid import UUID

import msgspec

from engine import deployments
from engine.actor import Actor
from engine.apply import memory
from engine.apply.facts import facts_after
from engine.apply.ledger import Ledger, RowsMoved
from engine.apply.memory import KnownCase, KnownInstance, KnownJob, KnownTask, Latest
from engine.apply.moment import CaseFacts, Moment, Running
from engine.apply.net import Net, fold, net_of
from engine.apply.reading import LOCK, READ, facts_of, row_with_instance, running_of
from engine.apply.rows import add_waiting, begun_row, facts_row, history_rows
from engine.definition import Definition
from engine.effects import Effect
from engine.encoding import json_text
from engine.snapshot import State
from engine.store.statements import after_commit, in_transaction, row, rows, transaction, value
from engine.wake import hint

WAITING_APPLICANT = """SELECT instance_id, token FROM engine_task WHERE case_id = $1 AND audience = 'applicant'
    AND state IN ('open', 'claimed')"""
# Somebody else moved the rows this often before locks are taken instead.
TRIES = 3

Answer = TypeVar("Answer")
Row = TypeVar("Row", KnownTask, KnownJob)
Afterwards = Callable[[], Awaitable[None]]


class LocksNeeded(Exception):
    """What the work found can only be done with its rows locked."""


class Loaded(msgspec.Struct):
    """An instance in a commit: its row as it was read, its state as it is now, and what is to be written of it."""

    running: Running
    definition: Definition
    state: State | None
    net: Net | None = None
    begins: bool = False

    @property
    def is_running(self) -> bool:
        """It has not ended, in this commit or before."""
        return self.running.status == "running" and (self.net is None or self.net.ended is None)

    @property
    def current(self) -> State:
        """The state, read from its bytes when first asked for."""
        if self.state is None:
            self.state = State.load(self.running.state, self.definition)
        return self.state


class LoadedCase(msgspec.Struct):
    """A case in a commit. `mark` is absent while its row does not exist; `touched`: written even when it is the same,
    since a decision was taken on rows that nobody locked."""

    read: CaseFacts | None
    facts: CaseFacts
    mark: str | None
    filing: tuple[Any, ...] = ()
    touched: bool = False
    recalled: bool = False

    @property
    def is_written(self) -> bool:
        """Whether the commit writes its row."""
        return self.mark is None or self.touched or self.facts != self.read


class Commit:
    """One transaction of the engine, by one actor at one time. `locks`: rows are locked when they are read; `again`:
    they had moved the last time."""

    def __init__(self, by: Actor, now: datetime, *, locks: bool, again: bool = False) -> None:
        self.by, self.now, self.locks, self.again = by, now, locks, again
        self.ledger = Ledger()
        self.topics: set[str] = set()
        # What was remembered rather than read, and by whom.
        self.recalled: dict[UUID, Latest[Any]] = {}
        self._instances: dict[UUID, Loaded] = {}
        self._cases: dict[UUID, LoadedCase] = {}
        self._ended_tasks: set[tuple[UUID, int]] = set()
        self._after: list[Afterwards] = []

    async def instance(self, instance_id: UUID) -> Loaded | None:
        """The instance of this id, with its case; None when there is none."""
        known = self._instances.get(instance_id)
        if known is None and not self.locks:
            known = await self._recall(instance_id)
        if known is None:
            record = await row(LOCK if self.locks else READ, instance_id)
            known = None if record is None else await self.take(record)
        return known

    async def take(self, record: Any) -> Loaded:
        """The instance in a row of the columns `INSTANCE`."""
        running = running_of(record)
        if running.id in self._instances:
            return self._instances[running.id]
        if running.case_id not in self._cases:
            facts = facts_of(record)
            self._cases[running.case_id] = LoadedCase(facts, facts, record["mark"])
        definition = await deployments.definition_of(running.definition_hash)
        known = memory.instances.recall(running.id)
        state = known.state if known is not None and known.running.rev == running.rev else None
        loaded = self._instances[running.id] = Loaded(running, definition, state)
        return loaded

    async def task(self, task_id: UUID) -> KnownTask | None:
        """The task of this id if it is open, with its instance loaded; None when it is not, or does not exist."""
        known = None if self.locks else memory.tasks.recall(task_id)
        if known is not None and await self.instance(known.instance_id) is not None:
            self.recalled[task_id] = memory.tasks
            return known
        found = await self._row_of("engine_task", KnownTask.__struct_fields__[2:], task_id)
        return None if found is None or found["own_state"] not in ("open", "claimed") else _known(KnownTask, found)

    async def job(self, job_id: UUID) -> tuple[str, KnownJob] | None:
        """The state of the job of this id, and what reporting it needs; its instance is loaded. None: there is none."""
        known = None if self.locks else memory.jobs.recall(job_id)
        if known is not None and await self.instance(known.instance_id) is not None:
            self.recalled[job_id] = memory.jobs
            return "leased", known
        found = await self._row_of("engine_job", KnownJob.__struct_fields__[2:], job_id)
        return None if found is None else (found["own_state"], _known(KnownJob, found))

    async def _row_of(self, table: str, columns: tuple[str, ...], id: UUID) -> Any | None:
        """A row of this table, its `columns` as `own_…`, beside the columns `INSTANCE` of its instance, which is
        loaded."""
        read = row_with_instance(table, ("state", *columns))
        if not self.locks:
            record = await row(read, id)
        else:
            # The instance is always locked first; then the row is read as it is now.
            instance_id = await value(f"SELECT instance_id FROM {table} WHERE id = $1", id)
            record = None if instance_id is None or await self.instance(instance_id) is None else await row(read, id)
        if record is not None:
            await self.take(record)
        return record

    def be_sure(self) -> None:
        """What was refused is refused for certain. Raises `RowsMoved` when something was only remembered."""
        if self.recalled:
            raise RowsMoved

    def case(self, case_id: UUID) -> CaseFacts:
        """The facts of a case one of whose instances was loaded, as they are now."""
        return self._cases[case_id].facts

    def needs_locks(self) -> None:
        """Nothing more can be done without locks. Raises `LocksNeeded` when there are none."""
        if not self.locks:
            raise LocksNeeded

    def file(self, facts: CaseFacts, filing: tuple[Any, ...]) -> None:
        """A new case; `filing` are the columns of its row before its facts."""
        self._cases[facts.id] = LoadedCase(None, facts, None, filing)

    def begin(self, running: Running, definition: Definition) -> Loaded:
        """A new instance, without state yet."""
        loaded = self._instances[running.id] = Loaded(running, definition, None, begins=True)
        return loaded

    def begun_by(self, parent_id: UUID, tokens: list[int] | None) -> list[UUID]:
        """The instances that this commit has begun for these tokens of a parent (None: for any)."""
        return [
            loaded.running.id
            for loaded in self._instances.values()
            if loaded.begins
            and loaded.running.parent_id == parent_id
            and (tokens is None or loaded.running.parent_token in tokens)
        ]

    def begun_above(self, instance_id: UUID) -> tuple[int, UUID | None]:
        """How many of an instance and its callers this commit has begun, and the first caller that was there before."""
        count, here = 0, self._instances.get(instance_id)
        above: UUID | None = instance_id
        while here is not None and here.begins:
            count, above = count + 1, here.running.parent_id
            here = None if above is None else self._instances.get(above)
        return count, above

    async def move(self, loaded: Loaded, state: State, effects: tuple[Effect, ...]) -> Net:
        """The instance has moved. Returns what these effects leave to do; what they leave to write is the ledger's."""
        step = net_of(effects)
        case = self._cases[loaded.running.case_id]
        moment = self._moment(loaded)
        self._ended_tasks |= {(loaded.running.id, token) for token in step.tasks_ended}
        waits = any([task.audience == "applicant" for task in step.tasks.values()])  # noqa: C419 (sooner done)
        if not waits and case.facts.waiting_since is not None:
            waits = await self._waits_for_applicant(case)
        case.facts = facts_after(moment, step, waits)
        loaded.state = state
        if loaded.net is None:
            loaded.net = step
        else:
            fold(loaded.net, effects)
        if step.history:
            self.ledger.extend("history", history_rows(moment, step))
        self.topics |= _topics(case.facts.id, step)
        return step

    def note(self, case_id: UUID, fact: str, parameters: dict[str, Any], *, public: bool = False) -> None:
        """The journal learns a fact: see `engine.journal`."""
        by = self.by
        self.ledger.add("journal", (case_id, self.now, by.kind, by.id, by.name, fact, json_text(parameters), public))

    def complete_task(self, task_id: UUID, instance_id: UUID, token: int, answers: dict[str, Any]) -> None:
        """A task ends with these answers, if it is open and nobody else has claimed it by then."""
        by = self.by
        self._ended_tasks.add((instance_id, token))
        self.ledger.add("completed", (task_id, json_text(answers), self.now, by.id, by.name, by.kind == "system"))

    def end_job(self, job_id: UUID, attempt: int, state: str, error: str | None, retries: int) -> None:
        """A leased job is done or failed, if this attempt still holds it by then."""
        self.ledger.add("done", (job_id, attempt, state, error, retries, self.now))

    def afterwards(self, call: Afterwards) -> None:
        """Do this in the transaction once the rows are written. Needs locks."""
        self.needs_locks()
        self._after.append(call)

    async def write(self, *, remember: bool) -> None:
        """Write everything. `remember`: nobody else writes these rows in the same transaction. Raises `RowsMoved`."""
        moved = [loaded for loaded in self._instances.values() if loaded.net is not None]
        for loaded in moved:
            self._write_instance(loaded)
        for case in self._cases.values():
            self._write_case(case)
        if self.ledger.rows:
            mark = await self.ledger.write()
            if not remember:
                self.forget()
            elif self.locks:
                await after_commit(partial(self._remember_later, moved, mark))
            else:
                self._remember(moved, mark)
        for call in self._after:
            await call()
        await hint(*self.topics)

    def forget(self) -> None:
        """What was remembered is not so any more."""
        for loaded in self._instances.values():
            memory.instances.forget(loaded.running.id)
            memory.cases.forget(loaded.running.case_id)
        self._forget_recalled()

    def _forget_recalled(self) -> None:
        for row_id, kept in self.recalled.items():
            kept.forget(row_id)

    async def _recall(self, instance_id: UUID) -> Loaded | None:
        known = memory.instances.recall(instance_id)
        if known is None:
            return None
        case_id = known.running.case_id
        if case_id not in self._cases:
            case = memory.cases.recall(case_id)
            if case is None:
                return None
            self._cases[case_id] = LoadedCase(case.facts, case.facts, case.mark, recalled=True)
        definition = await deployments.definition_of(known.running.definition_hash)
        self.recalled[instance_id] = memory.instances
        loaded = self._instances[instance_id] = Loaded(known.running, definition, known.state)
        return loaded

    async def _waits_for_applicant(self, case: LoadedCase) -> bool:
        # Another instance of the case may decide on the same rows: both must then meet the same case.
        case.touched = True
        open_now = {(each["instance_id"], each["token"]) for each in await rows(WAITING_APPLICANT, case.facts.id)}
        return bool(open_now - self._ended_tasks)

    def _moment(self, loaded: Loaded) -> Moment:
        facts = self._cases[loaded.running.case_id].facts
        term = loaded.definition.manifest.term
        return Moment(running=loaded.running, case=facts, term=term, by=self.by, now=self.now)

    def _write_instance(self, loaded: Loaded) -> None:
        net, running = loaded.net, loaded.running
        assert net is not None and loaded.state is not None
        status, ended_at = (net.ended.outcome, self.now) if net.ended else ("running", None)
        stored = loaded.state.dump()
        if loaded.begins:
            self.ledger.add("begun", begun_row(running, stored, status, self.now, ended_at))
        else:
            self.ledger.add("moved", (running.id, running.rev, stored, status, ended_at))
        add_waiting(self.ledger, self._moment(loaded), net)

    def _write_case(self, case: LoadedCase) -> None:
        if case.mark is None:
            self.ledger.add("filed", (*case.filing, *facts_row(case.facts, None)))
        elif case.is_written:
            self.ledger.add("cases", (case.facts.id, case.mark, *facts_row(case.facts, case.read)))

    async def _remember_later(self, moved: list[Loaded], mark: str) -> None:
        self._remember(moved, mark)

    def _remember(self, moved: list[Loaded], mark: str) -> None:
        self._forget_recalled()
        for loaded in moved:
            running, net = loaded.running, loaded.net
            if net is None or net.ended is not None or loaded.state is None:
                memory.instances.forget(running.id)
                continue
            after = msgspec.structs.replace(running, rev=running.rev + (not loaded.begins), state=b"")
            memory.instances.remember(running.id, KnownInstance(after, loaded.state))
        for task_id, *told in self.ledger.told("tasks", ("id", *KnownTask.__struct_fields__)):
            memory.tasks.remember(task_id, KnownTask(*told))
        for case in self._cases.values():
            if case.is_written:
                memory.cases.remember(case.facts.id, KnownCase(case.facts, mark))
            elif not case.recalled and case.mark is not None:
                memory.cases.remember(case.facts.id, KnownCase(case.facts, case.mark))


async def committed(work: Callable[[Commit], Awaitable[Answer]], by: Actor, now: datetime) -> Answer:
    """Do the work and write what it did, all or nothing. The work may be called again: it changes nothing but its
    commit."""
    if in_transaction():
        return await _locked(work, Commit(by, now, locks=True), remember=False)
    for tried in range(TRIES):
        alone = Commit(by, now, locks=False, again=tried > 0)
        try:
            answer = await work(alone)
            await alone.write(remember=True)
            return answer
        except RowsMoved:
            alone.forget()
        except LocksNeeded:
            break
        except Exception:
            # Refused on what was remembered: perhaps the rows say otherwise.
            alone.forget()
            if not alone.recalled:
                raise
    async with transaction():
        return await _locked(work, Commit(by, now, locks=True), remember=True)


async def _locked(work: Callable[[Commit], Awaitable[Answer]], commit: Commit, *, remember: bool) -> Answer:
    answer = await work(commit)
    await commit.write(remember=remember)
    return answer


def _known(kind: type[Row], record: Any) -> Row:
    own = {name: record[f"own_{name}"] for name in kind.__struct_fields__[2:]}
    return kind(instance_id=record["id"], case_id=record["case_id"], **own)


def _topics(case_id: UUID, net: Net) -> set[str]:
    topics = {f"case:{case_id}"}
    if net.jobs:
        topics.add("jobs")
    if net.timers:
        topics.add("timers")
    topics |= {f"inbox:{task.department}" for task in net.tasks.values() if task.audience == "department"}
    return topics
