"""How `if`, loops, quantifiers, function definitions and calls are compiled."""

from collections.abc import Callable
from collections.abc import Iterator as PythonIterator
from datetime import date, timedelta
from typing import Any

from engine.feel import limits
from engine.feel.builtins import BUILTINS
from engine.feel.builtins.signature import Builtin, charge
from engine.feel.compiler import Code, Compiler, Scope, captured_from, compiles
from engine.feel.conformance import coerced
from engine.feel.operators import compare, size_of
from engine.feel.problems import LimitExceeded, Run
from engine.feel.sentences import listed
from engine.feel.syntax import Call, For, FunctionDefinition, If, Iterator, Literal, Name, Quantified
from engine.feel.types import Type
from engine.feel.values import Function, Range, is_list, number, said


@compiles(If)
def _if(compiler: Compiler, node: If) -> Code:
    condition, then, otherwise = compiler.compile_all((node.condition, node.then, node.otherwise))
    position = node.position

    def choose(scope: Scope, run: Run) -> Any:
        answer = condition(scope, run)
        if answer is True:
            return then(scope, run)
        if type(answer) is not bool:
            run.note("not_boolean", position, said(answer))
        return otherwise(scope, run)

    return choose


# Functions whose answer for a text depends on nothing else.
_READING = frozenset({"date", "date and time", "duration", "number", "time"})
Domain = Callable[[Scope, Run], list[Any]]


class _Unusable(Exception):
    """The domain of a loop is neither a list nor a range."""


def items_of(value: Any, run: Run) -> list[Any] | None:
    """The items that a loop over a value visits: those of a list, or the whole numbers or days of a range."""
    if is_list(value):
        run.spend_items(len(value))
        return value
    if isinstance(value, Range):
        if compare("<=", value.start, value.end) is not True:
            return None
        return _steps(
            value.start, value.end, run, skip_first=not value.start_included, skip_last=not value.end_included
        )
    return None


def _steps(start: Any, end: Any, run: Run, *, skip_first: bool = False, skip_last: bool = False) -> list[Any] | None:
    if type(start) is date and type(end) is date:
        first, last = start.toordinal(), end.toordinal()
    else:
        low, high = number(start), number(end)
        if low is None or high is None or low != int(low) or high != int(high):
            return None
        first, last = int(low), int(high)
    direction = 1 if first <= last else -1
    first += direction * skip_first
    last -= direction * skip_last
    run.spend_items(max(0, (last - first) * direction + 1))
    numbers = range(first, last + direction, direction)
    return (
        [start + timedelta(days=count - start.toordinal()) for count in numbers]
        if isinstance(start, date)
        else list(numbers)
    )


def _domain(compiler: Compiler, node: Iterator) -> Domain:
    source = compiler.compile(node.source)
    end = compiler.compile(node.end) if node.end is not None else None
    position = node.position

    def domain(scope: Scope, run: Run) -> list[Any]:
        value = source(scope, run)
        items = _steps(value, end(scope, run), run) if end is not None else items_of(value, run)
        if items is None:
            run.note("not_a_list", position, said(value))
            raise _Unusable
        return items

    return domain


def _iteration(compiler: Compiler, iterators: tuple[Iterator, ...]) -> tuple[tuple[str, Domain], ...]:
    domains: list[tuple[str, Domain]] = []
    for iterator in iterators:
        domains.append((iterator.name, _domain(compiler, iterator)))
        compiler.bound |= {iterator.name} & BUILTINS.keys()
    return tuple(domains)


def _visit(domains: Any, scope: dict[str, Any], run: Run, level: int = 0) -> PythonIterator[None]:
    name, domain = domains[level]
    outer = scope.get(name, _visit)
    last = level + 1 == len(domains)
    for item in domain(scope, run):
        scope[name] = item
        if last:
            yield None
        else:
            yield from _visit(domains, scope, run, level + 1)
    if outer is _visit:
        scope.pop(name, None)
    else:
        scope[name] = outer


@compiles(For)
def _for(compiler: Compiler, node: For) -> Code:
    outer = compiler.bound
    domains = _iteration(compiler, node.iterators)
    body = compiler.repeated(node.body, compiler.within(frozenset({"partial"}), node.body))
    compiler.bound = outer
    names = compiler.captured(node)
    reads_partial = "partial" in compiler.analysis.names(node.body)
    if len(domains) == 1:
        return _single_loop(domains[0], body, names, reads_partial=reads_partial)

    def loop(scope: Scope, run: Run) -> list[Any] | None:
        results: list[Any] = []
        inner = captured_from(scope, names)
        try:
            for _ in _visit(domains, inner, run):
                run.spend(1)
                if reads_partial:
                    inner["partial"] = _so_far(results, run)
                results.append(body(inner, run))
                if len(results) > limits.LIST_LENGTH:
                    run.spend_items(len(results))
        except _Unusable:
            return None
        return results

    return loop


def _so_far(results: list[Any], run: Run) -> list[Any]:
    """What `partial` is: a list of its own, since a result may keep it."""
    run.spend(1 + len(results) // limits.PARTIAL_PER_STEP)
    return list(results)


def _single_loop(iterator: tuple[str, Domain], body: Code, names: tuple[str, ...], *, reads_partial: bool) -> Code:
    """A loop over one list, by far the most frequent: its steps are counted by the domain."""
    name, domain = iterator

    def loop(scope: Scope, run: Run) -> list[Any] | None:
        results: list[Any] = []
        inner = captured_from(scope, names)
        try:
            items = domain(inner, run)
        except _Unusable:
            return None
        for item in items:
            inner[name] = item
            if reads_partial:
                inner["partial"] = _so_far(results, run)
            results.append(body(inner, run))
        return results

    return loop


@compiles(Quantified)
def _quantified(compiler: Compiler, node: Quantified) -> Code:
    outer = compiler.bound
    domains = _iteration(compiler, node.iterators)
    body = compiler.repeated(node.body, compiler.compile(node.body))
    compiler.bound = outer
    names, every, position = compiler.captured(node), node.every, node.position

    def quantified(scope: Scope, run: Run) -> bool | None:
        unknown = False
        inner = captured_from(scope, names)
        try:
            for _ in _visit(domains, inner, run):
                run.spend(1)
                value = body(inner, run)
                if value is not every and type(value) is bool:
                    return not every
                if type(value) is not bool:
                    run.note("not_boolean", position, said(value))
                    unknown = True
                    if value is not None:
                        return None
        except _Unusable:
            return None
        return None if unknown else every

    return quantified


@compiles(FunctionDefinition)
def _function(compiler: Compiler, node: FunctionDefinition) -> Code:
    names = compiler.captured(node)
    parameters = tuple(parameter.name for parameter in node.parameters)
    types = tuple(parameter.type for parameter in node.parameters)
    body = compiler.repeated(node.body, compiler.within(frozenset(parameters), node.body))
    position, external = node.position, node.external

    def define(scope: Scope, run: Run) -> Function:
        run.spend(limits.STEPS_PER_FUNCTION)
        closure = captured_from(scope, names)

        def call(run: Run, arguments: list[Any]) -> Any:
            if external:
                run.note("external_function", position)
                return None
            return body({**closure, **dict(zip(parameters, arguments, strict=True))}, run)

        return Function("function", parameters, call, types)

    return define


@compiles(Call)
def _call(compiler: Compiler, node: Call) -> Code:
    builtin = compiler.builtin(node.function.name) if isinstance(node.function, Name) else None
    # Compiled once for both ways: calls within calls would double what there is to compile at each level.
    arguments = compiler.compile_all(node.arguments)
    general = _call_of_any(compiler, node, arguments, builtin)
    if not isinstance(builtin, Builtin):
        return general
    name, position = builtin.name, node.position
    known = _known_answer(compiler, node, builtin)

    def call(scope: Scope, run: Run) -> Any:
        # The scope may hide a built-in function by one of its own, as a knowledge model does.
        if name in scope:
            return general(scope, run)
        if known is not None:
            return known
        run.spend(limits.STEPS_PER_CALL)
        return _answer(builtin, [argument(scope, run) for argument in arguments], node.names, run, position)

    return call


def _known_answer(compiler: Compiler, node: Call, builtin: Builtin) -> Any:
    """What a function that only reads its text, as in `date("2026-11-24")`, answers every time; None for the rest."""
    if builtin.name not in _READING or node.names or len(node.arguments) != 1:
        return None
    argument = node.arguments[0]
    if not isinstance(argument, Literal) or type(argument.value) is not str:
        return None
    return _answer(builtin, [argument.value], (), Run(None), node.position)


def _call_of_any(compiler: Compiler, node: Call, arguments: tuple[Code, ...], builtin: Function | None) -> Code:
    names, position, target = node.names, node.position, compiler.compile(node.function)
    name = node.function.name if isinstance(node.function, Name) else "function"

    def call(scope: Scope, run: Run) -> Any:
        function: Any = target(scope, run)
        values = [argument(scope, run) for argument in arguments]
        if builtin is not None and not isinstance(function, Function):
            # A variable may be called `count` or `date`; only a function can be called.
            function = builtin
        if is_list(function) and len(function) == 1:
            function = function[0]
        if not isinstance(function, Function):
            run.note("not_a_function", position, said(function))
            return None
        return invoke(function, values, names, run, position, name)

    return call


def _answer(function: Builtin, values: list[Any], names: tuple[str, ...], run: Run, position: int) -> Any:
    for signature in function.signatures:
        arguments = signature.arguments(values, names)
        if arguments is not None:
            break
    else:
        run.note("wrong_arguments", position, function.name, listed(map(said, values)))
        return None
    charge(run, arguments)
    try:
        result = signature.python(run, *arguments)
    except (ArithmeticError, ValueError):
        # Beyond what dates, durations or decimals can hold.
        result = None
    if type(result) is str:
        run.spend_text(len(result))
    if result is None:
        run.note("wrong_result", position, function.name, listed(map(said, values)))
    return result


def invoke(function: Function, values: list[Any], names: tuple[str, ...], run: Run, position: int, name: str) -> Any:
    """The result of calling a function; null with a problem when the arguments do not fit."""
    run.spend(limits.STEPS_PER_CALL)
    if isinstance(function, Builtin):
        return _answer(function, values, names, run, position)
    bound = function.bind(run, values, names)
    if bound is None:
        run.note("wrong_arguments", position, name, listed(map(said, values)))
        return None
    run.depth += 1
    if run.depth > limits.CALL_DEPTH:
        raise LimitExceeded("too_many_calls", limits.CALL_DEPTH)
    answer = bound()
    run.depth -= 1
    if type(function.result) is Type:
        return answer
    run.spend(size_of(answer))
    fits, result = coerced(answer, function.result)
    if not fits:
        run.note("wrong_type", position, function.result, said(answer))
    return result
