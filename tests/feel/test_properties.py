"""Laws that hold for every FEEL value: logic, order, calendar, storage; and no input makes an error but ours."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import FeelError, compile_expression
from engine.feel.builtins import BUILTINS
from engine.feel.builtins.conversion import text_of
from engine.feel.json import decode_value, encode_value
from engine.feel.operators import add, equal, ordered, subtract
from engine.feel.problems import Run
from engine.feel.values import Months, Range

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
THREE = st.sampled_from([True, False, None])
DURATIONS = st.timedeltas(min_value=timedelta(days=-9000), max_value=timedelta(days=9000))
MOMENTS = st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(3000, 1, 1))
ZONED = MOMENTS.map(lambda moment: moment.replace(tzinfo=UTC))
NUMBERS = st.integers(-(10**20), 10**20) | st.decimals(
    allow_nan=False, allow_infinity=False, places=4, min_value=-9999, max_value=9999
)
SCALARS = (
    st.none()
    | st.booleans()
    | NUMBERS
    | st.text()
    | MOMENTS
    | ZONED
    | MOMENTS.map(datetime.date)
    | st.times()
    | DURATIONS
)
SCALARS = SCALARS | st.integers(-5000, 5000).map(Months)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
WORDS = st.sampled_from(
    [
        "1",
        "2.5",
        '"a"',
        "x",
        "y",
        "if",
        "then",
        "else",
        "for",
        "in",
        "return",
        "some",
        "every",
        "satisfies",
        "and",
        "or",
        "not",
        "between",
        "instance",
        "of",
        "number",
        "function",
        "date",
        "null",
        "true",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ":",
        ".",
        "..",
        "+",
        "-",
        "*",
        "/",
        "**",
        "=",
        "!=",
        "<",
        "<=",
        "@",
        '"2020-01-01"',
        "?",
        "sum",
        "count",
        "append",
        "matches",
        "string",
        "item",
        "partial",
    ]
)


def evaluated(text: str, **variables: Any) -> Any:
    return compile_expression(text).evaluate(variables, NOW)


@given(THREE, THREE)
def test_de_morgan_holds_with_three_values(a: bool | None, b: bool | None) -> None:
    assert evaluated("not(a and b)", a=a, b=b) is evaluated("not(a) or not(b)", a=a, b=b)
    assert evaluated("not(a or b)", a=a, b=b) is evaluated("not(a) and not(b)", a=a, b=b)


@given(THREE, THREE, THREE)
def test_and_distributes_over_or_with_three_values(a: bool | None, b: bool | None, c: bool | None) -> None:
    assert evaluated("a and (b or c)", a=a, b=b, c=c) is evaluated("a and b or a and c", a=a, b=b, c=c)


@given(MOMENTS, DURATIONS)
def test_adding_and_taking_away_a_duration_changes_nothing(moment: datetime, span: timedelta) -> None:
    assert subtract(add(moment, span), span) == moment
    assert subtract(add(moment, span), moment) == span


LAWS = [
    ("a and b", "b and a"),
    ("a or b", "b or a"),
    ("(a and b) and c", "a and (b and c)"),
    ("(a or b) or c", "a or (b or c)"),
    ("a or (b and c)", "(a or b) and (a or c)"),
    ("a and (a or b)", "a"),
    ("a or (a and b)", "a"),
    ("not(not(a))", "a"),
    ("a and true", "a"),
    ("a or false", "a"),
    ("a and false", "false"),
    ("a or true", "true"),
    ("if a then b else c", "if a = true then b else c"),
]


@given(st.sampled_from(LAWS), THREE, THREE, THREE)
def test_the_laws_of_logic_hold_with_three_values(law: tuple[str, str], a: Any, b: Any, c: Any) -> None:
    left, right = (evaluated(side, a=a, b=b, c=c) for side in law)

    assert left is right


@given(MOMENTS, MOMENTS, DURATIONS)
def test_the_span_between_two_moments_leads_from_one_to_the_other(a: datetime, b: datetime, span: timedelta) -> None:
    assert evaluated("a + (b - a)", a=a, b=b) == b
    assert evaluated("(a + d) - (b + d)", a=a, b=b, d=span) == a - b
    assert evaluated("(a < b) = (a + d < b + d)", a=a, b=b, d=span) is True


@given(DURATIONS, DURATIONS, st.integers(-50, 50))
def test_durations_add_up_and_multiply(first: timedelta, second: timedelta, times: int) -> None:
    assert evaluated("(a + b) - b", a=first, b=second) == first
    assert evaluated("a + b = b + a", a=first, b=second) is True
    assert evaluated("a * n + a", a=first, n=times) == evaluated("a * (n + 1)", a=first, n=times)
    assert evaluated("-(-a)", a=first) == evaluated("abs(a) * (if a < a * 0 then -1 else 1)", a=first)


@given(MOMENTS.map(datetime.date), st.integers(-9000, 9000).map(Months))
def test_months_move_the_month_and_keep_the_day_or_take_the_last_one(day: Any, span: Months) -> None:
    moved = add(day, span)

    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == span.months
    assert moved.day == min(day.day, evaluated("last day of month(d).day", d=moved))


@given(MOMENTS.map(datetime.date), MOMENTS.map(datetime.date))
def test_the_months_between_two_days_never_lead_beyond_the_second(a: Any, b: Any) -> None:
    start, end = sorted([a, b])

    assert evaluated("a + years and months duration(a, b) <= b", a=start, b=end) is True
    assert evaluated("years and months duration(a, b) = -years and months duration(b, a)", a=start, b=end) is True


@given(MOMENTS, st.integers(-720, 720))
def test_the_parts_of_a_moment_make_it_again(moment: datetime, minutes: int) -> None:
    parts = "date and time(date(m.year, m.month, m.day), time(m.hour, m.minute, m.second))"
    whole = moment.replace(microsecond=0)
    offset = timedelta(minutes=minutes)

    assert evaluated(parts, m=whole) == whole
    assert evaluated("time(10, 30, 0, o).time offset", o=offset) == offset


@given(VALUES, VALUES)
def test_equality_is_symmetric_and_order_is_antisymmetric(a: Any, b: Any) -> None:
    assert equal(a, b) is equal(b, a)
    assert ordered(a, b) in (None, 0, 1, -1)
    forth, back = ordered(a, b), ordered(b, a)
    assert (forth is None) == (back is None) and (forth is None or back is None or forth == -back)


@given(VALUES)
def test_every_value_survives_storage(value: Any) -> None:
    assert decode_value(encode_value(value)) == value
    assert decode_value(encode_value({"a": Range(1, True, Decimal("2.5"), False)})) == {
        "a": Range(1, True, Decimal("2.5"), False)
    }


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**12), max_value=10**12))
def test_a_number_written_as_text_reads_back(value: Decimal) -> None:
    assert evaluated(text_of(value, Run(NOW))) == value


@given(DURATIONS | st.integers(-5000, 5000).map(Months))
def test_a_duration_written_as_text_reads_back(span: Any) -> None:
    assert evaluated("duration(string(span))", span=span) == span


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=30))
def test_any_text_is_an_expression_or_a_syntax_error(text: str) -> None:
    try:
        compile_expression(text).explain({"x": 1, "y": [1, {"a": "b"}]}, NOW)
    except FeelError:
        pass


ARGUMENTS = st.one_of(
    VALUES,
    st.sampled_from(
        [Decimal("1E+6000"), Decimal("-1E-6000"), Decimal("1E+40"), 10**5000, 1e308, float("nan"), float("inf"), -0.0]
    ),
    st.sampled_from(
        [Range(1, True, None, False), Range(None, False, "a", True), object(), {"key": "k", "value": 1}, [[]]]
    ),
    st.sampled_from(
        ["1E999999", "P9999999999Y", "99999-12-31T24:00:00Z", "(a*)*b", "[a-z-[b]]", "\\p{IsGreek}", "$1", "[1..2]"]
    ),
    st.sampled_from(["for", "function(x) x"]).map(lambda text: None if text == "for" else evaluated(text)),
)


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(sorted(BUILTINS)), st.lists(ARGUMENTS, max_size=4))
def test_a_built_in_function_never_fails_otherwise_than_with_null_or_a_limit(name: str, arguments: list[Any]) -> None:
    variables = {f"v{place}": value for place, value in enumerate(arguments)}
    try:
        compile_expression(f"string({name}({', '.join(variables)}))").explain(variables, NOW)
    except FeelError:
        pass


@settings(max_examples=200, deadline=None)
@given(ARGUMENTS, ARGUMENTS)
def test_no_operator_fails_otherwise_than_with_null(a: Any, b: Any) -> None:
    for sign in ("+", "-", "*", "/", "**", "<", "=", "in", "or"):
        evaluated(f"a {sign} b", a=a, b=b)
    evaluated(
        "[-a, a between b and a, a[b], a.year, a instance of list<number>, [a..b], for x in a return x]", a=a, b=b
    )
