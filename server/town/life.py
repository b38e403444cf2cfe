"""Life: four months of the demo town, played through a moved clock by the verbs everybody uses, up to now.

Requests are filed, timers fire, connectors run, agents answer, inhabitants say how it went. Nothing is inserted.
Filling twice does
nothing: a town that has cases is left alone.
"""

import time
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any

from rich.console import Console

from accounts import people
from connectors.errors import MailServerUnreachable
from connectors.runner import Runner
from connectors.wiring import all_connectors, connections_of
from desk import exchanges, mailings, notifications, surveys
from desk.files import FileStore
from desk.tokens import derived
from engine import cases, jobs, tasks, timers
from engine.actor import Actor
from engine.connector import Connector, Job, JobOutcome
from engine.deadlines import PARIS, is_working_day
from engine.errors import EngineError
from engine.store.statements import rows, value
from server.chores import deliver_of
from server.opened import Opened
from server.town import asking
from server.town.filing import Desk, attacher, file_request
from server.town.inhabitants import inhabitants
from server.town.place import COLLEAGUES
from server.town.stories import QUESTIONS, THANKS
from server.town.working_days import ANSWERS, begins_after

DAYS, REQUESTS, PEOPLE, SEED = 120, 300, 140, 1789
ROUNDS = (9, 11, 14, 16)
"""Hours at which agents look at their inbox."""

ASKED: Mapping[str, tuple[int, Any]] = {
    "incident_report": (58, asking.report),
    "civil_status_certificate": (24, asking.certificate),
    "room_booking": (18, asking.booking),
}


class Outage:
    """Mail as it was that afternoon when the server did not answer: the cases it blocked are there to be mended and
    retried.
    """

    def __init__(self, mail: Connector, begin: datetime, until: datetime) -> None:
        self.mail, self.begin, self.until = mail, begin, until

    async def run(self, job: Job, now: datetime) -> JobOutcome:
        """Send, unless it is that afternoon."""
        if self.begin <= now < self.until:
            raise MailServerUnreachable
        return await self.mail.run(job, now)


class Town:
    """The town being played; `now` is its clock."""

    def __init__(self, opened: Opened, end: datetime) -> None:
        self.chance = Random(SEED)
        self.end = end
        self.now = end - timedelta(days=DAYS)
        self.opened = opened
        self.files = FileStore(opened.settings.data_dir / "files")
        connectors = all_connectors(connections_of(opened.settings))
        morning = last_working_morning(end)
        connectors["parvis:mail"] = Outage(
            connectors["parvis:mail"], morning - timedelta(hours=20), morning + timedelta(hours=5)
        )
        self.runner = Runner(connectors, worker="town", concurrency=4)
        self.deliver = deliver_of(opened)
        self.people = inhabitants(self.chance, PEOPLE)
        self.actors: dict[str, Actor] = {}
        self.patience: dict[Any, datetime] = {}

    async def meet_agents(self) -> None:
        """Learn who works here, by department."""
        for colleague in COLLEAGUES:
            person = await people.of_email(colleague.email)
            assert person is not None, "place.settle comes first"
            actor = Actor(kind="agent", name=person.name, id=person.id, departments=person.departments)
            for slug in colleague.works_in:
                self.actors.setdefault(slug, actor)
                if self.chance.random() < 0.5:
                    self.actors[slug] = actor

    async def pass_time(self, until: datetime) -> None:
        """Let timers and connectors do what falls due, each at its own moment."""
        while (due := await self._next_due()) is not None and due <= until:
            self.now = max(self.now, due)
            done = await timers.fire_due(50, self.now) + await self.runner.run_once(self.now)
            if not done:
                break
        await mailings.sweep(until)
        await notifications.deliver_waiting(self.deliver, until)
        self.now = max(self.now, until)

    async def file(self, moment: datetime) -> None:
        """Somebody asks for something."""
        await self.pass_time(moment)
        procedure = self.chance.choices(list(ASKED), [weight for weight, _ in ASKED.values()])[0]
        reception = self.actors["accueil"]
        desk = Desk(
            files=self.files,
            follow_url=f"{self.opened.settings.public_url}/suivi/{{tracking_code}}",
            reception=reception,
        )
        who = self.chance.choice(self.people)
        if not await file_request(desk, procedure, ASKED[procedure][1], who, self.chance, self.now):
            # No free slot, or no address to answer to: they came for something else.
            await file_request(desk, "incident_report", asking.report, who, self.chance, self.now)

    async def work(self, moment: datetime) -> None:
        """Agents answer what they have got to; applicants send what they were asked for."""
        await self.pass_time(moment)
        found = await rows("SELECT id FROM engine_task WHERE state IN ('open', 'claimed') ORDER BY opened_at, id")
        for record in found:
            task = await tasks.get(record["id"])
            ready = self.patience.setdefault(task.id, begins_after(self.chance, task))
            if ready <= self.now:
                await self._do(task)
        await self._talk()
        await self._thank()

    async def _do(self, task: tasks.Task) -> None:
        answer = ANSWERS.get(task.form or "")
        submission = await cases.submission_of(task.case_id)
        if answer is None or submission is None:
            return
        by = self.actors[task.department] if task.audience == "department" else Actor(kind="citizen", name="")
        attach = attacher(self.files, self.chance, self.now, case_id=task.case_id)
        answers = await answer(self.chance, task, submission.answers, self.now, attach)
        # Near the end some are only taken up, so that the inbox shows work in hand.
        if task.audience == "department":
            await tasks.claim(task.id, by, self.now)
            if self.end - self.now < timedelta(days=4) and self.chance.random() < 0.35:
                self.patience[task.id] = self.end + timedelta(days=1)
                return
        await tasks.complete(task.id, answers, by, self.now)

    async def _talk(self) -> None:
        if self.chance.random() > 0.12:
            return
        open_cases = await rows(
            "SELECT id, department FROM engine_case WHERE closed_at IS NULL AND applicant_email IS NOT NULL"
        )
        if not open_cases:
            return
        case = self.chance.choice(open_cases)
        question, reply = self.chance.choice(QUESTIONS)
        await exchanges.post(case["id"], question, by=Actor(kind="citizen", name=""), now=self.now)
        if self.chance.random() < 0.7:
            agent = self.actors.get(case["department"], self.actors["accueil"])
            await exchanges.post(case["id"], reply, by=agent, now=self.now + timedelta(minutes=40))

    async def _thank(self) -> None:
        """Some of those invited answer, within days."""
        secret = self.opened.settings.secret_key.encode()
        waiting = await rows(
            "SELECT i.key FROM desk_invitation i LEFT JOIN desk_survey_answer a ON a.invitation_id = i.id"
            " WHERE a.invitation_id IS NULL AND i.invited_at > $1 ORDER BY i.invited_at, i.id",
            self.now - timedelta(days=4),
        )
        for record in waiting:
            if self.chance.random() < 0.035:
                score, words = self.chance.choice(THANKS)
                await surveys.answer(derived(secret, "survey", record["key"]), score=score, comment=words, now=self.now)

    async def _next_due(self) -> datetime | None:
        return min((due for due in (await jobs.next_due(), await timers.next_due()) if due is not None), default=None)


async def play(opened: Opened, console: Console) -> None:
    """Play the months up to now, saying how far it is. Leaves a town that has cases alone."""
    if await value("SELECT EXISTS (SELECT FROM engine_case)"):
        return
    begun = time.monotonic()
    town = Town(opened, opened.clock())
    await town.meet_agents()
    moments = agenda(town.chance, town.now, town.end)
    for number, (moment, what) in enumerate(moments):
        if number % 60 == 0:
            console.print(f"The town lives: {100 * number // len(moments)} %, {moment.astimezone(PARIS):%d/%m/%Y}")
        try:
            await (town.file(moment) if what == "file" else town.work(moment))
        except EngineError as error:
            console.print(f"[yellow]{moment:%d/%m %H:%M} {type(error).__name__}[/]")
    await town.pass_time(town.end)
    filed = await value("SELECT count(*) FROM engine_case")
    took = time.monotonic() - begun
    console.print(f"The town has lived: {filed} requests in {DAYS} days, played in {took:.0f} s. Now the real clock.")


def agenda(chance: Random, begin: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """When something is filed and when agents work, in order."""
    days = [begin + timedelta(days=number) for number in range((end - begin).days + 1)]
    # After the first rains and with the end-of-year events, more people write.
    busier = [3 if end - day < timedelta(days=16) else 1 for day in days]
    filed: list[datetime] = []
    while len(filed) < REQUESTS:
        hour = chance.choice((8, 9, 10, 12, 13, 17, 18, 19, 20, 21))
        moment = _at(chance.choices(days, busier)[0], hour, chance.randint(0, 59))
        filed += [moment] if begin <= moment < end else []
    rounds = [_at(day, hour, 5) for day in days for hour in ROUNDS if is_working_day(day.astimezone(PARIS).date())]
    worked = [moment for moment in rounds if begin <= moment < end]
    return sorted([(moment, "file") for moment in filed] + [(moment, "work") for moment in worked])


def last_working_morning(end: datetime) -> datetime:
    """Half past ten on the last working day that was over before `end`."""
    day = end - timedelta(days=1)
    while not is_working_day(day.astimezone(PARIS).date()):
        day -= timedelta(days=1)
    return _at(day, 10, 30)


def _at(day: datetime, hour: int, minute: int) -> datetime:
    return day.astimezone(PARIS).replace(hour=hour, minute=minute, second=0, microsecond=0)
