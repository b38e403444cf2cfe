"""A decision table finds its rules by index as it would cell by cell."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from xml.sax.saxutils import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.dmn import read_decisions
from engine.dmn.indexes import index_of
from engine.dmn.overlaps import cell_of
from engine.feel import compile_unary_tests

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NUMBERS = st.sampled_from(["-1", "0", "1", "1.5", "2", "10"])
TEXTS = st.sampled_from(['"a"', '"b"', '"B"', '""'])
DAYS = st.sampled_from(['@"2026-01-01"', 'date("2026-02-01")', '@"2027-01-01"'])
ODD = st.sampled_from(["limit", "? > limit", "null", "1, null", "true"])
VALUES = st.sampled_from(
    [-2, 0, 1, 1.5, Decimal("1.50"), 2, 7, 10**40, "a", "b", "ab", "", None, True, date(2026, 2, 1), date(2026, 5, 5)]
)


def cells_over(constants: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    tests = st.one_of(
        constants,
        st.tuples(st.sampled_from(["<", "<=", ">", ">=", "!="]), constants).map(" ".join),
        st.tuples(st.sampled_from("[("), constants, constants, st.sampled_from("])")).map(
            lambda parts: f"{parts[0]}{parts[1]}..{parts[2]}{parts[3]}"
        ),
    )
    several = st.lists(tests, min_size=1, max_size=3).map(", ".join)
    return st.one_of(several, several.map(lambda text: f"not({text})"), st.just("-"), ODD)


@settings(max_examples=150, deadline=None)
@given(st.one_of(*(st.lists(cells_over(kind), min_size=1, max_size=6) for kind in (NUMBERS, TEXTS, DAYS))), VALUES)
def test_the_rules_found_by_index_are_those_whose_cells_match(cells: list[str], value: Any) -> None:
    rules = "".join(
        f"<rule id='r{number}'><inputEntry><text>{escape(cell)}</text></inputEntry>"
        f"<outputEntry><text>{number}</text></outputEntry></rule>"
        for number, cell in enumerate(cells)
    )
    model = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="x" name="x"><decisionTable id="t" hitPolicy="RULE ORDER"><input id="i"><inputExpression id="e">'
        f"<text>v</text></inputExpression></input><output id='o'/>{rules}</decisionTable></decision></definitions>"
    ).encode()
    scope = {"v": value, "?": value, "limit": 1}

    found = read_decisions(model).evaluate("x", scope, NOW).value or []

    assert found == [
        number for number, cell in enumerate(cells) if compile_unary_tests(cell).evaluate(scope, NOW) is True
    ]


def test_a_column_of_constants_of_one_kind_is_indexed_and_any_other_is_not() -> None:
    def of(*cells: str) -> Any:
        return index_of([cell_of(cell, ()) for cell in cells])

    assert of("< 18", "[18..65[", "-").rules_for(20) == 0b110
    assert of('"a"', 'not("a")').rules_for("z") == 0b10
    assert of("< 18", "limit").unknown == 0b10
    assert of("< 18").rules_for("18") is None
    assert of("1", '"a"') is None and of("-") is None


@pytest.mark.parametrize("policy", ["FIRST", "UNIQUE"])
def test_a_table_of_a_thousand_rules_is_read_and_decided(policy: str) -> None:
    rules = "".join(
        f"<rule id='r{number}'><inputEntry><text>{number}</text></inputEntry>"
        f"<outputEntry><text>{number}</text></outputEntry></rule>"
        for number in range(1_000)
    )
    model = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        f'<decision id="x" name="x"><decisionTable id="t" hitPolicy="{policy}"><input id="i"><inputExpression id="e">'
        f"<text>v</text></inputExpression></input><output id='o'/>{rules}</decisionTable></decision></definitions>"
    ).encode()

    assert read_decisions(model).evaluate("x", {"v": 777}, NOW).value == 777
