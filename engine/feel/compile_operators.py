"""How comparisons, arithmetic, logic, tests and `instance of` are compiled. The operators themselves are in
`operators`."""

import operator
from collections.abc import Callable
from decimal import Decimal
from typing import Any

from engine.feel import limits
from engine.feel.compiler import Code, Compiler, Scope, captured_from, compiles, constant
from engine.feel.conformance import is_instance, unrestricted
from engine.feel.operators import calculate, compare, matches_test, negate, size_of
from engine.feel.problems import SILENT, Run
from engine.feel.sentences import NAMED, NOTHING, Sentence
from engine.feel.syntax import (
    Arithmetic,
    Between,
    Comparison,
    In,
    InstanceOf,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    RangeLiteral,
    Test,
    Tests,
)
from engine.feel.types import Simple
from engine.feel.values import Range, said

_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_NUMBERS = (int, Decimal)
_WHOLE: dict[str, Callable[[int, int], int]] = {"+": operator.add, "-": operator.sub, "*": operator.mul}
_POWER = 40  # steps that a power costs
_LONG = 1_000  # characters that cost something to compare
TestCode = Callable[[Any, Scope, Run], Any]


# How the operands of an operator are written where they are variables or entries of them; empty for other operands.
Written = tuple[str, str]
_UNWRITTEN: Written = ("", "")


def _written(node: Node) -> str:
    if isinstance(node, Path):
        source = _written(node.source)
        return source and f"{source}.{node.name}"
    return node.name if isinstance(node, Name) else ""


def _named(value: Any, written: str) -> Sentence:
    """A value as a problem names it, with the variable it comes from."""
    return Sentence(NAMED, (said(value), written)) if written else said(value)


def _compare(run: Run, position: int, sign: str, left: Any, right: Any, written: Written = _UNWRITTEN) -> bool | None:
    run.spend(size_of(left))
    answer = compare(sign, left, right)
    if answer is None:
        run.note("not_comparable", position, _named(left, written[0]), _named(right, written[1]))
    return answer


@compiles(Comparison)
def _comparison(compiler: Compiler, node: Comparison) -> Code:
    if isinstance(node.left, Name) and isinstance(node.right, Literal) and compiler.builtin(node.left.name) is None:
        return _name_with_literal(node, node.left, node.right.value)
    sign, position, quick = node.operator, node.position, _SIGNS[node.operator]
    left, right, written = *compiler.compile_all((node.left, node.right)), (_written(node.left), _written(node.right))

    def comparison(scope: Scope, run: Run) -> bool | None:
        first, second = left(scope, run), right(scope, run)
        kind = first.__class__
        if kind is type(second) and (kind is int or kind is Decimal or (kind is str and len(first) < _LONG)):
            return quick(first, second)
        return _compare(run, position, sign, first, second, written)

    return comparison


def _name_with_literal(node: Comparison, name_node: Name, wanted: Any) -> Code:
    """`name = literal`, the most frequent condition: one look-up, one comparison."""
    sign, position, name, quick = node.operator, node.position, name_node.name, _SIGNS[node.operator]
    kind, written = wanted.__class__, (name, "")
    second: object = Decimal if kind is int else int if kind is Decimal else str
    if kind not in (int, Decimal, str):
        kind = second = object

    def comparison(scope: Scope, run: Run) -> bool | None:
        try:
            value = scope[name]
        except KeyError:
            value = None
            run.note("unknown_name", position, name)
        found = value.__class__
        if found is kind or found is second:
            return quick(value, wanted)
        return _compare(run, position, sign, value, wanted, written)

    return comparison


@compiles(Arithmetic)
def _arithmetic(compiler: Compiler, node: Arithmetic) -> Code:
    sign, position, extra = node.operator, node.position, _POWER if node.operator == "**" else 0
    left, right, written = *compiler.compile_all((node.left, node.right)), (_written(node.left), _written(node.right))
    whole = _WHOLE.get(sign)
    if whole is not None and isinstance(node.right, Literal) and type(node.right.value) is int:
        return _with_constant(left, whole, node.right.value, sign, position, written)

    def arithmetic(scope: Scope, run: Run) -> Any:
        first, second = left(scope, run), right(scope, run)
        if whole is not None and type(first) is int and type(second) is int:
            quick = whole(first, second)
            if -limits.INTEGER_BOUND < quick < limits.INTEGER_BOUND:
                return quick
        run.spend(extra)
        return _calculated(sign, first, second, run, position, written)

    return arithmetic


def _with_constant(
    left: Code, whole: Callable[[int, int], int], second: int, sign: str, position: int, written: Written
) -> Code:
    """`… + 1`: nothing to evaluate on the right."""

    def arithmetic(scope: Scope, run: Run) -> Any:
        first = left(scope, run)
        if type(first) is int:
            quick = whole(first, second)
            if -limits.INTEGER_BOUND < quick < limits.INTEGER_BOUND:
                return quick
        return _calculated(sign, first, second, run, position, written)

    return arithmetic


def _calculated(sign: str, first: Any, second: Any, run: Run, position: int, written: Written) -> Any:
    answer = calculate(sign, first, second)
    if answer is None:
        zero = sign == "/" and type(second) in _NUMBERS and not second
        found = _named(first, written[0]), _named(second, written[1])
        run.note("division_by_zero" if zero else "not_computable", position, sign, *found)
    elif type(answer) is str:
        run.spend_text(len(answer))
    else:
        run.spend(1 if type(answer) in _NUMBERS else limits.STEPS_PER_TEMPORAL)
    return answer


@compiles(Negation)
def _negation(compiler: Compiler, node: Negation) -> Code:
    position, operand, written = node.position, compiler.compile(node.operand), _written(node.operand)

    def negation(scope: Scope, run: Run) -> Any:
        value = operand(scope, run)
        answer = negate(value)
        if answer is None:
            run.note("not_computable", position, "-", Sentence(NOTHING), _named(value, written))
        return answer

    return negation


@compiles(Logic)
def _logic(compiler: Compiler, node: Logic) -> Code:
    operands = tuple((compiler.compile(operand), _written(operand)) for operand in node.operands)
    decisive, position = node.operator == "or", node.position

    def logic(scope: Scope, run: Run) -> bool | None:
        answer: bool | None = not decisive
        for operand, written in operands:
            value = operand(scope, run)
            if value is decisive:
                return decisive
            if type(value) is not bool:
                answer = None
                if value is not None:
                    run.note("not_boolean", position, _named(value, written))
        return answer

    return logic


@compiles(Between)
def _between(compiler: Compiler, node: Between) -> Code:
    position, written = node.position, (_written(node.value), "")
    value, low, high = compiler.compile_all((node.value, node.low, node.high))

    def between(scope: Scope, run: Run) -> bool | None:
        middle = value(scope, run)
        above = _compare(run, position, ">=", middle, low(scope, run), written)
        below = _compare(run, position, "<=", middle, high(scope, run), written)
        if above is None or below is None:
            return None
        return above and below

    return between


@compiles(InstanceOf)
def _instance_of(compiler: Compiler, node: InstanceOf) -> Code:
    value, wanted = compiler.compile(node.value), unrestricted(node.type)
    looks_inside = not isinstance(wanted, Simple)

    def instance_of(scope: Scope, run: Run) -> bool:
        found = value(scope, run)
        if looks_inside:
            run.spend(size_of(found))
        return is_instance(found, wanted)

    return instance_of


@compiles(RangeLiteral)
def _range(compiler: Compiler, node: RangeLiteral) -> Code:
    # Made once: ranges within ranges would double what there is to compile at each level.
    make = _range_maker(compiler, node)
    made = make({}, SILENT) if constant(node) else None
    return make if made is None else lambda scope, run: made


def _range_maker(compiler: Compiler, node: RangeLiteral) -> Code:
    start = compiler.compile(node.start) if node.start is not None else None
    # `(= a)` has the same part at both ends: compiled and evaluated once.
    is_point, position = node.end is node.start, node.position
    end = compiler.compile(node.end) if node.end is not None and not is_point else None

    def make(scope: Scope, run: Run) -> Range | None:
        run.spend(2)
        low = start(scope, run) if start else None
        high = low if is_point else end(scope, run) if end else None
        if (low is None) == (high is None) and compare("<=", low, high) is None:
            run.note("not_comparable", position, said(low), said(high))
            return None
        ends = (low, node.start_included and low is not None, high, node.end_included and high is not None)
        return Range(*ends, node.compared)

    return make


@compiles(In)
def _in(compiler: Compiler, node: In) -> Code:
    value, tests = compiler.compile(node.value), compile_tests(compiler, node.tests)

    def is_in(scope: Scope, run: Run) -> bool | None:
        return tests(value(scope, run), scope, run)

    return is_in


@compiles(Tests)
def _tests(compiler: Compiler, node: Tests) -> Code:
    tests = compile_tests(compiler, node)

    def unary(scope: Scope, run: Run) -> bool | None:
        return tests(scope.get("?"), scope, run)

    return unary


@compiles(Test)
def _lonely_test(compiler: Compiler, node: Test) -> Code:
    test = _compile_test(compiler, node)

    def lonely(scope: Scope, run: Run) -> bool | None:
        return test(scope.get("?"), scope, run)

    return lonely


def compile_tests(compiler: Compiler, node: Tests) -> TestCode:
    """The function that says whether a value passes any of the tests (or none, if negated)."""
    tests = tuple(_compile_test(compiler, test) for test in node.tests)
    if not tests:
        return lambda value, scope, run: True
    if len(tests) == 1 and not node.negated:
        return tests[0]
    negated = node.negated

    def any_test(value: Any, scope: Scope, run: Run) -> bool | None:
        unknown = False
        for test in tests:
            answer = test(value, scope, run)
            if answer is True:
                return not negated
            unknown = unknown or answer is None
        return None if unknown and negated else negated

    return any_test


def _compile_test(compiler: Compiler, node: Node) -> TestCode:
    if isinstance(node, Test):
        return _operator_test(compiler, node)
    names = compiler.captured(node)
    if "?" in names:
        return _question_test(compiler, node, names)
    wanted, position = compiler.compile(node), node.position

    def test(value: Any, scope: Scope, run: Run) -> bool | None:
        expected = wanted(scope, run)
        if type(expected) is bool and type(value) is not bool and value is not None:
            return expected
        run.spend(size_of(expected))
        answer = matches_test(value, expected)
        if answer is None:
            run.note("not_comparable", position, said(value), said(expected))
        return answer

    return test


def _operator_test(compiler: Compiler, node: Test) -> TestCode:
    sign, position, operand = node.operator, node.position, compiler.compile(node.operand)

    def test(value: Any, scope: Scope, run: Run) -> bool | None:
        return _compare(run, position, sign, value, operand(scope, run))

    return test


def _question_test(compiler: Compiler, node: Node, names: tuple[str, ...]) -> TestCode:
    code = compiler.compile(node)

    def test(value: Any, scope: Scope, run: Run) -> bool | None:
        inner = captured_from(scope, names)
        inner["?"] = value
        answer = code(inner, run)
        return answer if type(answer) is bool else matches_test(value, answer) if answer is not None else None

    return test
