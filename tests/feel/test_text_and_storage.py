"""Attributes of diagrams, and values on their way to JSON."""

from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.bpmn.errors import ElementFailed
from engine.bpmn.storable import storable
from engine.encoding import json_text
from engine.feel import Expression, compile_expression
from engine.feel.json import NotStorable, decode_value, encode_value, to_json
from engine.feel.text import read_value
from engine.feel.values import Months, number
from engine.snapshot import FORMAT, ScopeRecord, State

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


NUMBERS = st.integers(-(10**33), 10**33) | st.builds(
    lambda digits, exponent: Decimal(digits).scaleb(exponent), st.integers(-(10**33), 10**33), st.integers(-60, 60)
)


@given(NUMBERS)
def test_every_number_of_feel_is_read_back_exactly_from_a_stored_instance(exact: Decimal | int) -> None:
    definition = SimpleNamespace(hash="h")
    scope = ScopeRecord.of(0, None, storable({"exact": exact, "listed": [exact]}))
    state = State(format=FORMAT, definition="h", process="p", number=1, scopes=(scope,))

    kept = State.load(state.dump(), definition).variables

    assert number(kept["exact"]) == exact and number(kept["listed"][0]) == exact


def test_a_third_keeps_its_digits_and_money_stays_plain_json() -> None:
    third = compile_expression("1 / 3").evaluate({}, NOW)

    assert storable(third) == Decimal("0." + "3" * 34)
    assert type(storable(Decimal("12.50"))) is float and storable(Decimal("12.50")) == 12.5
    assert type(storable(Decimal("3.0"))) is int


def test_a_number_beyond_decimal128_is_refused_in_words() -> None:
    with pytest.raises(ElementFailed, match="decimal128"):
        storable({"a": 10**7000})


def test_what_is_kept_goes_out_as_json_with_all_its_digits() -> None:
    kept = {"third": Decimal("0.3333333333333333333333333333333333"), "span": Months(14)}

    assert json_text(kept) == '{"third":0.3333333333333333333333333333333333,"span":"P1Y2M"}'
