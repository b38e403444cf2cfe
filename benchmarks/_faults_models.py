"""The procedures of the faults benchmark: a torture process with all that can wait, what it calls, a start by the
clock, and the answers that the scenarios of `processes/` give to their tasks.

Every branch of the torture process ends in a script that adds one to `count`: a step that is lost or done twice shows
in the numbers its history holds.
"""

import json
import random
from datetime import datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec

from benchmarks._engine_models import FORM, WORDS
from engine.bundle import Bundle, bundle_of, read_folder
from engine.scenarios import read_stories
from engine.scenarios.story import Story

PROCESSES = Path(__file__).parent.parent / "processes"
OF_THE_TOWN = ("civil_status_certificate", "incident_report", "room_booking")
TORTURE, CALLED, CLOCKWORK = "torture", "torture_called", "torture_clockwork"
COUNTERS = "Count"
MESSAGE = "torture-answer"

HEAD = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" targetNamespace="https://parvis.example">
<error id="REFUSED" errorCode="REFUSED"/>
<message id="answer" name="torture-answer"><extensionElements>
  <zeebe:subscription correlationKey="=answers.key"/></extensionElements></message>
<process id="{process}" isExecutable="true">{body}</process></definitions>"""


def _job(name: str, inner: str = "", mapping: str = "", **attributes: str) -> str:
    given = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return (
        f'<serviceTask id="{name}"{given}><extensionElements><zeebe:taskDefinition type="torture:{name.lower()}"'
        f' retries="3"/>{mapping}</extensionElements>{inner}</serviceTask>'
    )


def _counter(name: str) -> str:
    return (
        f'<scriptTask id="{name}"><extensionElements><zeebe:script expression="=count + 1" resultVariable="count"/>'
        "</extensionElements></scriptTask>"
    )


def _timer(kind: str, text: str) -> str:
    told = text if text.startswith("=") else f'="{text}"'
    return f"<timerEventDefinition><{kind}>{told}</{kind}></timerEventDefinition>"


def _flows(*chains: str) -> str:
    pairs = [pair for chain in chains for names in [chain.split()] for pair in pairwise(names)]
    return "".join(f'<sequenceFlow id="{a}_{b}" sourceRef="{a}" targetRef="{b}"/>' for a, b in pairs)


MANY = (
    '<multiInstanceLoopCharacteristics><extensionElements><zeebe:loopCharacteristics inputCollection="=[1, 2, 3]"'
    ' inputElement="item" outputCollection="results" outputElement="=item"/></extensionElements>'
    "</multiInstanceLoopCharacteristics>"
)
BODY = "".join(
    [
        '<startEvent id="Filed"/><scriptTask id="Zero"><extensionElements><zeebe:script expression="=0"',
        ' resultVariable="count"/></extensionElements></scriptTask><parallelGateway id="All"/>',
        # A job that succeeds, fails, is postponed, takes longer than its lease, or is refused by the other side.
        _job("Work"),
        '<boundaryEvent id="Refused" attachedToRef="Work"><errorEventDefinition errorRef="REFUSED"/></boundaryEvent>',
        '<exclusiveGateway id="Worked"/>',
        # A timer.
        f'<intermediateCatchEvent id="Pause">{_timer("timeDuration", "PT2S")}</intermediateCatchEvent>',
        # A message, or else a timer.
        '<eventBasedGateway id="Either"/><intermediateCatchEvent id="Answer"><messageEventDefinition',
        ' messageRef="answer"/></intermediateCatchEvent>',
        f'<intermediateCatchEvent id="NoAnswer">{_timer("timeDuration", "PT20S")}</intermediateCatchEvent>',
        '<exclusiveGateway id="Answered"/>',
        # Three jobs at once.
        _job("Many", MANY),
        # An instance of another procedure.
        '<callActivity id="Call"><extensionElements><zeebe:calledElement processId="torture_called"',
        ' propagateAllChildVariables="false"/></extensionElements></callActivity>',
        # A person, reminded three times.
        '<userTask id="Ask" name="Ask"><extensionElements><zeebe:userTask/></extensionElements></userTask>',
        '<boundaryEvent id="Remind" attachedToRef="Ask" cancelActivity="false">',
        f'{_timer("timeCycle", "R3/PT2S")}</boundaryEvent><endEvent id="Reminded"/>',
        # All of it undone.
        '<parallelGateway id="Joined"/>',
        _job("Pay"),
        '<boundaryEvent id="PayUndone" attachedToRef="Pay"><compensateEventDefinition/></boundaryEvent>',
        _job("Refund", isForCompensation="true"),
        '<intermediateThrowEvent id="Undo"><compensateEventDefinition/></intermediateThrowEvent>',
        *map(_counter, [f"{COUNTERS}{letter}" for letter in "ABCDEFGT"]),
        '<endEvent id="Done"/>',
        _flows(
            "Filed Zero All",
            *("All Work Worked CountA Joined", "Refused Worked", "All Pause CountB Joined"),
            *("All Either Answer Answered CountC Joined", "Either NoAnswer Answered", "All Many CountD Joined"),
            *("All Call CountE Joined", "All Ask CountF Joined", "Remind CountT Reminded"),
            "Joined Pay Undo CountG Done",
        ),
        '<association id="undoes" associationDirection="One" sourceRef="PayUndone" targetRef="Refund"/>',
    ]
)
CALLED_BODY = (
    '<startEvent id="Filed"/>'
    f'<intermediateCatchEvent id="Pause">{_timer("timeDuration", "PT1S")}</intermediateCatchEvent>'
    f'{_job("Inside")}<endEvent id="Done"/>{_flows("Filed Pause Inside Done")}'
)
CLOCKWORK_BODY = (
    f'<startEvent id="Tick">{_timer("timeCycle", "R/PT6H")}</startEvent>{_job("Chime")}<endEvent id="Done"/>'
    f"{_flows('Tick Chime Done')}"
)


def bundles() -> list[Bundle]:
    """Every procedure of the town, and the three that torture the engine."""
    town = [read_folder(PROCESSES / slug) for slug in OF_THE_TOWN]
    return [
        *town,
        _bundle(CALLED, CALLED_BODY, ["request"]),
        _bundle(TORTURE, BODY, ["request"]),
        _bundle(CLOCKWORK, CLOCKWORK_BODY, []),
    ]


def _bundle(slug: str, body: str, start_forms: list[str]) -> Bundle:
    manifest = {
        "slug": slug,
        "title": WORDS,
        "summary": WORDS,
        "process": slug,
        "department": "accueil",
        "start_forms": [{"form": form, "title": WORDS, "start": None} for form in start_forms],
        "personal_data": {"purpose": WORDS, "basis": WORDS, "retention_months": 12, "recipients": WORDS},
        "applicant": {"name": "=answers.name"},
        "title_of_case": '="Torture"',
    }
    files = {
        "manifest.json": json.dumps(manifest).encode(),
        f"{slug}.bpmn": HEAD.format(process=slug, body=body).encode(),
        "forms/request.schema.json": json.dumps(FORM).encode(),
    }
    return bundle_of(files)


class Filing(msgspec.Struct, frozen=True):
    """What somebody files: the form, the answers, and the number of the story they come from."""

    form: str
    answers: dict[str, Any]
    story: int


def another_day(answers: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """The answers of a booking for another week: most rooms are then free."""
    if "slot" not in answers:
        return answers
    room, *span = answers["slot"].split("/")
    weeks = timedelta(weeks=chance.randrange(20))
    moved = [(datetime.fromisoformat(each) + weeks).strftime("%Y-%m-%dT%H:%M") for each in span]
    return {**answers, "slot": "/".join([room, *moved])}


def filings(slug: str) -> list[Filing]:
    """What the scenarios of a procedure file."""
    if slug not in OF_THE_TOWN:
        return [Filing("request", {"name": "Torture"}, 0)]
    started = [(number, story) for number, story in enumerate(stories(slug)) if story.given.form]
    return [Filing(str(story.given.form), story.given.answers, number) for number, story in started]


@cache
def stories(slug: str) -> list[Story]:
    """The scenarios of a procedure."""
    bundle = read_folder(PROCESSES / slug)
    names = [name for name in bundle.names(".json") if name.startswith("scenarios/")]
    return [story for name in names for story in read_stories(bundle.files[name], name)]


def answers_to(slug: str, element: str, story: int) -> dict[str, Any]:
    """What this story, or else another of the procedure, answers to a task."""
    if slug not in OF_THE_TOWN:
        return {}
    told = stories(slug)
    for each in (told[story % len(told)], *told):
        given = [step.answers for step in each.steps if step.complete == element]
        if given:
            return dict(given[-1])
    return {}
