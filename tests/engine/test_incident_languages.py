"""What blocks a case is told in the language of whoever reads it, values included."""

import ast
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from connectors.department.connector import UNKNOWN
from connectors.runner import TOO_SLOW
from engine import incidents, jobs, quarantine
from engine.apply import marks
from engine.commands import FailJob, ThrowError
from engine.effects import IncidentRaised
from engine.feel.sentences import Sentence, sentence_kept
from engine.store.statements import run, value
from tests.engine.bpmn.diagrams import (
    after,
    catch,
    diagram,
    each_of,
    element,
    end,
    error,
    gateway,
    job,
    mark,
    start,
    user,
)
from tests.engine.bpmn.runs import Run
from tests.engine.bundles import a_case, a_procedure
from tests.engine.test_jobs import a_queued_job, the_leased
from web.pages import language

UNDECIDED = """
<startEvent id="Filed"/>
<sequenceFlow id="f1" sourceRef="Filed" targetRef="Which"/>
<exclusiveGateway id="Which" name="Montant"/>
<sequenceFlow id="f2" sourceRef="Which" targetRef="Done">
  <conditionExpression xsi:type="tFormalExpression">=answers.amount &gt; 10</conditionExpression></sequenceFlow>
<endEvent id="Done"/>
"""
RAISES = {"ElementFailed": 1, "NoTime": 0, "Sentence": 0, "ScriptFailed": 0}
BESIDE = [Path(f"engine/{name}.py") for name in ("definition", "decisions", "dispatch", "script", "jobs")]


def templates() -> Iterator[tuple[str, ast.expr]]:
    """Every template of a sentence in the code that executes diagrams: where, and what is written there."""
    for file in [*Path("engine/bpmn").rglob("*.py"), *BESIDE, Path("connectors/runner.py")]:
        if "parser" in file.parts:
            continue
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISES:
                place = RAISES[node.func.id]
                if len(node.args) > place:
                    yield f"{file}:{node.lineno}", node.args[place]
            elif isinstance(node, ast.Assign) and "{0}" in ast.unparse(node.value):
                yield f"{file}:{node.lineno}", node.value


def test_what_the_engine_says_of_a_blocked_element_is_a_template_that_the_catalogues_know() -> None:
    known = language.translations("fr")._catalog  # type: ignore[attr-defined]

    found = list(templates())
    built = [where for where, said in found if isinstance(said, ast.JoinedStr | ast.BinOp)]
    texts = [(where, said.value) for where, said in found if isinstance(said, ast.Constant)]
    english = [(where, text) for where, text in texts if isinstance(text, str) and text not in known]

    assert len(texts) > 20
    assert (built, english) == ([], [])


def in_french(raised: IncidentRaised) -> str:
    marker = language.speak("fr")
    try:
        return sentence_kept(raised.sentence or raised.message).says(language.translate)
    finally:
        language.hush(marker)


CIRCLE = [start(), gateway("exclusive", "J"), mark("A"), gateway("exclusive", "K"), end()]
DECIDES = '<calledDecision decisionId="nobody" resultVariable="r"/>'
DIVIDES = element("scriptTask", "A", "<bpmn:script>x = 1 / n</bpmn:script>", scriptFormat="python")
UNSURE = gateway("exclusive", "A")


@pytest.mark.parametrize(
    ("kind", "elements", "flows", "french", "english"),
    [
        ("expression", [start(), user("A", each_of("=n", "i"))], ["S > A"], "« n » n’est pas une liste.", "not a list"),
        ("expression", [start(), catch("A", after("=n"))], ["S > A"], "minuterie : Il faut une durée", "timer: Expect"),
        ("no_flow", [start(), UNSURE, end()], ["S > A", "A > E : =n > 5"], "A : aucune condition", "no outgoing"),
        ("error", [start(), end("A", error("E1"))], ["S > A"], "Rien ne traite l’erreur E1", "has no handler"),
        (
            "decision",
            [start(), element("businessRuleTask", "A", zeebe=DECIDES)],
            ["S > A"],
            "pas de décision",
            "has no",
        ),
        ("fuse", CIRCLE, ["S > J > A > K > J", "K > E : =n > 5"], "boucle est-elle sans fin ?", "is this loop endless"),
        ("script", [start(), DIVIDES], ["S > A"], "Le script n’est pas arrivé à son terme", "come to an end"),
    ],
)
def test_each_kind_of_incident_is_told_in_french_and_in_english(
    kind: str, elements: list[str], flows: list[str], french: str, english: str
) -> None:
    run_of_it = Run(diagram(elements, *flows), n=0).start()

    [raised] = run_of_it.incidents.values()

    assert raised.kind == kind
    assert english in raised.message
    assert french in in_french(raised)


def test_a_failed_job_is_told_in_french_and_in_english() -> None:
    waiting = Run(diagram([start(), job("A"), end()], "S > A > E")).start()
    [token] = waiting.jobs

    waiting.do(FailJob.of(token, Sentence(TOO_SLOW, ("60",))))

    assert waiting.incident("A").message == "The other side did not answer within 60 seconds."
    assert in_french(waiting.incident("A")) == "L’autre côté n’a pas répondu en 60 secondes."


def test_an_error_of_a_connector_that_nothing_handles_is_told_in_french_all_of_it() -> None:
    waiting = Run(diagram([start(), job("A"), end()], "S > A > E")).start()
    [token] = waiting.jobs
    said = Sentence(UNKNOWN, ("routing", "voirie"))

    waiting.do(ThrowError(token=token, code="DEPARTMENT_UNKNOWN", message=str(said), sentence=said.kept()))

    told = in_french(waiting.incident("A"))
    assert told.startswith("Rien ne traite l’erreur DEPARTMENT_UNKNOWN : La décision « routing » nomme le service")
    assert str(said) in waiting.incident("A").message


@pytest.mark.parametrize(
    ("message", "french"),
    [
        ("There is no such room or slot.", "Cette salle ou ce créneau n’existe pas."),
        ("no {answer} {0}", "no {answer} {0}"),
        ("", "erreur E9"),
    ],
)
def test_the_message_of_an_error_is_told_in_french_where_it_is_ours_and_else_as_it_is(
    message: str, french: str
) -> None:
    waiting = Run(diagram([start(), job("A"), end()], "S > A > E")).start()
    [token] = waiting.jobs

    waiting.do(ThrowError(token=token, code="E9", message=message))

    assert in_french(waiting.incident("A")) == f"Rien ne traite l’erreur E9 : {french}"


def test_what_a_worker_says_of_a_failed_job_is_told_as_it_is_braces_included() -> None:
    waiting = Run(diagram([start(), job("A"), end()], "S > A > E")).start()
    [token] = waiting.jobs

    waiting.do(FailJob.of(token, "no {answer}"))

    assert in_french(waiting.incident("A")) == waiting.incident("A").message == "no {answer}"


def test_what_a_script_says_is_told_with_its_braces() -> None:
    raising = element(
        "scriptTask", "A", "<bpmn:script>raise ValueError('{0} {x}')</bpmn:script>", scriptFormat="python"
    )
    failed = Run(diagram([start(), raising], "S > A")).start()

    assert "{0} {x}" in failed.incident("A").message
    assert "{0} {x}" in in_french(failed.incident("A"))


async def spoken(incident: incidents.Incident) -> str:
    marker = language.speak("fr")
    try:
        return incident.says(language.translate)
    finally:
        language.hush(marker)


ASKS = """
<startEvent id="Filed"/><sequenceFlow id="f1" sourceRef="Filed" targetRef="Ask"/>
<callActivity id="Ask"><extensionElements><zeebe:calledElement processId="=answers.who"/></extensionElements>
</callActivity><sequenceFlow id="f2" sourceRef="Ask" targetRef="Done"/><endEvent id="Done"/>
"""


@pytest.mark.usefixtures("database")
async def test_a_call_of_what_is_not_in_service_is_told_in_french_and_in_english(now: datetime) -> None:
    await a_procedure(now, ASKS)
    filed = await a_case(now, answers={"who": "nobody"})

    [incident] = await incidents.of_case(filed.case_id)

    assert incident.message == "No procedure in service has the process “nobody”."
    assert await spoken(incident) == "Aucune démarche en service n’a le processus « nobody »."


@pytest.mark.usefixtures("database")
async def test_a_job_whose_tries_are_used_up_is_told_in_french(now: datetime) -> None:
    await a_procedure(now)
    filed = await a_queued_job(now)
    leased = await the_leased(now)
    await jobs.fail(leased.job.id, 1, Sentence(TOO_SLOW, ("60",)), now, retry_at=now)
    again = await the_leased(now)

    await jobs.fail(again.job.id, 2, Sentence(TOO_SLOW, ("60",)), now)

    [incident] = await incidents.of_case(filed.case_id)
    assert await value("SELECT error FROM engine_job") == incident.message
    assert await spoken(incident) == "L’autre côté n’a pas répondu en 60 secondes."


@pytest.mark.usefixtures("database")
async def test_a_case_that_cannot_be_moved_is_told_in_french(now: datetime) -> None:
    await a_procedure(now, UNDECIDED)
    filed = await a_case(now, answers={"amount": 20})
    instance_id = await value("SELECT id FROM engine_instance WHERE case_id = $1", filed.case_id)

    await marks.add_stuck_incident(instance_id, quarantine.STUCK, now)

    [incident] = await incidents.of_case(filed.case_id)
    assert (await spoken(incident)).startswith("Le dossier ne peut pas avancer")


@pytest.mark.usefixtures("database")
async def test_a_case_that_no_condition_lets_go_on_is_explained_in_french_and_in_english(now: datetime) -> None:
    await a_procedure(now, UNDECIDED)
    filed = await a_case(now, answers={"amount": 3})
    [incident] = await incidents.of_case(filed.case_id)
    marker = language.speak("fr")

    french, english = incident.says(language.translate), incident.says()
    language.hush(marker)

    assert french.startswith("Montant : aucune condition de sortie n’est vraie")
    assert "n’est pas vrai" in french
    assert english == incident.message
    assert "is not true" in english


@pytest.mark.usefixtures("database")
async def test_an_incident_of_an_earlier_version_keeps_its_text(now: datetime) -> None:
    await a_procedure(now, UNDECIDED)
    filed = await a_case(now, answers={"amount": 3})
    await run("UPDATE engine_incident SET sentence = NULL, message = 'As it was {here}'")

    [incident] = await incidents.of_case(filed.case_id)

    assert incident.says() == "As it was {here}"
