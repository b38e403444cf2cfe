"""Mistakes seen before any case: what is told, and what is left alone."""

import pytest

from engine.feel import compile_expression
from engine.feel.checks import checks_of, constant_answer, placed
from web.pages.language import translations


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


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("1 < 2", "true"),
        ("true", "true"),
        ("count([]) > 0", "false"),
        ("x > 1 or true", "true"),
        ("x > 1 or y and 2 < 1 or not(false)", "true"),
        ("(x or y) and 1 > 2", "false"),
    ],
)
def test_a_condition_that_reads_nothing_is_always_the_same(text: str, answer: str) -> None:
    found = constant_answer(compile_expression(text))

    assert found is not None and str(found.sentence).endswith(f"{answer}.")


@pytest.mark.parametrize(
    "text", ["x > 2", "x > 1 and true", "x or false", 'today() > date("2026-01-01")', "some i in items satisfies i > 1"]
)
def test_a_condition_that_reads_the_case_or_the_clock_may_change(text: str) -> None:
    assert constant_answer(compile_expression(text)) is None


# Each check: where it is seen, on the second line, and what is said of it in English and in French.
TOLD = [
    (
        "function_unknown",
        "x > 1 and\n  foo(x)",
        3,
        "Expected a function that exists, but found “foo”.",
        "La fonction « foo » n’existe pas.",
    ),
    (
        "function_misused",
        "x > 1 and\n contains(1)",
        2,
        "“contains” cannot be called with these arguments: a number.",
        "« contains » ne s’appelle pas avec ces arguments : un nombre.",
    ),
    (
        "never_comparable",
        'x > 1 and\n    5 < "6"',
        5,
        "Expected two comparable values, but found a number and a string.",
        "Ces deux valeurs ne se comparent pas : un nombre et un texte.",
    ),
    (
        "never_computable",
        'x >\n 1 + "2"',
        2,
        "Expected values that “+” can combine, but found a number and a string.",
        "« + » ne peut pas combiner un nombre et un texte.",
    ),
    (
        "not_boolean",
        "x > 1 and\n  5",
        3,
        "Expected true or false, but found a number.",
        "Il faut vrai ou faux (true ou false), et non un nombre.",
    ),
]


@pytest.mark.parametrize(("code", "text", "column", "english", "french"), TOLD, ids=[told[0] for told in TOLD])
def test_each_mistake_is_placed_and_said_in_both_languages(
    code: str, text: str, column: int, english: str, french: str
) -> None:
    (check,) = checks_of(compile_expression(text))

    said = placed(check, text)

    assert check.code == code
    assert str(said) == f"At line 2, column {column}: {english}"
    assert said.says(translations("fr").gettext) == f"Ligne 2, colonne {column} : {french}"


def test_a_condition_that_never_changes_is_told_in_both_languages() -> None:
    found = constant_answer(compile_expression("x > 1 or true"))

    assert found is not None
    assert str(found.sentence) == "“x > 1 or true” gives the same answer for every case: true."
    assert found.sentence.says(translations("fr").gettext) == (
        "« x > 1 or true » donne la même réponse pour tous les dossiers : vrai."
    )


def test_the_variables_read_are_told_with_their_paths_and_never_those_of_the_text() -> None:
    expression = compile_expression("for t in case.tasks return t.due + case.applicant.age + limit")

    assert expression.paths == {("case", "tasks"), ("case", "applicant", "age"), ("limit",)}
    assert expression.free_names == {"case", "limit"}
