"""The deploy gate: each rule finds what it asks for, and the bundles of the house pass."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine import lint
from engine.bundle import bundle_of, read_folder
from engine.lint import Finding, Usable
from tests.engine.bundles import MISSING_PAPER, PAYMENT, REVIEW, a_bundle

ROOT = Path(__file__).parents[2]


class Input(msgspec.Struct, frozen=True):
    """An input of a connector."""

    name: str
    required: bool = False
    choices: tuple[str, ...] = ()
    is_header: bool = False


class Template(msgspec.Struct, frozen=True):
    """A connector's template."""

    inputs: tuple[Input, ...]


class Town:
    """A town with two departments and a mail connector."""

    departments: frozenset[str] | None = frozenset({"voirie", "accueil"})
    connections: Mapping[str, Usable] | None = None
    templates = {
        "parvis:mail": Template((Input("letter", True, is_header=True), Input("to"), Input("kind", choices=("a", "b"))))
    }

    def of_type(self, job_type: str) -> Template | None:
        return self.templates.get(job_type)


LETTERS = {
    "letters/answer.fr.txt": "Objet : réponse\n\nBonjour".encode(),
    "letters/answer.en.txt": b"Subject: answer\n\nHello",
}
SCENARIO = {"scenarios/main.json": b'{"name": "main"}'}


def found_in(body: str = REVIEW, files: dict[str, bytes] | None = None, **changes: Any) -> list[Finding]:
    return lint.check(a_bundle(body, files={**LETTERS, **SCENARIO, **(files or {})}, **changes), Town(), frozenset())


def rules_in(
    body: str = REVIEW, files: dict[str, bytes] | None = None, **changes: Any
) -> set[tuple[str, str, str | None]]:
    return {(each.rule, each.severity, each.element) for each in found_in(body, files, **changes)}


def test_a_sound_bundle_has_no_error() -> None:
    assert [finding.says() for finding in found_in() if finding.severity == "error"] == []


def inserted(body: str, old: str, new: str) -> str:
    assert old in body
    return body.replace(old, new)


@pytest.mark.parametrize(
    ("rule", "element", "body"),
    [
        ("task-forms", "Review", inserted(REVIEW, 'formId="review"', 'formId="other"')),
        ("connectors-known", "Tell", inserted(REVIEW, "parvis:mail", "parvis:pigeon")),
        ("connectors-known", "Tell", inserted(REVIEW, 'key="letter"', 'key="lettre"')),
        (
            "connectors-known",
            "Tell",
            inserted(REVIEW, "<zeebe:ioMapping>", '<zeebe:ioMapping><zeebe:input source="c" target="kind"/>'),
        ),
        ("letters-known", "Tell", inserted(REVIEW, 'value="answer"', 'value="other"')),
        ("properties-known", "Review", inserted(REVIEW, "parvis:publicStep", "parvis:publicstep")),
        ("not-supported", "TooLate", inserted(MISSING_PAPER, "P15D", "15 jours")),
        (
            "departments-known",
            "Review",
            inserted(
                REVIEW, "<zeebe:userTask/>", '<zeebe:userTask/><zeebe:assignmentDefinition candidateGroups="lune"/>'
            ),
        ),
        (
            "decisions-known",
            "Done",
            inserted(
                REVIEW,
                '<endEvent id="Done"/>',
                '<businessRuleTask id="Done" name="d"><extensionElements>'
                '<zeebe:calledDecision decisionId="x" resultVariable="y"/></extensionElements></businessRuleTask>',
            ),
        ),
        (
            "decisions-known",
            "Done",
            inserted(
                REVIEW,
                '<endEvent id="Done"/>',
                '<scriptTask id="Done" name="d"><extensionElements>'
                '<zeebe:script expression="=decide(&quot;x&quot;) + 1" resultVariable="y"/></extensionElements>'
                "</scriptTask>",
            ),
        ),
        (
            "called-processes",
            "Done",
            inserted(
                REVIEW,
                '<endEvent id="Done"/>',
                '<callActivity id="Done" name="d"><extensionElements>'
                '<zeebe:calledElement processId="elsewhere"/></extensionElements></callActivity>',
            ),
        ),
        (
            "gateway-exits",
            "G",
            inserted(
                REVIEW,
                '<endEvent id="Done"/>',
                '<exclusiveGateway id="Done"/><sequenceFlow id="g" sourceRef="Done" targetRef="G"/>'
                '<exclusiveGateway id="G"/>',
            ),
        ),
    ],
)
def test_what_cannot_work_is_an_error_on_its_element(rule: str, element: str, body: str) -> None:
    findings = [each for each in found_in(body) if (each.rule, each.severity, each.element) == (rule, "error", element)]

    assert findings
    assert all("{" not in each.says() for each in findings)


def test_a_choice_without_condition_is_an_error_and_without_default_a_warning() -> None:
    split = """
    <startEvent id="S"/><sequenceFlow id="f0" sourceRef="S" targetRef="G"/><exclusiveGateway id="G" name="?"/>
    <sequenceFlow id="f1" sourceRef="G" targetRef="A"/><sequenceFlow id="f2" sourceRef="G" targetRef="B">
    <conditionExpression>=true</conditionExpression></sequenceFlow><endEvent id="A"/><endEvent id="B"/>"""
    both = inserted(
        split, 'targetRef="A"/>', 'targetRef="A"><conditionExpression>=false</conditionExpression></sequenceFlow>'
    )

    assert ("gateway-exits", "error", "G") in rules_in(split)
    assert ("gateway-exits", "warning", "G") in rules_in(both)


def test_a_message_without_key_is_an_error_but_for_a_start() -> None:
    body = inserted(PAYMENT, 'messageRef="payment"', 'messageRef="alarm"')
    start = inserted(
        REVIEW,
        '<startEvent id="Filed"/>',
        '<startEvent id="Alarm"><messageEventDefinition messageRef="alarm"/></startEvent>'
        '<sequenceFlow id="a" sourceRef="Alarm" targetRef="Review"/><startEvent id="Filed"/>',
    )

    assert ("message-keys", "error", "Paid") in rules_in(body)
    assert not {each for each in rules_in(start) if each[0] == "message-keys"}


def test_paths_nobody_can_take_or_leave_are_warned_of() -> None:
    body = inserted(REVIEW, '<endEvent id="Done"/>', '<endEvent id="Done"/><manualTask id="Alone" name="a"/>')

    assert ("end-reachable", "warning", "Alone") in rules_in(body)


@pytest.mark.parametrize(
    ("rule", "changes"),
    [
        ("manifest-expressions", {"title_of_case": "=answers."}),
        ("start-forms", {"start_forms": [{"form": "none", "title": {"fr": "x"}}]}),
        ("start-forms", {"start_forms": [{"form": "request", "title": {"fr": "x"}, "start": "Nowhere"}]}),
        ("start-forms", {"start_forms": []}),
        ("departments-known", {"department": "lune"}),
        ("departments-known", {"lanes": {"Lune": "lune"}}),
        ("main-process", {"process": "other"}),
    ],
)
def test_what_the_manifest_promises_must_be_there(rule: str, changes: dict[str, Any]) -> None:
    assert (rule, "error", None) in rules_in(**changes)


@pytest.mark.parametrize(
    ("rule", "files"),
    [
        ("forms-readable", {"forms/x.schema.json": b'{"type": "array"}'}),
        ("scenarios-readable", {"scenarios/x.json": b'{"name": "x", "stepz": []}'}),
        ("scenarios-readable", {"scenarios/x.json": b'{"name": "x", "steps": [{"complete": "a", "job": "b"}]}'}),
        ("letters-known", {"letters/x.fr.txt": b"Bonjour"}),
    ],
)
def test_files_that_cannot_be_used_are_errors(rule: str, files: dict[str, bytes]) -> None:
    assert (rule, "error", None) in rules_in(files=files)


@pytest.mark.parametrize(
    "content",
    [
        b"<a",
        b"",
        b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        b'<!DOCTYPE a [<!ENTITY x "aaaaaaaaaa"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;">]><a>&y;</a>',
        b"<a>" * 300 + b"</a>" * 300,
        b"<a>" + b"<b/>" * 6_000 + b"</a>",
    ],
)
def test_a_hostile_document_is_refused_before_anything_reads_it(content: bytes) -> None:
    hostile = bundle_of({**a_bundle().files, "hostile.bpmn": content})

    [finding] = lint.check(hostile, Town())

    assert (finding.rule, finding.severity, finding.file) == ("safe-document", "error", "hostile.bpmn")
    assert "passwd" not in finding.says()


def test_every_mistake_of_a_diagram_is_told_at_once() -> None:
    body = inserted(REVIEW, "=case.applicant.email", "=case.").replace('targetRef="Review"', 'targetRef="Nowhere"')

    found = found_in(body)

    assert len([each for each in found if each.severity == "error"]) >= 2
    assert all(each.says() for each in found)


class Connected(Town):
    """The same town, with one mail connection besides that of its settings."""

    connections = {"parvis:mail": Usable(names=("culture", "mail"), usual="mail")}


@pytest.mark.parametrize(
    ("named", "usual", "found"),
    [
        (None, "mail", []),
        ("culture", "mail", []),
        ("=case.connection", "mail", []),
        ("sport", "mail", ["sport"]),
        (None, "", [None]),
    ],
)
def test_a_connection_that_the_town_has_not_is_told_at_the_step_and_keeps_nothing_back(named, usual, found) -> None:
    town = Connected()
    town.connections = {"parvis:mail": msgspec.structs.replace(town.connections["parvis:mail"], usual=usual)}
    given = f'<zeebe:ioMapping><zeebe:input source="{named}" target="connection"/>' if named else "<zeebe:ioMapping>"
    bundle = a_bundle(inserted(REVIEW, "<zeebe:ioMapping>", given), files={**LETTERS, **SCENARIO})

    told = [each for each in lint.check(bundle, town, frozenset()) if each.rule == "connections-known"]

    assert [each.parameters.get("connection") for each in told] == found
    assert all((each.severity, each.element) == ("warning", "Tell") for each in told)


def bundles() -> list[Path]:
    return sorted(path.parent for path in (ROOT / "processes").glob("*/manifest.json"))


@pytest.mark.parametrize("folder", bundles(), ids=lambda path: path.name)
def test_the_bundles_of_the_house_have_no_error(folder: Path) -> None:
    class Anywhere(Town):
        departments = None

        def of_type(self, job_type: str) -> Template | None:
            return None if job_type.startswith("x:") else Template(())

    found = lint.check(read_folder(folder), Anywhere())

    assert [finding.says() for finding in found if finding.severity == "error"] == []


def test_every_rule_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "deploy-gate.md").read_text("utf-8")

    assert [rule for rule in lint.RULES if f"`{rule}`" not in text] == []
