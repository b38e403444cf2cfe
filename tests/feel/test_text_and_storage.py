"""Attributes of diagrams, and values on their way to JSON."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.storable import storable
from engine.feel import Expression, compile_expression
from engine.feel.json import NotStorable, decode_value, encode_value, to_json
from engine.feel.text import read_value
from engine.feel.values import Months, number

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_an_attribute_is_feel_only_after_an_equals_sign() -> None:
    computed, literal = read_value("= 1 + 1"), read_value("1 + 1")

    assert isinstance(computed, Expression) and computed.evaluate({}, NOW) == 2
    assert literal == "1 + 1"


def test_plain_json_has_numbers_and_texts_only() -> None:
    value = {"n": Decimal("3.0"), "f": Decimal("0.1"), "d": date(2026, 1, 2), "m": [Months(14)]}

    assert to_json(value) == {"n": 3, "f": 0.1, "d": "2026-01-02", "m": ["P1Y2M"]}
    assert isinstance(to_json(value)["n"], int)


def test_no_key_of_user_data_has_a_meaning_when_stored() -> None:
    hostile = {"\u0000feel": ["date", "2026-01-01"], "typename": "x", "__class__": "y"}

    assert decode_value(encode_value(hostile)) == hostile


def test_a_function_cannot_be_kept_in_a_variable() -> None:
    function = read_value("= function(x) x")
    assert isinstance(function, Expression)

    with pytest.raises(NotStorable):
        encode_value({"f": function.evaluate({}, NOW)})


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_money_kept_in_a_variable_is_read_back_exactly(amount: Decimal) -> None:
    assert number(storable(amount)) == amount


def test_cents_that_binary_numbers_cannot_hold_add_up_after_being_stored() -> None:
    fees = compile_expression("0.1 + 0.2").evaluate({}, NOW)

    total = compile_expression("total + 0.7 = 1 and total = 0.3").evaluate({"total": storable(fees)}, NOW)

    assert total is True


def test_a_number_too_large_for_a_stored_instance_is_rounded_not_refused() -> None:
    assert storable({"a": 10**30, "b": [10**18]}) == {"a": 1e30, "b": [10**18]}
