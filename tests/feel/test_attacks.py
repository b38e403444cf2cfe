"""The attacks that reach for the host get hold of values, or of nothing. What the others cost is for `test_matrix`."""

from datetime import UTC, datetime

import pytest

from engine.errors import EngineError
from engine.feel import compile_expression
from tests.feel.attacks import REACHING
from tests.feel.places import ANSWERS

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", REACHING, ids=range(len(REACHING)))
def test_no_attack_gets_hold_of_something_that_is_not_a_value(text: str) -> None:
    try:
        value = compile_expression(text).evaluate(ANSWERS, NOW)
    except EngineError:
        return

    assert type(value).__module__ in ("builtins", "decimal", "datetime", "engine.feel.values")
    assert "object at 0x" not in repr(value) or type(value).__name__ == "Function"
    assert "root:" not in repr(value)
