"""Running: deploys each form of a folder in a town of its own, fills it in, breaks each constraint; one line per
failure, last line `passed/total`."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import msgspec
from httpx import ASGITransport, AsyncClient

from engine import deployments, lint
from engine.actor import SYSTEM
from engine.bundle import bundle_of
from engine.store.statements import value
from server.app import create_app
from server.database import open_database
from server.embedded import attach
from server.migrate import migrate
from server.settings import Settings
from tests.conformance.forms.answers import shown, valid_answers
from tests.conformance.forms.citizen import Citizen, Outcome, Refused
from tests.conformance.forms.faults import faults_of
from tests.conformance.forms.merging import inlined
from tests.conformance.forms.samples import Sample, samples_of
from tests.conformance.village import Village, bundle_around

MODEL = b"""<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="urn:forms" id="d">
<process id="filing" isExecutable="true"><startEvent id="begin"/><endEvent id="end"/>
<sequenceFlow id="on" sourceRef="begin" targetRef="end"/></process></definitions>"""
FILED = "SELECT s.answers::text FROM engine_submission s JOIN desk_draft d ON d.case_id = s.case_id WHERE d.id = $1"
TOWN_RULES = frozenset({"department-known"})


class Report(msgspec.Struct):
    """What one form came to. Each check is one set of answers."""

    name: str
    passed: int = 0
    failures: list[str] = []
    not_broken: list[str] = []

    @property
    def total(self) -> int:
        return self.passed + len(self.failures)

    def add(self, failure: str) -> None:
        """One check: "" when it passed."""
        if failure:
            self.failures = [*self.failures, f"{self.name}: {failure}"]
        else:
            self.passed += 1


class MovedClock:
    """Goes on an hour at each draft: a town lets one address begin only so many an hour."""

    def __init__(self) -> None:
        self.now = datetime(2026, 1, 5, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def run(folder: Path, *, explain: bool = False) -> None:
    """Prints what fails in the forms of the folder and `passed/total`, over a town of its own."""
    samples_of(folder)
    with tempfile.TemporaryDirectory(prefix="parvis-forms-") as place, attach(Path(place), durable=False) as servers:
        settings = Settings(
            database_url=servers.database_url,
            valkey_url=servers.valkey_url,
            data_dir=Path(place),
            secret_key="conformance" * 8,
        )
        asyncio.run(_printed(folder, settings, explain))


async def _printed(folder: Path, settings: Settings, explain: bool) -> None:
    database = await open_database(str(settings.database_url), pool_size=2)
    await migrate(database)
    await database.close()
    passed = total = 0
    async for report in check_folder(folder, settings):
        passed, total = passed + report.passed, total + report.total
        print(*report.failures, sep="\n", end="\n" if report.failures else "")
        if explain:
            print(f"{report.name}: {report.passed}/{report.total}", *report.not_broken, sep="\n  not broken: ")
    print(f"{passed}/{total}")


async def check_folder(folder: Path, settings: Settings, only: Collection[str] = ()) -> AsyncIterator[Report]:
    """A report for each form of the folder (or of some names), over a migrated database that `settings` names."""
    clock = MovedClock()
    async with _visited(settings, clock) as client:
        for number, sample in enumerate(each for each in samples_of(folder) if not only or each.name in only):
            yield await _check(sample, f"form_{number}", client, clock)


@asynccontextmanager
async def _visited(settings: Settings, clock: MovedClock) -> AsyncIterator[AsyncClient]:
    app = create_app(settings, clock=clock)
    transport = ASGITransport(app, raise_app_exceptions=False)
    async with app.lifespan(), AsyncClient(transport=transport, base_url="http://127.0.0.1:8000", timeout=60) as client:
        yield client


async def _check(sample: Sample, slug: str, client: AsyncClient, clock: MovedClock) -> Report:
    report = Report(sample.name)
    if refusal := await _deploy(sample, slug, clock):
        report.add(f"not deployed: {refusal}")
        return report
    schema = inlined(sample.schema, sample.schema)
    valid = valid_answers(sample, schema)
    if not valid:
        report.add("no valid answers could be made for it")
    citizen = Citizen(client, slug)
    for answers in valid:
        clock.now += timedelta(hours=1)
        report.add(await _keeps(citizen, answers))
    faults, left = faults_of(sample, schema, valid)
    for fault in faults:
        clock.now += timedelta(hours=1)
        report.add(await _refuses(citizen, fault.answers, fault.constraint))
    report.not_broken = ["/" + "/".join(map(str, place)) for place in left]
    return report


async def _deploy(sample: Sample, slug: str, clock: MovedClock) -> str:
    """Puts the form in service behind the gate; says why not."""
    files = {"forms/request.schema.json": json.dumps(sample.schema).encode()}
    if sample.ui is not None:
        files["forms/request.ui.json"] = json.dumps(sample.ui).encode()
    bundle = bundle_of({**bundle_around(MODEL, "filing", slug).files, **files})
    found = [each for each in lint.check(bundle, Village(), frozenset()) if each.severity == "error"]
    if found:
        return " | ".join(each.message.format_map(each.parameters) for each in found)
    await deployments.publish(bundle, SYSTEM, clock())
    return ""


async def _keeps(citizen: Citizen, answers: dict[str, Any]) -> str:
    """Whether valid answers are filed and stored as they were meant."""
    outcome = await _answered(citizen, answers)
    if not outcome.filed:
        return f"valid answers {shown(answers)} are refused: {outcome.refusal}"
    stored = json.loads(await value(FILED, UUID(outcome.root.rpartition("/")[2])))
    if _bare(stored) != _bare(answers):
        return f"stored {shown(stored)} instead of {shown(answers)}"
    return ""


async def _refuses(citizen: Citizen, answers: dict[str, Any], constraint: tuple[Any, ...]) -> str:
    """Whether invalid answers are told to the person and never filed."""
    outcome = await _answered(citizen, answers, forge=True)
    where = "/" + "/".join(map(str, constraint))
    if outcome.filed:
        return f"{where}: filed although {shown(answers)} breaks it"
    if not outcome.refusal or outcome.status >= 500 or outcome.status not in (422, 303):
        return f"{where}: {shown(answers)} gave {outcome.status} {outcome.refusal}"
    return ""


async def _answered(citizen: Citizen, answers: dict[str, Any], *, forge: bool = False) -> Outcome:
    try:
        return await citizen.answer(answers, forge=forge)
    except Refused as refused:
        return Outcome("", False, str(refused), 500)


def _bare(value: Any) -> Any:
    """Answers without the ids the town gives to files."""
    if isinstance(value, dict):
        if value.keys() == {"id", "name"}:
            return "a file"
        return {key: _bare(each) for key, each in value.items()}
    return [_bare(each) for each in value] if isinstance(value, list) else value
