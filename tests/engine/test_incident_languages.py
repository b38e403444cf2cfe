"""What blocks a case is told in the language of whoever reads it, values included."""

import ast
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from engine import incidents
from engine.store.statements import run
from tests.engine.bundles import a_case, a_procedure
from web.pages import language

UNDECIDED = """
<startEvent id="Filed"/>
<sequenceFlow id="f1" sourceRef="Filed" targetRef="Which"/>
<exclusiveGateway id="Which" name="Montant"/>
<sequenceFlow id="f2" sourceRef="Which" targetRef="Done">
  <conditionExpression xsi:type="tFormalExpression">=answers.amount &gt; 10</conditionExpression></sequenceFlow>
<endEvent id="Done"/>
"""
RAISES = {"ElementFailed": 1, "NoTime": 0, "Sentence": 0}


def templates() -> Iterator[tuple[str, ast.expr]]:
    """Every template of a sentence in the code that executes diagrams: where, and what is written there."""
    for file in Path("engine/bpmn").rglob("*.py"):
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
