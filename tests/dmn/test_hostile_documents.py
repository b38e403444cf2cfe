"""Files that would keep the deploy gate busy: reading and judging them ends, and says what was too much.

Work is counted in calls of functions, which no busy machine changes.
"""

import pytest

from engine.dmn import DecisionsUnreadable, judging, read_decisions
from engine.feel import limits
from tests.feel.growth import calls_of

CALLS = 4_000_000


def a_file(inside: str) -> bytes:
    head = '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
    return f"{head}{inside}</definitions>".encode()


def a_decision(logic: str, number: int = 1, requires: str = "") -> str:
    return f'<decision id="x{number}" name="x{number}">{requires}{logic}</decision>'


def a_table(rules: int, columns: int, cell: str, policy: str = "UNIQUE") -> str:
    inputs = "".join(f"<input><inputExpression><text>i{n}</text></inputExpression></input>" for n in range(columns))
    row = f"<inputEntry><text>{cell}</text></inputEntry>" * columns + "<outputEntry><text>1</text></outputEntry>"
    entries = "".join(f'<rule id="r{n}">{row}</rule>' for n in range(rules))
    return f'<decisionTable hitPolicy="{policy}">{inputs}<output name="o"/>{entries}</decisionTable>'


def looked_at(xml: bytes) -> list[str]:
    found: list[str] = []

    def look() -> None:
        decisions = read_decisions(xml)
        found.extend(finding.code for finding in decisions.findings())
        decisions.required_paths(decisions.ids[-1])

    assert calls_of(look) < CALLS
    return found


MANY = ", ".join(map(str, range(200)))
HOSTILE = {
    "long cells": a_decision(a_table(60, 1, MANY)),
    "one long cell": a_decision(a_table(2, 1, ", ".join(map(str, range(1500))))),
    "many columns": a_decision(a_table(120, 6, "1, 2, 3, 4, 5, 6, 7, 8, 9")),
    "many tables": "".join(a_decision(a_table(40, 3, "[1..2], [3..4], 9"), n) for n in range(6)),
    "many rules": a_decision(a_table(500, 2, "&gt; 1")),
}


@pytest.mark.parametrize("inside", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_table_too_big_to_be_judged_is_told(inside: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "MAX_COMPARISONS", 200_000)

    assert "not_judged" in looked_at(a_file(inside))


def test_a_table_of_many_rules_and_columns_is_judged() -> None:
    assert "not_judged" not in looked_at(a_file(a_decision(a_table(100, 8, "[1..5]"))))


def test_types_of_types_do_not_double_at_each_level() -> None:
    twice = "".join(
        f'<itemDefinition id="t{n}" name="t{n}">'
        + "".join(f'<itemComponent name="{name}"><typeRef>t{n - 1}</typeRef></itemComponent>' for name in "ab")
        + "</itemDefinition>"
        for n in range(1, 60)
    )
    first = '<itemDefinition id="t0" name="t0"><typeRef>number</typeRef></itemDefinition>'
    logic = '<variable name="x1" typeRef="t59"/><literalExpression><text>i instance of t59</text></literalExpression>'

    found = looked_at(a_file(first + twice + a_decision(logic)))

    assert found.count("unreadable") > 0


def test_a_long_chain_of_decisions_is_looked_at_and_refused_when_decided() -> None:
    chain = "".join(
        a_decision(
            f"<literalExpression><text>x{n - 1} + 1</text></literalExpression>",
            n,
            f'<informationRequirement><requiredDecision href="#x{n - 1}"/></informationRequirement>',
        )
        for n in range(1, 600)
    )
    xml = a_file(a_decision("<literalExpression><text>start</text></literalExpression>", 0) + chain)

    assert looked_at(xml) == []
    assert read_decisions(xml).required_names("x599") == {"start"}


def test_elements_too_deep_within_one_another_are_refused() -> None:
    with pytest.raises(DecisionsUnreadable, match="inside one another"):
        read_decisions(a_file(a_decision("<list>" * 120 + "</list>" * 120)))


def test_elements_as_deep_as_they_may_be_are_compiled() -> None:
    found = looked_at(a_file(a_decision("<list>" * 95 + "</list>" * 95)))

    assert found == []


def test_more_text_than_one_file_may_hold_is_refused() -> None:
    cell = "1, " * (limits.TEXT_LENGTH // 3 - 1) + "1"

    with pytest.raises(DecisionsUnreadable, match="characters of FEEL"):
        read_decisions(a_file("".join(a_decision(a_table(2, 1, cell), n) for n in range(30))))


def test_a_cell_of_negations_within_one_another_is_read_judged_and_decided() -> None:
    cell = "not(" * 55 + "true" + ")" * 55

    assert looked_at(a_file(a_decision(a_table(1, 1, cell)))) == []
