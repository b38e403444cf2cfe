"""Plays one case of betsy through the product's own verbs: deploy behind the gate, start, publish, move the clock.

What is not deployable is `ERROR_deployment`. Marks are read from the variables the journal tells of, failures from
incidents.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from engine import cases, deployments, incidents, jobs, journal, lint, messages, timers
from engine.actor import SYSTEM
from engine.bundle import Bundle
from engine.connector import JobOutcome
from engine.definition import Definition
from engine.jobs import LeasedJob
from engine.store.statements import rows, value
from tests.conformance.database import empty
from tests.conformance.rewriting import BPMN, MARK, THROW, rewritten, with_variables
from tests.conformance.village import Village, bundle_around

MIDNIGHT = datetime(2026, 1, 5, tzinfo=UTC)
WORK_SECONDS, LONGEST_SECONDS = 10, 200
CASES = "SELECT id FROM engine_case ORDER BY id"
RUNNING = "SELECT count(*) FROM engine_instance WHERE status = 'running'"
TOWN_RULES = frozenset(lint.RULES)


async def play(path: Path, process: str, case: dict[str, Any]) -> list[str]:
    """The marks and failures one case leaves."""
    await empty()
    hall = TownHall()
    if not await hall.deploy(path, process):
        return ["ERROR_deployment"]
    await hall.begin(case)
    return await hall.wait()


class TownHall:
    """A town with one model in service, and a clock that is moved."""

    def __init__(self) -> None:
        self.now = MIDNIGHT
        self.begun: list[Definition] = []
        self.held: list[tuple[LeasedJob, datetime]] = []

    async def deploy(self, path: Path, process: str) -> bool:
        """Put the model in service; the process that runs beside it is a procedure of its own."""
        content = with_variables(rewritten(path))
        if _refused(bundle_around(content, process)):
            return False
        beside = _only(content, "ParallelProcess") if process != "ParallelProcess" else None
        for bundle in filter(None, (beside, bundle_around(content, process))):
            deployment = await deployments.publish(bundle, SYSTEM, self.now)
            self.begun.append(await deployments.definition_of(deployment.hash))
        return True

    async def begin(self, case: dict[str, Any]) -> None:
        """Start what starts by itself, and give the event that the main process waits for."""
        given = {"integerVariable": case["integerVariable"], "test": case["test"]}
        for number, definition in enumerate(self.begun):
            starting = [each for each in definition.elements.values() if each.process == definition.main_process]
            awaited = [each for each in starting if each.instantiates and each.parent is None]
            if awaited and not any(each.kind == "startEvent" and not each.events for each in starting):
                await self._wake(awaited[0].events[0], given)
                continue
            await cases.start(
                definition,
                given,
                form="request",
                origin="online",
                language="fr",
                channel="email",
                applicant=None,
                by=SYSTEM,
                now=self.now,
                key=str(number),
            )

    async def wait(self) -> list[str]:
        """Move the clock until everything has ended, or long enough."""
        for _ in range(LONGEST_SECONDS):
            await self._work()
            if await value(RUNNING) == 0 and await value("SELECT count(*) FROM engine_timer") == 0:
                break
            self.now += timedelta(seconds=1)
            await timers.fire_due(1000, self.now)
        return await self._left()

    async def _wake(self, event: Any, given: dict[str, Any]) -> None:
        if event.kind == "message":
            await messages.publish(event.name, None, given, now=self.now)
        elif event.kind == "signal":
            await messages.broadcast(event.name, given, now=self.now)

    async def _work(self) -> None:
        for leased in await jobs.lease(1000, "betsy", self.now, lease_seconds=3600):
            if leased.job.type == THROW:
                await jobs.throw_error(leased.job.id, leased.job.attempt, "ERR_CODE", self.now)
            else:
                self.held.append((leased, self.now + timedelta(seconds=WORK_SECONDS)))
        for leased, until in list(self.held):
            if until <= self.now:
                self.held.remove((leased, until))
                await jobs.complete(leased.job.id, leased.job.attempt, JobOutcome(), self.now)

    async def _left(self) -> list[str]:
        marks: list[str] = []
        for record in await rows(CASES):
            for passage in await journal.variables_written(record["id"]):
                marks += [text for name, text in passage.details["values"].items() if name == MARK]
        return marks + [_failure(incident, self.begun) for incident in await incidents.open_of()]


def _refused(bundle: Bundle) -> bool:
    found = lint.check(bundle, Village(), frozenset())
    return any(finding.severity == "error" and finding.rule not in TOWN_RULES for finding in found)


def _failure(incident: incidents.Incident, begun: list[Definition]) -> str:
    kinds = {each.id: each.kind for definition in begun for each in definition.elements.values()}
    thrown = kinds[incident.element] in ("endEvent", "intermediateThrowEvent")
    return "ERROR_thrownErrorEvent" if incident.kind == "error" and thrown else "ERROR_runtime"


def _only(content: bytes, process: str) -> Bundle | None:
    """A bundle with this process alone, when the model has it and nothing else would begin it."""
    root = etree.fromstring(content)
    others = [each for each in root.iter(BPMN + "process") if each.get("id") != process]
    if len(others) == len(list(root.iter(BPMN + "process"))):
        return None
    for each in (*others, *root.iter(BPMN + "collaboration")):
        root.remove(each)
    return bundle_around(etree.tostring(root), process, slug="beside")
