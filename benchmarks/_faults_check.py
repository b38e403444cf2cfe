"""The invariant checker of the faults benchmark: pure, over the whole history as values. Each kind of violation is
defined in `benchmarks.faults`; a finding says which command, timer, job or instance, in words.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from benchmarks import _faults_models as models
from benchmarks._faults_ledger import Line

KINDS = (
    "commands_lost",
    "applied_twice",
    "timers_lost",
    "timers_early",
    "jobs_lost",
    "effects_without_cause",
    "instances_stuck",
)
OVERDUE = timedelta(seconds=30)
"""What is due for longer than this at the end, everything being quiet, is lost."""
Place = tuple[UUID, int]


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A row that stands for a waiting token: `kind` is task, job, timer, message, signal, incident or child."""

    kind: str
    instance_id: UUID
    token: int
    index: int = 0
    due_at: datetime | None = None


class Job(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    instance_id: UUID
    token: int
    state: str
    attempt: int
    due_at: datetime


class Task(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    instance_id: UUID
    token: int
    state: str
    key: str | None


class Case(msgspec.Struct, frozen=True, kw_only=True):
    id: UUID
    key: str | None
    procedure: str
    state: str
    filed_at: datetime


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the engine's history, in order."""

    instance_id: UUID
    token: int | None
    happened: str
    element: str | None
    at: datetime
    details: dict[str, Any] = {}


class TimerChange(msgspec.Struct, frozen=True, kw_only=True):
    """A timer row set (inserted, or given another due date) or gone, in order; without instance, a start timer."""

    set: bool
    instance_id: UUID | None
    element: str
    due_at: datetime
    definition_hash: str | None = None


class Instance(msgspec.Struct, frozen=True, kw_only=True):
    """An instance and, while it runs, its stored state: who waits (`tokens`), for which timers (`timers`)."""

    id: UUID
    case_id: UUID
    procedure: str
    status: str
    parent_id: UUID | None = None
    parent_token: int | None = None
    all_tokens: frozenset[int] = frozenset()
    tokens: dict[int, str] = {}
    timers: dict[tuple[int, int], datetime] = {}
    unreadable: bool = False


class History(msgspec.Struct, frozen=True, kw_only=True):
    """All there is to know, at the end, when everything is quiet. `sent`: drafts that have become a case."""

    now: datetime
    lines: list[Line] = []
    cases: list[Case] = []
    instances: list[Instance] = []
    tasks: list[Task] = []
    jobs: list[Job] = []
    waiting: list[Waiting] = []
    passages: list[Passage] = []
    timer_changes: list[TimerChange] = []
    messages: frozenset[str] = frozenset()
    sent: frozenset[str] = frozenset()
    resolved: frozenset[UUID] = frozenset()


def check(history: History) -> dict[str, list[str]]:
    """Every violation, by kind."""
    found: dict[str, list[str]] = {kind: [] for kind in KINDS}
    for part in (_commands, _twice, _timers, _jobs, _effects, _instances):
        for kind, words in part(history):
            found[kind].append(words)
    return found


Finding = tuple[str, str]


def _commands(history: History) -> Iterator[Finding]:
    """Acknowledged outside, and absent from the history."""
    cases = {case.key: case for case in history.cases}
    by_id = {str(case.id): case for case in history.cases}
    tasks = {str(task.id): task for task in history.tasks}
    jobs = {str(job.id): job for job in history.jobs}
    left = {(passage.instance_id, passage.token) for passage in history.passages if passage.happened == "left"}
    applied = _messages_applied(history)
    started = {instance.case_id for instance in history.instances}
    for line in history.lines:
        if line.phase != "acknowledged":
            continue
        first = line.key.split()[0]
        match line.verb:
            case "file":
                known = cases.get(line.key)
                kept = known is not None and known.id in started
            case "send":
                kept = line.key in history.sent
            case "answer":
                task = tasks.get(first)
                kept = task is not None and (task.state, task.key) == ("completed", line.key)
                kept = kept and task is not None and (task.instance_id, task.token) in left
            case "publish":
                kept = line.key in history.messages and (not line.told.get("reached") or applied[line.key] > 0)
            case "cancel":
                kept = first in by_id and by_id[first].state == "cancelled"
            case "resolve":
                kept = UUID(first) in history.resolved
            case "complete" | "throw_error":
                kept = first in jobs and jobs[first].state == "done"
            case "fail" | "postpone":
                kept = first in jobs and jobs[first].attempt >= int(line.key.split()[1])
            case _:
                continue
        if not kept:
            yield "commands_lost", f"{line.verb} {line.key}"


def _messages_applied(history: History) -> Counter[str]:
    written = (passage.details.get("values", {}) for passage in history.passages if passage.happened == "variables")
    return Counter(str(values["answer"]) for values in written if "answer" in values)


def _twice(history: History) -> Iterator[Finding]:
    """The same cause with two results."""
    for happened in ("entered", "left"):
        places = Counter(
            (passage.instance_id, passage.token, passage.element)
            for passage in history.passages
            if passage.happened == happened
        )
        for (instance_id, token, element), times in places.items():
            if times > 1:
                yield "applied_twice", f"{element} {happened} {times} times by token {token} of {instance_id}"
    keys = Counter(case.key for case in history.cases if case.key is not None)
    yield from (("applied_twice", f"filed {times} times: {key}") for key, times in keys.items() if times > 1)
    done = Counter(
        line.key.split()[0]
        for line in history.lines
        if line.phase == "acknowledged" and line.verb in ("complete", "throw_error")
    )
    yield from (
        ("applied_twice", f"job {job_id} reported {times} times") for job_id, times in done.items() if times > 1
    )
    delivered = _messages_applied(history)
    yield from (("applied_twice", f"message {key} taken {n} times") for key, n in delivered.items() if n > 1)
    yield from _miscounted(history)


def _miscounted(history: History) -> Iterator[Finding]:
    """The counters of the torture process go 0, 1, 2, … and as far as the scripts that count were left."""
    values: dict[UUID, list[int]] = defaultdict(list)
    scripts: Counter[UUID] = Counter()
    for passage in history.passages:
        if passage.happened == "variables" and "count" in passage.details.get("values", {}):
            values[passage.instance_id].append(passage.details["values"]["count"])
        elif passage.happened == "left" and (passage.element or "").startswith(models.COUNTERS):
            scripts[passage.instance_id] += passage.details.get("outcome") == "completed"
    for instance_id, counted in values.items():
        if counted != list(range(len(counted))) or len(counted) - 1 != scripts[instance_id]:
            yield "applied_twice", f"instance {instance_id} counted {counted}, having left {scripts[instance_id]}"


def _timers(history: History) -> Iterator[Finding]:
    """Every timer of a waiting token has its row, none is overdue, and none fired before its time."""
    rows = {(row.instance_id, row.token, row.index): row for row in history.waiting if row.kind == "timer"}
    for instance in history.instances:
        for (token, index), due in instance.timers.items():
            row = rows.get((instance.id, token, index))
            if row is None or row.due_at != due:
                yield "timers_lost", f"instance {instance.id} waits for a timer of token {token} that no row holds"
    for row in rows.values():
        if row.due_at is not None and row.due_at < history.now - OVERDUE:
            yield "timers_lost", f"the timer of token {row.token} of {row.instance_id} was due at {row.due_at}"
    yield from _too_early(history)
    yield from _starts(history)


def _too_early(history: History) -> Iterator[Finding]:
    """The n-th firing of an element of an instance comes after the n-th due date that was set for it."""
    due: dict[tuple[UUID, str], list[datetime]] = defaultdict(list)
    for change in history.timer_changes:
        if change.set and change.instance_id is not None:
            due[change.instance_id, change.element].append(change.due_at)
    fired: dict[tuple[UUID, str], list[datetime]] = defaultdict(list)
    for passage in history.passages:
        place = passage.instance_id, passage.element or ""
        if place in due and passage.happened == "left" and passage.details.get("outcome") == "completed":
            fired[place].append(passage.at)
    for place, moments in fired.items():
        dates = sorted(due[place])
        for number, moment in enumerate(sorted(moments)):
            if number >= len(dates):
                yield "applied_twice", f"{place[1]} of {place[0]} fired {len(moments)} times, set {len(dates)} times"
                break
            if moment < dates[number]:
                yield "timers_early", f"{place[1]} of {place[0]} fired at {moment}, due at {dates[number]}"


def _starts(history: History) -> Iterator[Finding]:
    """Each start timer that is gone has filed one case, at its time or later, and another one waits."""
    mine = [change for change in history.timer_changes if change.instance_id is None]
    gone = sorted(change.due_at for change in mine if not change.set)
    if len(mine) - len(gone) <= len(gone) and mine:
        yield "timers_lost", "the start by the clock waits no longer"
    filed = sorted(case.filed_at for case in history.cases if case.procedure == models.CLOCKWORK)
    if len(filed) < len(gone):
        yield "timers_lost", f"{len(gone)} starts by the clock have filed {len(filed)} cases"
    if len(filed) > len(gone):
        yield "applied_twice", f"{len(gone)} starts by the clock have filed {len(filed)} cases"
    for due, moment in zip(gone, filed, strict=False):
        if moment < due:
            yield "timers_early", f"a start by the clock fired at {moment}, due at {due}"


def _jobs(history: History) -> Iterator[Finding]:
    """No job is overdue, none is done that nobody did, and no token waits for one that is over."""
    run = {line.key for line in history.lines if line.verb == "effect"}
    waited = {(row.instance_id, row.token) for row in history.waiting}
    over: dict[Place, Job] = {}
    for job in history.jobs:
        if job.state in ("queued", "leased"):
            if job.due_at < history.now - OVERDUE:
                yield "jobs_lost", f"job {job.id} ({job.state}) was due at {job.due_at}"
            continue
        over[job.instance_id, job.token] = job
        if job.state == "done" and str(job.id) not in run:
            yield "jobs_lost", f"job {job.id} is done, and no connector was called"
    for instance in history.instances:
        for token, node in instance.tokens.items():
            if (instance.id, token) in over and (instance.id, token) not in waited:
                yield "jobs_lost", f"{node} of {instance.id} waits for the job of token {token}, which is over"


def _effects(history: History) -> Iterator[Finding]:
    """Outside: a connector called for a job, or an attempt, that never was. Inside: a row nothing waits behind."""
    jobs = {str(job.id): job for job in history.jobs}
    for line in history.lines:
        if line.verb == "effect" and (line.key not in jobs or line.told["attempt"] > jobs[line.key].attempt):
            yield "effects_without_cause", f"attempt {line.told['attempt']} of job {line.key} was never leased"
    instances = {instance.id: instance for instance in history.instances}
    for row in history.waiting:
        instance = instances.get(row.instance_id)
        if instance is not None and instance.unreadable:
            continue
        if instance is None or instance.status != "running" or row.token not in instance.all_tokens:
            yield "effects_without_cause", f"a {row.kind} of token {row.token} of {row.instance_id}, which is not there"


def _instances(history: History) -> Iterator[Finding]:
    """A running instance waits for something that can come; the torture process has ended."""
    waited = {(row.instance_id, row.token) for row in history.waiting}
    over = {(job.instance_id, job.token) for job in history.jobs if job.state not in ("queued", "leased")}
    for instance in history.instances:
        if instance.status != "running":
            continue
        if instance.unreadable:
            yield "instances_stuck", f"the state of {instance.id} cannot be read"
        elif not instance.tokens:
            yield "instances_stuck", f"{instance.procedure} {instance.id} runs without a token"
        for token, node in instance.tokens.items():
            if (instance.id, token) not in waited | over:
                yield "instances_stuck", f"{node} of {instance.procedure} {instance.id} waits for nothing"
        if instance.procedure.startswith(models.TORTURE):
            yield "instances_stuck", f"{instance.procedure} {instance.id} has not ended: {instance.tokens}"
