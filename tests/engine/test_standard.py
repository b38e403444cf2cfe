"""The rules of the BPMN standard: each refuses what breaks it, and a sound diagram breaks none."""

import ast
from pathlib import Path
from string import ascii_uppercase

import pytest
from babel.messages.pofile import read_po

from engine import lint
from engine.bpmn.parser.safe import read_xml
from engine.bundle import read_folder
from engine.lint import standard
from engine.lint.standard import breaches

ROOT = Path(__file__).parents[2]
HEAD = """<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="https://parvis.example"
    xmlns:zeebe="http://camunda.org/schema/zeebe/1.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
{roots}<process id="p" isExecutable="true" {attributes}>{body}</process></definitions>"""
ROOTS = """<itemDefinition id="text" structureRef="string"/><itemDefinition id="number" structureRef="integer"/>
<message id="m" name="m" itemRef="text"/><error id="e"/><escalation id="x"/><signal id="s" name="s"/>"""
START = '<startEvent id="S"/><sequenceFlow id="f1" sourceRef="S" targetRef="A"/>'
TASK = '<task id="A"/><sequenceFlow id="f2" sourceRef="A" targetRef="E"/>'
END = '<endEvent id="E"/>'
TIMER = "<timerEventDefinition><timeDuration xsi:type='tFormalExpression'>PT1S</timeDuration></timerEventDefinition>"
RUN = START + TASK + END


def flow(name: str, source: str, target: str, inner: str = "") -> str:
    return f'<sequenceFlow id="{name}" sourceRef="{source}" targetRef="{target}">{inner}</sequenceFlow>'


def through(element: str) -> str:
    """A start, the element with the id A, an end."""
    return START + element + flow("f2", "A", "E") + END


def diagram(body: str, roots: str = "", attributes: str = "") -> bytes:
    return HEAD.format(body=body, roots=roots + ROOTS, attributes=attributes).encode()


def broken_by(content: bytes) -> set[tuple[str, str | None]]:
    return {(found.rule, found.element) for found in breaches({"d.bpmn": read_xml(content)})}


def test_a_sound_diagram_breaks_no_rule() -> None:
    assert broken_by(diagram(RUN)) == set()


@pytest.mark.parametrize("bundle", ["room_booking", "incident_report", "civil_status_certificate"])
def test_the_procedures_of_the_house_break_no_rule(bundle: str) -> None:
    files = read_folder(ROOT / "processes" / bundle).files
    roots = {name: read_xml(content) for name, content in files.items() if name.endswith(".bpmn")}

    assert [found.says() for found in breaches(roots)] == []


def test_what_others_do_is_not_judged() -> None:
    shown = b'<process id="q" isExecutable="false"><endEvent id="Lonely"/></process></definitions>'

    assert broken_by(diagram(RUN).replace(b"</definitions>", shown)) == set()


CONDITION = '<conditionExpression xsi:type="tFormalExpression">=a</conditionExpression>'
BROKEN = {
    "schema-valid": ("A", through('<task id="A" startQuantity="many"/>')),
    "ids-given": ("p", RUN + "<task/>"),
    "references-resolved": ("A", through('<receiveTask id="A" messageRef="nobody"/>')),
    "flow-lists-complete": ("E", RUN.replace('"S"/>', '"S"><outgoing>f1</outgoing></startEvent>')),
    "flow-nodes-connected": ("B", RUN + '<task id="B"/>' + flow("f3", "B", "E")),
    "conditional-flows": ("A", START + '<task id="A"/>' + flow("f2", "A", "E", CONDITION) + END),
    "start-events": ("S", RUN.replace('"S"/>', '"S"><errorEventDefinition/></startEvent>')),
    "end-events": ("E", RUN.replace(END, f'<endEvent id="E">{TIMER}</endEvent>')),
    "intermediate-events": ("A", through('<intermediateCatchEvent id="A"/>')),
    "boundary-events": ("B", RUN + f'<boundaryEvent id="B" attachedToRef="A">{TIMER}</boundaryEvent>'),
    "links": ("A", START + '<intermediateThrowEvent id="A"><linkEventDefinition name="l"/></intermediateThrowEvent>'),
    "gateways": ("A", through('<parallelGateway id="A"/>')),
    "event-gateways": ("A", through('<eventBasedGateway id="A"/>')),
    "event-subprocesses": ("B", RUN + f'<subProcess id="B" triggeredByEvent="true">{TASK}{END}</subProcess>'),
    "adhoc-subprocesses": ("A", through('<adHocSubProcess id="A"/>')),
    "compensations": (
        "B",
        RUN + '<boundaryEvent id="B" attachedToRef="A"><compensateEventDefinition/></boundaryEvent>',
    ),
    "loops": ("A", through('<task id="A"><multiInstanceLoopCharacteristics/></task>')),
    "quantities": ("A", through('<task id="A" completionQuantity="0"/>')),
    "receive-tasks": ("A", through('<receiveTask id="A" messageRef="m" instantiate="true"/>')),
    "script-formats": ("A", through('<scriptTask id="A"><script>a = 1</script></scriptTask>')),
    "expressions-formal": (
        "f2",
        RUN.replace('"A" targetRef="E"/>', '"A" targetRef="E"><conditionExpression>perhaps</conditionExpression>')
        .replace("</conditionExpression>", "</conditionExpression></sequenceFlow>")
        .replace('<task id="A"/>', '<task id="A"/>' + flow("f3", "A", "E")),
    ),
    "codes-given": ("E", RUN.replace(END, '<endEvent id="E"><errorEventDefinition errorRef="e"/></endEvent>')),
    "messages-given": (
        "A",
        through('<intermediateCatchEvent id="A"><messageEventDefinition messageRef="m"/></intermediateCatchEvent>'),
    ),
    "choreographies": (
        "C",
        RUN + '<choreographyTask id="C" initiatingParticipantRef="p"><participantRef>p</participantRef>'
        "<participantRef>p</participantRef><messageFlowRef>p</messageFlowRef></choreographyTask>",
    ),
    "data-sets": (
        "A",
        through('<task id="A"><ioSpecification><dataInput id="d"/><inputSet/><outputSet/></ioSpecification></task>'),
    ),
    "data-items": (
        "A",
        through(
            '<receiveTask id="A" messageRef="m"><ioSpecification><dataOutput id="d" itemSubjectRef="number"/>'
            "<inputSet/><outputSet><dataOutputRefs>d</dataOutputRefs></outputSet></ioSpecification></receiveTask>"
        ),
    ),
    "data-names": (
        "R",
        RUN + '<dataObject id="D" name="Plan"/><dataObjectReference id="R" name="Plan" dataObjectRef="D">'
        '<dataState name="signed"/></dataObjectReference>',
    ),
}


@pytest.mark.parametrize("rule", BROKEN)
def test_a_rule_refuses_what_breaks_it(rule: str) -> None:
    element, body = BROKEN[rule]

    assert (rule, element) in broken_by(diagram(body))


UNTYPED = "<timerEventDefinition><timeDuration>PT1S</timeDuration></timerEventDefinition>"
MANY = "multiInstanceLoopCharacteristics"
COUNTED = '<loopCardinality xsi:type="tFormalExpression">3</loopCardinality>'
NUMBER = '<completionCondition xsi:type="tFormalExpression">=23</completionCondition>'
INPUT = '<dataInput id="in" itemSubjectRef="many"/><inputSet><dataInputRefs>in</dataInputRefs></inputSet><outputSet/>'
UNSAID = '<dataInput id="in"/><inputSet><dataInputRefs>in</dataInputRefs></inputSet><outputSet/>'
GIVEN = '<dataOutput id="out"/><inputSet/><outputSet><dataOutputRefs>out</dataOutputRefs></outputSet>'
MORE = {
    "a time that is no formal expression": (
        "expressions-formal",
        through(f'<intermediateCatchEvent id="A">{UNTYPED}</intermediateCatchEvent>'),
    ),
    "an empty transformation": (
        "expressions-formal",
        through(
            '<task id="A"><dataInputAssociation id="B"><sourceRef>D</sourceRef><targetRef>in</targetRef>'
            "<transformation/></dataInputAssociation></task>"
        ),
    ),
    "a completion condition that is a number": (
        "expressions-formal",
        through(f'<task id="A"><{MANY}>{COUNTED}{NUMBER}</{MANY}></task>'),
    ),
    "a documentation in an unknown format": (
        "script-formats",
        through('<task id="A"><documentation textFormat="words">a</documentation></task>'),
    ),
    "a compensation event that does not interrupt": (
        "boundary-events",
        RUN + '<boundaryEvent id="B" attachedToRef="A" cancelActivity="false"><compensateEventDefinition/>'
        '</boundaryEvent><task id="C" isForCompensation="true"/><association id="a" sourceRef="B" targetRef="C"/>',
    ),
    "one value where the item is a collection": (
        "data-items",
        through(f'<task id="A"><ioSpecification>{INPUT}</ioSpecification></task>'),
    ),
    "data of no type for a message that has one": (
        "data-items",
        through(f'<sendTask id="A" messageRef="m"><ioSpecification>{UNSAID}</ioSpecification></sendTask>'),
    ),
    "an output of the process that is read": (
        "data-items",
        f"<ioSpecification>{GIVEN}</ioSpecification>"
        + through(
            f'<task id="A"><ioSpecification>{UNSAID}</ioSpecification><dataInputAssociation id="B">'
            "<sourceRef>out</sourceRef><targetRef>in</targetRef></dataInputAssociation></task>"
        ),
    ),
}


@pytest.mark.parametrize("breach", MORE)
def test_a_rule_refuses_this_too(breach: str) -> None:
    rule, body = MORE[breach]

    many = '<itemDefinition id="many" structureRef="string" isCollection="true"/>'
    assert rule in {found for found, _ in broken_by(diagram(body, many))}


def test_a_text_format_may_be_any_mime_type() -> None:
    text = '<documentation textFormat="text/markdown; charset=utf-8">a</documentation>'

    assert broken_by(diagram(through(f'<task id="A">{text}</task>'))) == set()


def test_a_sequence_flow_does_not_leave_its_subprocess() -> None:
    inside = f'<subProcess id="A"><task id="T"/>{flow("out", "T", "E")}</subProcess>'

    assert ("flow-ends", "out") in broken_by(diagram(through(inside)))


def test_an_import_is_refused_because_a_bundle_is_complete() -> None:
    imported = '<import importType="http://www.omg.org/spec/BPMN/20100524/MODEL" location="b.bpmn" namespace="urn:b"/>'

    assert "imports-there" in {rule for rule, _ in broken_by(diagram(RUN, imported))}


def test_a_message_flow_goes_from_one_pool_to_another() -> None:
    pool = (
        '<collaboration id="c"><participant id="us" processRef="p"/>'
        '<messageFlow id="mf" sourceRef="A" targetRef="A"/></collaboration>'
    )

    assert ("message-flows", "mf") in broken_by(diagram(RUN, pool))


def test_a_public_process_is_not_run() -> None:
    assert ("pools", "p") in broken_by(diagram(RUN, attributes='processType="Public"'))


def test_a_call_gives_the_data_that_the_called_task_asks_for() -> None:
    asked = (
        '<globalTask id="g"><ioSpecification><dataInput id="d" itemSubjectRef="text"/><inputSet>'
        "<dataInputRefs>d</dataInputRefs></inputSet><outputSet/></ioSpecification></globalTask>"
    )

    assert ("calls", "A") in broken_by(diagram(through('<callActivity id="A" calledElement="g"/>'), asked))


def test_a_message_with_a_correlation_key_needs_no_operation() -> None:
    keyed = (
        '<message id="k" name="k"><extensionElements><zeebe:subscription correlationKey="=case.reference"/>'
        "</extensionElements></message>"
    )
    body = through('<intermediateCatchEvent id="A"><messageEventDefinition messageRef="k"/></intermediateCatchEvent>')

    assert broken_by(diagram(body, keyed)) == set()


def test_every_rule_is_tried_here() -> None:
    elsewhere = {"flow-ends", "imports-there", "message-flows", "pools", "calls"}

    assert set(standard.NAMES) == set(BROKEN) | elsewhere


def test_every_rule_is_documented() -> None:
    text = (ROOT / "docs" / "reference" / "deploy-gate.md").read_text("utf-8")

    assert [rule for rule in (*lint.RULES, *standard.NAMES) if f"| `{rule}` |" not in text] == []


def test_every_finding_exists_in_french() -> None:
    catalogue = read_po((ROOT / "locale" / "fr" / "LC_MESSAGES" / "engine.po").open("rb"))
    said = {words for file in (ROOT / "engine" / "lint").rglob("*.py") for words in _sentences(file)}

    assert sorted(words for words in said if not getattr(catalogue.get(words), "string", "")) == []


def test_every_reason_why_a_diagram_cannot_be_built_or_go_on_exists_in_french() -> None:
    folder = ROOT / "locale" / "fr" / "LC_MESSAGES"
    catalogues = [read_po((folder / name).open("rb")) for name in ("engine.po", "incidents.po")]
    said = {words for file in (ROOT / "engine" / "bpmn").rglob("*.py") for words in _reasons(file)}

    assert len(said) > 60
    missing = {words for words in said if not any(getattr(each.get(words), "string", "") for each in catalogues)}
    assert sorted(missing) == []


def _reasons(file: Path) -> list[str]:
    """What the parser says: the sentences it refuses with, written at the call or just before it."""
    tree = ast.parse(file.read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    named = ("NotSupported", "note", "Sentence")
    places = [call for call in calls if getattr(call.func, "attr", getattr(call.func, "id", "")) in named]
    written = [node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) and "parser" in file.parts]
    parts = [part for place in (*[arg for call in places for arg in call.args], *written) for part in ast.walk(place)]
    texts = [part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)]
    return [text for text in texts if " " in text and text[0] in "“{" + ascii_uppercase and text[-1] in ".}"]


def _sentences(file: Path) -> list[str]:
    calls = [node for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)]
    found = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "found"]
    words = [part.value for call in found for part in call.args if isinstance(part, ast.Constant)]
    return [text for text in words if isinstance(text, str) and " " in text]
