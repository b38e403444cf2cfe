"""What decision tables decided, as an agent reads it on the case."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest

from engine.decisions import read_decision_files
from engine.encoding import json_text, parse_json
from engine.journal import Passage
from tests.dmn.test_decisions import a_rule, a_table
from web.agent.reasons import Decided, decided
from web.pages import language

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
PARIS = ZoneInfo("Europe/Paris")


def as_an_agent_reads(details: dict[str, Any], spoken: str = "fr") -> Decided:
    passage = Passage(
        id=1,
        instance_id=UUID(int=1),
        token=1,
        happened="decided",
        element="Fee",
        name=None,
        kind=None,
        at=NOW,
        actor_name="",
        details=parse_json(json_text(details)),
    )
    marker = language.speak(spoken)
    try:
        return decided([passage], PARIS, date(2026, 11, 24))[0]
    finally:
        language.hush(marker)


def a_trace(**variables: Any) -> dict[str, Any]:
    table = a_table("UNIQUE", a_rule(1, "&lt; 18", "12.5", annotation="Tarif des enfants"), a_rule(2, "18", "20"))
    book, _ = read_decision_files({"fee.dmn": table})
    return book.decide("fee", variables, NOW)[1]


def test_an_agent_reads_the_decision_its_rule_and_what_the_rule_read() -> None:
    said = as_an_agent_reads(a_trace(age=12))

    assert (said.name, said.answer) == ("Fee", "12,5")
    assert [(rule.number, rule.annotation, rule.inputs) for rule in said.rules] == [
        (1, "Tarif des enfants", (("Age", "12"),))
    ]
    assert said.problems == ()


@pytest.mark.parametrize(
    ("spoken", "sentence"),
    [
        ("fr", "Il faut une valeur de type number, et non un texte."),
        ("en", "Expected a value of type number, but found a string."),
    ],
)
def test_what_kept_a_table_from_answering_is_said_in_the_readers_language(spoken: str, sentence: str) -> None:
    said = as_an_agent_reads(a_trace(age="twelve"), spoken)

    assert (said.name, said.answer, said.rules) == ("Fee", "", ())
    assert said.problems[0] == sentence


EXPRESSION = """<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">
<decision id="fee_2026" name="Tarif de la salle"><variable name="fee"/>
<literalExpression><text>if resident then 5 else null</text></literalExpression></decision></definitions>"""


@pytest.mark.parametrize(("resident", "answer"), [(True, "5"), (False, "")])
def test_a_decision_without_a_table_is_called_by_its_name_and_has_no_rules(resident: bool, answer: str) -> None:
    book, _ = read_decision_files({"fee.dmn": EXPRESSION.encode()})

    said = as_an_agent_reads(book.decide("fee_2026", {"resident": resident}, NOW)[1])

    assert (said.name, said.answer, said.by_rules, said.rules) == ("Tarif de la salle", answer, False, ())


def test_an_answer_of_several_entries_is_told_entry_by_entry_below_the_name() -> None:
    book, _ = read_decision_files({"fee.dmn": EXPRESSION.replace("null", "{fee: 12.5, free: false}").encode()})

    said = as_an_agent_reads(book.decide("fee_2026", {"resident": False}, NOW)[1])

    assert (said.name, said.answer, said.parts) == ("Tarif de la salle", "", (("fee", "12,5"), ("free", "Non")))


def test_a_value_too_big_to_be_read_is_told_by_its_kind() -> None:
    said = as_an_agent_reads(a_trace(age=list(range(1000))))
    shown = as_an_agent_reads({"decision": "fee", "matches": [{"inputs": {"Âges": "(list)"}}]})

    assert said.rules == ()
    assert shown.rules[0].inputs == (("Âges", "(une liste)"),)


def test_a_table_that_adds_up_its_rules_answers_with_their_sum() -> None:
    table = a_table("COLLECT", a_rule(1, "&gt; 1", "12.5"), a_rule(2, "&gt; 2", "20"), aggregation="SUM")
    book, _ = read_decision_files({"fee.dmn": table})

    said = as_an_agent_reads(book.decide("fee", {"age": 3}, NOW)[1])

    assert (said.answer, [rule.number for rule in said.rules]) == ("32,5", [1, 2])


def test_a_trace_of_a_past_version_is_read_too() -> None:
    said = as_an_agent_reads({"decision": "fee", "problems": ["Expected a number."]})

    assert said.problems == ("Expected a number.",)


def test_values_are_said_as_people_say_them() -> None:
    inputs = {"a": True, "b": None, "c": [1, "x"], "d": "2026-11-25", "e": {"f": 2}, "g": 1234.5}
    match = {"decision": "d", "table_name": "T", "rule_index": 2, "inputs": inputs, "outputs": {"T": "oui"}}

    said = as_an_agent_reads({"decision": "d", "matches": [match]}).rules[0]

    assert [value for _, value in said.inputs][:3] == ["Oui", "–", "1, x"]
    assert dict(said.inputs)["e"] == "f : 2"
    assert dict(said.inputs)["g"].replace("\u202f", " ").replace("\xa0", " ") == "1 234,5"
    assert "2026-" not in dict(said.inputs)["d"]
