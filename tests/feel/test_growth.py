"""The work of reading, compiling, judging and evaluating grows with the text, whatever is nested in what.

Counted in calls of functions, which no busy machine changes: twice as deep may cost four times as much, as it does
where each level looks at all below it, but not the square of what it did.
"""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from engine.dmn.overlaps import cell_of
from engine.feel.analysis import Analysis
from engine.feel.checks import checks_of, constant_answer
from engine.feel.expression import Expression
from engine.feel.names import NameBook
from engine.feel.parser import parse_expression, parse_unary_tests
from engine.feel.printer import printed
from engine.feel.trace import steps_of
from tests.feel.growth import calls_of

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NESTED = [
    "not(_)",
    "abs(n: _)",
    "sum(1, _)",
    "date(_)",
    "f(_)",
    "f(a: _)",
    "(_)(1)",
    'decide("fee", {a: _})',
    "[_]",
    "[1, _]",
    "[= _]",
    "[!= _]",
    "(= _)",
    "(> _)",
    "[_..2]",
    "]1.._[",
    "1 in (_)",
    "1 in (= _)",
    "1 in (1, _)",
    "1 in (_)[1]",
    "1 in (_) + 1",
    "1 in (_..2)",
    "_ in (1)",
    "{a: _}",
    "{a: _}.a",
    "{a: 1, b: _}.b",
    "[_][1]",
    "[1][_]",
    "[{a: 1}][a = _]",
    "(_)[item > 1]",
    "(_).a",
    "(_)[1].a",
    "if _ then 1 else 2",
    "if true then _ else 2",
    "if false then 1 else _",
    "for x in _ return x",
    "for x in [1] return _",
    "for x in 1.._ return x",
    "for x in [1] return count(partial) + _",
    "some x in _ satisfies x",
    "some x in [1] satisfies _",
    "every x in [1], y in _ satisfies y",
    "function(x) _",
    "(function(x) _)(1)",
    "_ between 1 and 2",
    "1 between _ and 2",
    "1 between 2 and _",
    "(_) instance of number",
    "-_",
    "1 + _",
    "(_) * 2",
    "2 ** _",
    "1 < _",
    "(_) != 1",
    "true and _",
    "(_) or false",
    "? + _",
    "< _",
]


def nested(template: str, depth: int, inmost: str) -> str:
    text = inmost
    for _ in range(depth):
        text = template.replace("_", text)
    return text


def everything(text: str) -> None:
    """What is done with an expression somewhere: compiled afresh each time."""
    expression = Expression(text, parse_expression(text, NameBook(), {}))
    Analysis().names(expression.node)
    assert expression.names is not None and expression.paths is not None
    printed(expression.node)
    checks_of(expression)
    constant_answer(expression)
    expression.explain({"?": 1}, NOW)


def as_a_cell(text: str) -> None:
    Expression(text, parse_unary_tests(text, NameBook(), {})).explain({"?": 1}, NOW)
    cell_of(text, ())


def as_steps(text: str) -> None:
    steps_of(Expression(text, parse_expression(text, NameBook(), {})), {"?": 1}, NOW)


@pytest.mark.parametrize("work", [everything, as_a_cell, as_steps])
@pytest.mark.parametrize("inmost", ["1", "x"])
@pytest.mark.parametrize("template", NESTED)
def test_twice_as_deep_is_not_the_square_of_the_work(template: str, inmost: str, work: Callable[[str], None]) -> None:
    shallow, deep = (nested(template, depth, inmost) for depth in (5, 10))

    before, after = calls_of(lambda: work(shallow)), calls_of(lambda: work(deep))

    assert after < 5 * before
