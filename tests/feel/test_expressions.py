"""What the FEEL standard says, sentence by sentence: expression, variables, value."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from engine.feel import FeelSyntaxError, compile_expression, compile_unary_tests
from engine.feel.values import Months, Range

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
CASE: dict[str, Any] = {
    "amount": 120.5,
    "status": "open",
    "absent": None,
    "applicants": [{"name": "Ada", "age": 36}, {"name": "Bob", "age": 12}],
    "case": {"applicant": {"name": "Ada", "first name": "Augusta"}},
    "Applicant's age": 36,
}


def value_of(text: str, **variables: Any) -> Any:
    return compile_expression(text, ("Applicant's age", "first name")).evaluate(CASE | variables, NOW)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0.1 + 0.2", Decimal("0.3")),
        ("1 / 3", Decimal("0.3333333333333333333333333333333333")),
        ("amount * 2", 241),
        ("-2 ** 2", 4),
        ("2 + 3 * 4", 14),
        ('"a" + "b"', "ab"),
        ("10 / 0", None),
        ('1 + "a"', None),
        ("10 ** 9999", None),
        ("99999999999999999999999999999999999 + 1", Decimal("1E+35")),
    ],
)
def test_arithmetic_is_exact_to_34_digits_and_null_where_impossible(text: str, expected: Any) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("amount > 100", True),
        ('amount > "100"', None),
        ('status = "open"', True),
        ('status != "open"', False),
        ("absent = null", True),
        ("absent > 1", None),
        ('1 = "1"', None),
        ("[1, 2] = [1.0, 2]", True),
        ("{a: 1} = {a: 1}", True),
        ("5 between 1 and 5", True),
        ("5 in [1..5[", False),
        ("5 in (1..5]", True),
        ("5 in (< 3, > 4)", True),
        ("5 in (null..10]", None),
        ("5 in [1..null)", None),
        ("(< 10) = (null..10)", False),
        ("(= 10) = [10..10]", False),
        ("(< 10) = (< 10)", True),
        ('"b" in ["a", "b"]', True),
        ("true and null", None),
        ("false and null", False),
        ("true or null", True),
        ("false or null", None),
        ("not(null)", None),
    ],
)
def test_comparisons_and_logic_have_three_values(text: str, expected: Any) -> None:
    assert value_of(text) is expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("case.applicant.first name", "Augusta"),
        ("Applicant's age + 1", 37),
        ('{full name: "Ada", greeting: full name + "!"}.greeting', "Ada!"),
        ("applicants.name", ["Ada", "Bob"]),
        ("applicants[age >= 18].name", ["Ada"]),
        ("applicants[1].name", "Ada"),
        ("applicants[-1].name", "Bob"),
        ("applicants[item.age < 18][1].name", "Bob"),
        ("[1, 2, 3, 4][item > 2]", [3, 4]),
        ("[1, 2][5]", None),
        ("case.nobody.name", None),
    ],
)
def test_paths_names_and_filters_reach_into_values(text: str, expected: Any) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('if amount > 100 then "high" else "low"', "high"),
        ('if null then "yes" else "no"', "no"),
        ("for x in 1..3 return x * x", [1, 4, 9]),
        ("for x in 3..1 return x", [3, 2, 1]),
        ("for x in [1, 2], y in [10, x] return x + y", [11, 2, 12, 4]),
        ("for i in 0..4 return if i = 0 then 1 else i * partial[-1]", [1, 1, 2, 6, 24]),
        ("some x in [1, 2] satisfies x > 1", True),
        ("every x in [1, 2] satisfies x > 1", False),
        ("every x in [] satisfies false", True),
        ("(function(x: number, y) x + y)(1, 2)", 3),
        ("{twice: function(x) 2 * x, four: twice(2)}.four", 4),
        ("{base: 10, add: function(x) x + base, r: for n in [1, 2] return add(n)}.r", [11, 12]),
        ('(function(x: number) x)("text")', None),
        ("1 instance of number", True),
        ("[1] instance of list<string>", False),
        ("null instance of number", False),
        ("{a: 1} instance of context<a: number>", True),
    ],
)
def test_control_functions_and_types_work(text: str, expected: Any) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today()", date(2026, 11, 24)),
        ('today() + duration("P3D")', date(2026, 11, 27)),
        ('date("2024-01-31") + @"P1M"', date(2024, 2, 29)),
        ('date("2026-11-24") - date("2026-11-01")', timedelta(days=23)),
        ('@"2026-11-24".weekday', 2),
        ('duration("P1Y2M")', Months(14)),
        ('@"10:15:00" + @"PT24H"', time(10, 15)),
        ('years and months duration(@"2020-03-31", @"2021-02-28")', Months(10)),
        ('string(date and time("2026-07-01T10:00:00@Europe/Paris"))', "2026-07-01T10:00:00@Europe/Paris"),
        ('@"2026-07-01T10:00:00+02:00" = @"2026-07-01T08:00:00Z"', True),
        ('@"2026-07-01T10:00:00" < @"2026-07-01T08:00:00Z"', None),
        ('date("2026-02-30")', None),
        ('string(@"P1DT2H3.5S")', "P1DT2H3.5S"),
        ('day of week(@"2026-11-24")', "Tuesday"),
        ('week of year(@"2021-01-03")', 53),
        ("now().hour", 9),
        ('"P1Y" in (duration("P1Y"))', None),
        ('duration("PT0.S") = @"PT0S"', True),
        ('years and months duration(@"2014-12-31T23:59:59", @"2016-12-31T00:00:01Z")', Months(24)),
    ],
)
def test_dates_times_and_durations_follow_the_calendar(text: str, expected: Any) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('substring("foobar", -2, 1)', "a"),
        ('substring(string: "foobar", start position: 3)', "obar"),
        ('string length("🐎ab")', 3),
        ('matches("foobar", "^fo*b")', True),
        ('replace("abc-123", "([a-z]+)-([0-9]+)", "$2-$1")', "123-abc"),
        ('split("a;b;;c", ";")', ["a", "b", "", "c"]),
        ('string join(["a", null, "b"], "-")', "a-b"),
        ("round half up(2.5, 0)", 3),
        ("decimal(2.345, 2)", Decimal("2.34")),
        ("modulo(-12, 5)", 3),
        ("sum([1.5, 2])", Decimal("3.5")),
        ("max(1, 3, 2)", 3),
        ("mean([])", None),
        ("median([8, 2, 5, 3, 4])", 4),
        ("flatten([[1], [[2, 3]]])", [1, 2, 3]),
        ("distinct values([1, 1.0, 2])", [1, 2]),
        ("sort([3, 1, 2], function(a, b) a > b)", [3, 2, 1]),
        ("list replace([2, 4], function(item, new) item < new, 3)", [3, 4]),
        ('context put({a: 1}, ["b", "c"], 2)', {"a": 1, "b": {"c": 2}}),
        ('get value({a: 1}, "a")', 1),
        ('number("1 234,5", " ", ",")', Decimal("1234.5")),
        ("before([1..5], 6)", True),
        ("overlaps([1..5], ]5..8])", False),
        ("during(3, [1..5])", True),
        ('range("[18..21)")', Range(18, True, 21, False)),
        ('string({a: [1, "x"], d: @"P1D"})', '{a: [1, "x"], d: P1D}'),
        ("is(value1: 1)", False),
        ('string({"a:b": 1, c d: 2})', '{"a:b": 1, c d: 2}'),
        ("unknown function(1)", None),
        ("substring(1, 2)", None),
    ],
)
def test_built_in_functions_answer_or_give_null(text: str, expected: Any) -> None:
    if text.startswith("unknown"):
        with pytest.raises(FeelSyntaxError):
            value_of(text)
        return
    assert value_of(text) == expected


@pytest.mark.parametrize(
    ("tests", "value", "expected"),
    [
        ("-", 5, True),
        ("< 10", 5, True),
        ("[1..5], > 8", 9, True),
        ("not(1, 2)", 3, True),
        ('"a", "b"', "b", True),
        ("? > 3 and ? < 6", 4, True),
        ("amount", 120.5, True),
        ("amount > 100", 5, True),
        ("null", None, True),
        ("< 10", None, None),
    ],
)
def test_unary_tests_judge_the_value_of_a_cell(tests: str, value: Any, expected: bool | None) -> None:
    assert compile_unary_tests(tests).evaluate(CASE | {"?": value}, NOW) is expected


def test_a_null_is_explained_with_its_place() -> None:
    explained = compile_expression('status = "open" and amount > "a lot"').explain(CASE, NOW)

    assert explained.value is None
    assert explained.problems[0].code == "not_comparable"
    assert explained.problems[0].position == 20
    assert (
        explained.problems[0].message == "Expected two comparable values, but found a number (“amount”) and a string."
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("person.age + 1", "combine, but found a string (“person.age”) and a number."),
        ("-person.age", "but found nothing and a string (“person.age”)."),
        ("1 < person.age", "but found a number and a string (“person.age”)."),
        ("person.age between 1 and 2", "but found a string (“person.age”) and a number."),
        ("person.age and true", "but found a string (“person.age”)."),
    ],
)
def test_an_explanation_names_the_variable_that_holds_the_value(text: str, said: str) -> None:
    explained = compile_expression(text).explain({"person": {"age": "forty"}}, NOW)

    assert any(problem.message.endswith(said) for problem in explained.problems)


def test_an_explanation_never_repeats_the_value_of_a_variable() -> None:
    explained = compile_expression("status + 1").explain({"status": "medical secret"}, NOW)

    assert "secret" not in explained.problems[0].message


def test_a_syntax_error_says_where_and_what_was_expected() -> None:
    with pytest.raises(FeelSyntaxError) as refused:
        compile_expression("if amount > 1 then 2")

    assert refused.value.position == 20
    assert [str(phrase) for phrase in refused.value.expected] == ["“else”"]
    assert "Expected “else”, but found the end of the expression at line 1, column 21" in str(refused.value)


def test_the_names_an_expression_reads_are_known_before_it_runs() -> None:
    expression = compile_expression("sum(for x in orders[price > limit] return x.price * rate) + case.applicant.age")

    assert expression.free_names == {"orders", "rate", "case"}
    assert expression.names == {"orders", "price", "limit", "rate", "case"}
    assert ("case", "applicant", "age") in expression.paths


def test_variables_are_not_changed_by_an_evaluation() -> None:
    variables = {"items": [{"a": 1}], "x": 1}

    compile_expression('for x in items return context put(x, "a", append([1], x))').evaluate(variables, NOW)

    assert variables == {"items": [{"a": 1}], "x": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('string(@"9999-12-31" + @"P1D")', "10000-01-01"),
        ('string(@"10000-01-01" - @"P1D")', "9999-12-31"),
        ('@"10000-02-29" - @"9999-12-31"', timedelta(days=60)),
        ('@"-2021-01-01" < @"0001-01-01"', True),
        ('string(@"-2021-01-31T10:10:10+11:00" + @"P1M")', "-2021-02-28T10:10:10+11:00"),
        ('@"12026-11-24".weekday = @"2026-11-24".weekday', True),
        ('string(@"2017-01-01T23:59:01.123456789Z" + @"PT1S")', "2017-01-01T23:59:02.123456789Z"),
        ('@"10:00:00.000000001" = @"10:00:00"', True),
        ('@"10:00:00.000000001" > @"10:00:00"', False),
        ('@"10:00:00.001" > @"10:00:00"', True),
        ('string(@"1945-04-02T00:00:00@Europe/Paris" + @"PT24H")', "1945-04-03T01:00:00@Europe/Paris"),
    ],
)
def test_years_and_fractions_beyond_those_of_python_are_values(text: str, expected: Any) -> None:
    assert value_of(text) == expected


def test_a_day_added_over_a_change_of_the_clocks_is_24_hours() -> None:
    assert value_of('string(@"2026-03-28T12:00:00@Europe/Paris" + @"P1D")') == "2026-03-29T13:00:00@Europe/Paris"
