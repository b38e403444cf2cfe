"""Trace: the values of the parts of an expression, for people who want to see why it answers what it answers.

Each part is evaluated again by itself; what is inside a loop, a filter or a function has no one value and is left out.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import msgspec

from engine.feel.analysis import children_of
from engine.feel.expression import Expression
from engine.feel.printer import printed
from engine.feel.problems import Run
from engine.feel.syntax import (
    Arithmetic,
    AtLiteral,
    Between,
    Call,
    Comparison,
    If,
    In,
    Literal,
    Logic,
    Negation,
    Node,
    RangeLiteral,
    Test,
    Tests,
)

MAX_STEPS = 40
_OPENED = (Logic, Comparison, Arithmetic, Between, In, If, Negation, Call, Test, Tests)
_PLAIN = (Literal, AtLiteral, Test, Tests, RangeLiteral)


class Step(msgspec.Struct, frozen=True):
    """One part: its text, its value, and how deep it lies."""

    text: str
    value: Any
    depth: int


def steps_of(expression: Expression, variables: Mapping[str, Any], now: datetime) -> tuple[Step, ...]:
    """The parts that have a value worth telling, outermost first. Raises `LimitExceeded` as the expression does."""
    run = Run(now)
    steps: list[Step] = []
    for node, depth in _parts(expression.node, 0):
        if len(steps) == MAX_STEPS:
            break
        steps.append(Step(printed(node), Expression(expression.text, node).run(variables, run), depth))
    return tuple(steps)


def _parts(node: Node, depth: int) -> Iterator[tuple[Node, int]]:
    for child in children_of(node) if isinstance(node, _OPENED) else ():
        if isinstance(node, Call) and child is node.function:
            continue
        told = not isinstance(child, _PLAIN)
        if told:
            yield child, depth
        yield from _parts(child, depth + told)
