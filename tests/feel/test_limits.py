"""Hostile expressions end quickly, in an error of ours."""

import time
from datetime import UTC, datetime

import pytest

from engine.bpmn.errors import ElementFailed
from engine.bpmn.storable import storable
from engine.feel import FeelError, compile_expression, limits
from engine.feel.json import TooManyValues, to_json
from engine.feel.problems import LimitExceeded

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
HOSTILE = [
    "(" * 5000 + "1" + ")" * 5000,
    "[" * 5000 + "]" * 5000,
    "-" * 9000 + "1",
    "1" + "+1" * 4500,
    "1" + "**9" * 3000,
    "if true then " * 1000 + "1",
    "for a in 1..100000, b in 1..100000 return 1",
    "for a in 1..1000000000 return 1",
    "count(for a in 1..90000 return for b in 1..90000 return b)",
    "every a in 1..90000 satisfies (every b in 1..90000 satisfies true)",
    "[1, 2][" * 50 + "true" + "]" * 50,
    "{f: function(n) f(n + 1), r: f(0)}.r",
    "{f: function(g, n) g(g, n + 1), r: f(f, 0)}.r",
    "{f: function(g, n) g(g, n) + g(g, n), r: f(f, 0)}.r",
    '{a: "' + "x" * 9000 + '", b: a+a+a+a+a+a, c: b+b+b+b+b+b+b, d: c+c+c+c+c+c+c+c, e: d+d+d+d+d+d+d}.e',
    "{a: for i in 1..90000 return i, b: concatenate(a, a, a, a)}.b",
    "{a: for i in 1..20000 return i, b: distinct values(a)}.b",
    "{a: for i in 1..90000 return i, b: for i in 1..1000 return a = a}.b",
    'matches("' + "a" * 40 + 'b", "(a+)+$")',
    'matches("' + "a" * 5000 + '", "(a*)*(a*)*(a*)*b")',
    'replace("' + "a" * 4500 + '", "a", "' + "b" * 4500 + '")',
    'split("' + "a" * 9000 + '", "(a|aa)+$")',
    '"\\u' + "d800" * 2000 + '"',
    '@"' + "9" * 9000 + '-01-01"',
    'duration("P' + "9" * 5000 + 'D")',
    'number("1e999999999")',
    "9" * 9000,
    "9e999999999 * 9e999999999",
    "decimal(1, 999999999999)",
    "date(99999999999, 1, 1)",
    'string length("' + "a" * 9900 + '")',
    "sort(for i in 1..50000 return 50000 - i, function(a, b) a < b)",
]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_expression_ends_quickly(text: str) -> None:
    started = time.process_time()

    try:
        compile_expression(text).explain({}, NOW)
    except FeelError:
        pass

    # 250 ms on an idle machine; processor time, as tests share theirs.
    assert time.process_time() - started < 1.5


@pytest.mark.parametrize("name", ["__class__", "__init__", "__globals__", "keys", "real", "__dict__"])
@pytest.mark.parametrize("value", ["x", 1, [1], {"a": 1}, None, True, NOW], ids=str)
def test_paths_reach_entries_and_never_attributes_of_python(name: str, value: object) -> None:
    answer = compile_expression(f"v.{name}").evaluate({"v": value}, NOW)

    assert answer is None or answer == [None]


def test_what_takes_too_much_of_the_processor_ends_whatever_its_steps_cost(monkeypatch: pytest.MonkeyPatch) -> None:
    counted = compile_expression("count(for i in 1..20000 return [i, i])")
    # Time enough for any machine.
    monkeypatch.setattr(limits, "SECONDS", 60.0)
    assert counted.evaluate({}, NOW) == 20_000

    monkeypatch.setattr(limits, "SECONDS", 0.0)

    with pytest.raises(LimitExceeded, match="within 0 ms"):
        counted.evaluate({}, NOW)


def test_a_value_that_holds_another_again_and_again_is_not_written_out() -> None:
    entries = ", ".join(f"a{n}: [a{n - 1}, a{n - 1}]" for n in range(1, 60))
    value = compile_expression(f"{{a0: [1], {entries}}}.a59").evaluate({}, NOW)

    with pytest.raises(TooManyValues, match=str(limits.VALUES)):
        to_json(value)
    with pytest.raises(ElementFailed, match=str(limits.VALUES)):
        storable(value)


def test_a_list_as_long_as_it_may_be_is_kept() -> None:
    value = compile_expression("for i in 1..100000 return i").evaluate({}, NOW)

    assert storable(value) == to_json(value) == list(range(1, 100_001))


@pytest.mark.parametrize(
    ("replacement", "answer"),
    [("[$0]", "[ab]-[ab]"), ("$2$1", "ba-ba"), ("$12", "a2-a2"), ("\\\\$1", "$1-$1"), ("$9x", "x-x"), ("$", None)],
)
def test_a_replacement_names_groups_as_xpath_does(replacement: str, answer: str | None) -> None:
    text = f'replace("ab-ab", "(a)(b)", "{replacement}")'

    assert compile_expression(text).evaluate({}, NOW) == answer
