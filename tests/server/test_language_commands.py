"""`parvis feel` and `parvis decide`: values on the standard output, explanations on the standard error."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from server.command import main

RIGHTS = Path(__file__).parents[2] / "processes" / "civil_status_certificate" / "rights.dmn"


def test_an_expression_is_evaluated_over_a_context(tmp_path: Path) -> None:
    context = tmp_path / "context.json"
    context.write_text('{"price of entry": 2.5, "people": [{"age": 7}, {"age": 41}]}')

    answer = CliRunner().invoke(main, ["feel", "= count(people[age > 17]) * price of entry", "--context", str(context)])

    assert (answer.exit_code, answer.stdout.strip()) == (0, "2.5")


def test_a_null_comes_with_its_reason_and_its_place_in_the_language_asked_for() -> None:
    answer = CliRunner().invoke(main, ["feel", 'amount + "a"', "--language", "fr"])

    assert answer.stdout.strip() == "null"
    assert "1:1 Il n’y a pas ici de valeur nommée « amount »." in answer.stderr


def test_the_clock_of_an_expression_may_be_set() -> None:
    answer = CliRunner().invoke(main, ["feel", "today()", "--now", "2026-11-24T09:00:00Z"])

    assert answer.stdout.strip() == '"2026-11-24"'


def test_what_is_not_feel_is_refused_with_a_sentence() -> None:
    answer = CliRunner().invoke(main, ["feel", "if 1 then"])

    assert answer.exit_code == 1
    assert "Expected a value, but found the end of the expression at line 1, column 10" in answer.stderr


def test_a_decision_is_answered_with_the_rules_that_matched(tmp_path: Path) -> None:
    file = tmp_path / "fee.dmn"
    file.write_text(
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="fee" name="Fee"><decisionTable id="t"><input id="i" label="age"><inputExpression id="e">'
        '<text>age</text></inputExpression></input><output id="o" name="fee"/>'
        '<rule id="child"><inputEntry id="a"><text>&lt; 18</text></inputEntry><outputEntry id="b"><text>0</text>'
        '</outputEntry></rule><rule id="adult"><inputEntry id="c"><text>&gt;= 18</text></inputEntry>'
        '<outputEntry id="f"><text>12.5</text></outputEntry></rule></decisionTable></decision></definitions>'
    )

    answer = CliRunner().invoke(main, ["decide", str(file), "--decision", "fee", "--context", "-"], input='{"age": 40}')

    assert (answer.exit_code, answer.stdout.strip()) == (0, "12.5")
    assert 'rule 2: {"age":40} → {"fee":12.5}' in answer.stderr


def test_several_decisions_ask_for_one() -> None:
    answer = CliRunner().invoke(main, ["decide", str(RIGHTS)])

    assert answer.exit_code == 2
    assert "rights, act, request" in answer.stderr


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("for i in 1..1000000 return i", "Une liste ne peut pas dépasser 100000 éléments."),
        ("if 1 then", "Ligne 1, colonne 10"),
    ],
)
def test_a_refusal_is_said_in_the_language_asked_for(text: str, said: str) -> None:
    answer = CliRunner().invoke(main, ["feel", text, "--language", "fr"])

    assert answer.exit_code == 1
    assert said in answer.stderr
