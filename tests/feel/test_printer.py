"""What is printed reads back as the same tree."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.feel import compile_expression, compile_unary_tests, syntax
from engine.feel.literals import read_number
from engine.feel.printer import printed
from engine.feel.syntax import Iterator, Literal, Name, Node, Parameter
from engine.feel.types import ANY, ContextOf, ListOf, Simple

SPACED = ("price of entry", "Applicant's age", "a-b", "date and time")
NAMES = st.sampled_from(["x", "y", "amount", "item", *SPACED])
WORDS = st.sampled_from(["x", "y", "amount", "kind"])
TYPES = st.sampled_from([Simple("number"), ListOf(Simple("date and time")), ContextOf((("x", Simple("string")),))])
NUMBERS = (
    st.integers(0, 10**20).map(str) | st.from_regex(r"[0-9]{1,4}\.[0-9]{1,8}(e[+-]?[0-9]{1,3})?", fullmatch=True)
).map(read_number)
LEAVES = st.one_of(
    st.builds(Literal, value=st.none() | st.booleans() | NUMBERS | st.text(st.characters(exclude_categories=["Cs"]))),
    st.builds(syntax.AtLiteral, text=st.sampled_from(["2026-11-24", "P1D", "10:00:00"])),
    st.builds(Name, name=NAMES),
)


def _branches(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    iterators = st.lists(
        st.builds(Iterator, name=WORDS, source=inner, end=st.none() | inner), min_size=1, max_size=2
    ).map(tuple)
    test = st.builds(syntax.Test, operator=st.sampled_from(["<", ">=", "!="]), operand=inner)
    tests = st.lists(test | inner, min_size=1, max_size=3)
    entries = st.lists(st.tuples(WORDS | st.just("a b:"), inner), max_size=2).map(tuple)
    closed = {"end": inner, "end_included": st.booleans()}
    comparing = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
    return st.one_of(
        st.builds(syntax.Logic, operator=st.sampled_from(["and", "or"]), operands=several),
        st.builds(syntax.Comparison, operator=comparing, left=inner, right=inner),
        st.builds(syntax.Arithmetic, operator=st.sampled_from(["+", "-", "*", "/", "**"]), left=inner, right=inner),
        st.builds(syntax.Negation, operand=inner),
        st.builds(syntax.Between, value=inner, low=inner, high=inner),
        st.builds(syntax.In, value=inner, tests=tests.map(lambda known: syntax.Tests(tuple(known)))),
        st.builds(syntax.InstanceOf, value=inner, type=TYPES),
        st.builds(syntax.If, condition=inner, then=inner, otherwise=inner),
        st.builds(syntax.For, iterators=iterators, body=inner),
        st.builds(syntax.Quantified, every=st.booleans(), iterators=iterators, body=inner),
        st.builds(syntax.Path, source=inner, name=WORDS),
        st.builds(syntax.Filter, source=inner, predicate=inner),
        st.builds(syntax.Call, function=st.builds(Name, name=NAMES), arguments=several),
        st.builds(
            syntax.Call,
            function=st.builds(Name, name=WORDS),
            arguments=several.map(lambda two: two[:2]),
            names=st.just(("a", "b")),
        ),
        st.builds(syntax.ListLiteral, items=st.lists(inner, max_size=3).map(tuple)),
        st.builds(syntax.ContextLiteral, entries=entries),
        st.builds(syntax.RangeLiteral, start=inner, start_included=st.booleans(), **closed),
        st.builds(
            syntax.RangeLiteral, start=st.none(), start_included=st.just(False), compared=st.just(True), **closed
        ),
        inner.map(lambda end: syntax.RangeLiteral(end, True, end, True, compared=True)),
        inner.map(lambda end: syntax.RangeLiteral(end, False, None, False, compared=True)),
        st.builds(
            syntax.FunctionDefinition,
            parameters=st.lists(st.builds(Parameter, name=WORDS, type=TYPES | st.just(ANY)), max_size=2).map(tuple),
            body=inner,
        ),
    )


TREES = st.recursive(LEAVES, _branches, max_leaves=8)


def without_places(value: Any) -> Any:
    if isinstance(value, Node):
        fields = {name: without_places(getattr(value, name)) for name in value.__struct_fields__ if name != "position"}
        return type(value)(**fields)
    if isinstance(value, tuple):
        return tuple(map(without_places, value))
    return value


@settings(max_examples=500, deadline=None)
@given(TREES)
def test_what_is_printed_reads_back_as_the_same_tree(tree: Node) -> None:
    text = printed(tree)

    read = compile_expression(text, SPACED).node

    assert without_places(read) == tree


@pytest.mark.parametrize(
    "text",
    [
        "-",
        "< 5, [10..20[",
        'not("a", "b")',
        "(not(?))",
        "? > 5 and ? < 10",
    ],
)
def test_cells_of_tables_read_back_as_the_same_tests(text: str) -> None:
    tree = compile_unary_tests(text).node

    read = compile_unary_tests(printed(tree)).node

    assert without_places(read) == without_places(tree)


def test_only_the_brackets_that_are_needed_are_printed() -> None:
    assert printed(compile_expression("((a + b) * (c)) > (1 + (2))").node) == "(a + b) * c > 1 + 2"
