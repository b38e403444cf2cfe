"""Mistakes seen before any case: what is told, and what is left alone."""

import pytest

from engine.feel import compile_expression
from engine.feel.checks import checks_of, constant_answer, placed


def codes(text: str) -> list[str]:
    return [check.code for check in checks_of(compile_expression(text))]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("foo(answers.x)", "function_unknown"),
        ("if true then sumof([1]) else 2", "function_unknown"),
        ("substring(12, 1)", "function_misused"),
        ("string length()", "function_misused"),
        ("count(1, 2)", "function_misused"),
        ('substring(string: "a", from: 1)', "function_misused"),
        ('count(x) = "3"', "never_comparable"),
        ('@"2026-11-24" > 5', "never_comparable"),
        ('"a" - 1', "never_computable"),
        ('"a" + 1', "never_computable"),
        ("x > 1 and 5", "not_boolean"),
    ],
)
def test_a_mistake_is_told_before_any_case(text: str, code: str) -> None:
    assert codes(text) == [code]


@pytest.mark.parametrize(
    "text",
    [
        'sum(answers.list) > 5 and contains(answers.name, "a")',
        "{double: function(x) x * 2, r: double(4)}.r",
        "function(f: function<number> -> number) f(1)",
        "for f in functions return f(1)",
        "items[price(x) > 1]",
        'string length(["a"])',
        "max(1, 2, 3) + sum(1, 2)",
        "x = null or null = 3",
        'date("2026-11-24") + duration("P1D")',
        "not(x)",
    ],
)
def test_nothing_is_told_of_what_may_work(text: str) -> None:
    assert codes(text) == []


def test_a_mistake_is_told_with_its_line_and_column() -> None:
    text = "x > 1 and\n  foo(x)"

    said = placed(checks_of(compile_expression(text))[0], text)

    assert str(said) == "At line 2, column 3: Expected a function that exists, but found “foo”."


@pytest.mark.parametrize(("text", "answer"), [("1 < 2", "true"), ("true", "true"), ("count([]) > 0", "false")])
def test_a_condition_that_reads_nothing_is_always_the_same(text: str, answer: str) -> None:
    found = constant_answer(compile_expression(text))

    assert found is not None and str(found.sentence).endswith(f"{answer}.")


@pytest.mark.parametrize("text", ["x > 2", 'today() > date("2026-01-01")', "some i in items satisfies i > 1"])
def test_a_condition_that_reads_the_case_or_the_clock_may_change(text: str) -> None:
    assert constant_answer(compile_expression(text)) is None
