"""Scenarios: they fail where they should, say what was seen, and those of the house pass and reach everything."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine.bundle import read_folder
from engine.scenarios import Report, run_all
from tests.engine.bundles import MISSING_PAPER, PAYMENT, REVIEW, a_bundle

ROOT = Path(__file__).parents[2]
GIVEN = {"answers": {"name": "Aïcha", "email": "a@example.org", "invoice": "F-1"}, "now": "2026-12-01T09:00:00+01:00"}


def played(*steps: dict[str, Any], body: str = REVIEW, **story: Any) -> Report:
    scenario = {"name": "it", "given": GIVEN, "steps": steps, **story}
    return run_all(a_bundle(body, files={"scenarios/it.json": json.dumps(scenario).encode()}))


def test_a_case_is_played_to_its_end() -> None:
    report = played(
        {
            "expect": {
                "task": "Review",
                "department": "voirie",
                "due": "2026-12-03",
                "step": "Votre demande est examinée",
            }
        },
        {"expect": {"decision": None, "ended": False, "tasks": ["Review"], "job": "Tell"}},
    )
    whole = played(
        {"complete": "Review", "answers": {"opinion": "yes"}},
        {"expect": {"no_task": True, "job": "parvis:mail", "input": {"to": "a@example.org"}, "decision": "granted"}},
        {"job": "Tell", "returns": {}},
        {"expect": {"ended": True, "variables": {"review.opinion": "yes"}, "sent": "Tell", "no_job": True}},
        {"expect": {"case": {"applicant.name": "Aïcha", "filedAt": "2026-12-01T09:00:00+01:00"}, "reached": ["Done"]}},
    )

    assert (report.results[0].failed_step, report.results[0].expected) == (2, 'job = "Tell"')
    assert [(result.passed, result.seen) for result in whole.results] == [(True, "")]
    assert whole.unreached == ("Bounced", "Call")


@pytest.mark.parametrize(
    ("expected", "seen"),
    [
        ({"task": "Call"}, "the open tasks are: Review"),
        ({"task": "Review", "department": "accueil"}, "the task is department"),
        ({"task": "Review", "due": "2026-12-04"}, "the task is due"),
        ({"no_task": "Review"}, "open: Review"),
        ({"tasks": []}, "the open tasks are: Review"),
        ({"decision": "granted"}, "it is null"),
        ({"ended": True}, "what waits is: Review"),
        ({"reached": "Done"}, "never entered: Done"),
        ({"not_reached": "Filed"}, "entered: Filed"),
        ({"timer": "Review"}, "the timers are on: none"),
        ({"message": "x"}, "awaited: none"),
        ({"incident": "Review"}, "the open incidents are on: none"),
        ({"variables": {"answers.name": "Paul"}}, "answers.name is"),
        ({"variables": {"nothing.here": 1}}, "nothing.here is absent"),
        ({"case": {"department": "accueil"}}, "department is"),
        ({"department": "accueil"}, "department is"),
        ({"sent": "Tell"}, "the calls were: none"),
        ({"step": "x"}, "it is"),
        ({"colour": "red"}, "is none"),
    ],
)
def test_an_expectation_that_does_not_hold_says_what_was_seen(expected: dict[str, Any], seen: str) -> None:
    [result] = played({"expect": expected}).results

    assert not result.passed
    assert result.failed_step == 1
    assert seen in result.seen


@pytest.mark.parametrize(
    "step",
    [
        {"complete": "Call"},
        {"job": "Tell", "returns": {}},
        {"message": "payment"},
        {"resolve": "Tell"},
        {"child": "other"},
        {"advance": "15 days"},
        {"until": "2026-11-01T00:00:00+01:00"},
    ],
)
def test_a_step_that_is_not_possible_fails_the_scenario(step: dict[str, Any]) -> None:
    [result] = played(step).results

    assert not result.passed
    assert result.failed_step == 1


def test_timers_fire_at_their_own_time_while_the_clock_moves() -> None:
    report = played(
        {"expect": {"task": "Provide", "audience": "applicant", "timer": "TooLate", "due": None}},
        {"advance": "P14D"},
        {"expect": {"no_task": "Review", "task": "Provide"}},
        {"until": "2026-12-16T09:00:00+01:00"},
        {"expect": {"ended": True, "decision": "closed"}},
        body=MISSING_PAPER,
    )

    assert [(result.passed, result.seen) for result in report.results] == [
        (False, "it is due 2026-12-16T09:00:00+01:00")
    ]
    assert played({"advance": "P15D"}, {"expect": {"ended": True}}, body=MISSING_PAPER).passed


def test_messages_reach_their_key_only() -> None:
    wrong = played({"message": "payment", "key": "F-2"}, body=PAYMENT)
    right = played({"message": "payment", "key": "F-1"}, {"expect": {"task": "Review"}}, body=PAYMENT)

    assert wrong.results[0].seen == "only “payment” (F-1) is awaited"
    assert right.passed


def test_stubs_answer_for_the_whole_scenario() -> None:
    report = played(
        {"complete": "Review"},
        {"expect": {"ended": True, "sent": {"job": "parvis:mail", "input": {"to": "a@example.org"}}}},
        stubs={"parvis:mail": {"returns": {}}},
    )
    bounced = played({"complete": "Review"}, {"expect": {"task": "Call"}}, stubs={"Tell": {"error": "BOUNCED"}})

    assert report.passed
    assert bounced.passed


def test_an_incident_nobody_announced_fails_the_scenario() -> None:
    body = REVIEW.replace('taskDefinition type="parvis:mail"', 'taskDefinition type="=answers.nothing"')
    surprised = played({"complete": "Review"}, body=body)
    expected = played({"complete": "Review"}, {"expect": {"incident": "Tell"}}, body=body)
    failed = played(
        {"complete": "Review"},
        {"job": "Tell", "fails": "SMTP down"},
        {"expect": {"incident": "Tell"}},
        {"resolve": "Tell"},
        {"job": "Tell", "returns": {}},
        {"expect": {"ended": True, "no_incident": True}},
    )

    assert surprised.results[0].expected == "no incident"
    assert expected.passed
    assert failed.passed, failed.results


def test_a_file_that_cannot_be_read_is_a_failed_result() -> None:
    report = run_all(a_bundle(files={"scenarios/x.json": b'{"name": 3}'}))

    assert [(result.passed, result.file) for result in report.results] == [(False, "scenarios/x.json")]


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in (ROOT / "processes").glob("*/manifest.json")), ids=lambda p: p.name
)
def test_the_scenarios_of_the_house_pass_and_reach_every_element(folder: Path) -> None:
    report = run_all(read_folder(folder))

    assert [
        (result.name, result.failed_step, result.expected, result.seen)
        for result in report.results
        if not result.passed
    ] == []
    assert report.unreached == ()
