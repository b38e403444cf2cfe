"""Syntax: the tree of a FEEL expression. Plain values without behaviour; made by the parser, read by the compiler and
the lint."""

from typing import Any

import msgspec

from engine.feel.types import Type


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Any part of an expression; `position` is where it starts in the text."""

    position: int = 0


class Literal(Node, frozen=True):
    """A number, a string, true, false or null, already as a value."""

    value: Any


class AtLiteral(Node, frozen=True):
    """`@"2026-11-24"`: a temporal value."""

    text: str


class Name(Node, frozen=True):
    """A variable or a function, by its whole name, spaces included."""

    name: str


class Path(Node, frozen=True):
    """`source.name`."""

    source: Node
    name: str


class Filter(Node, frozen=True):
    """`source[predicate]`."""

    source: Node
    predicate: Node


class Call(Node, frozen=True):
    """`function(arguments)`; `names` is empty for positional arguments."""

    function: Node
    arguments: tuple[Node, ...]
    names: tuple[str, ...] = ()


class ListLiteral(Node, frozen=True):
    """`[a, b]`."""

    items: tuple[Node, ...]


class ContextLiteral(Node, frozen=True):
    """`{name: value}`; later entries see earlier ones."""

    entries: tuple[tuple[str, Node], ...]


class RangeLiteral(Node, frozen=True):
    """`[a..b]`, `]a..b[` or, `compared`, `(< a)`: an end that is absent is open."""

    start: Node | None
    start_included: bool
    end: Node | None
    end_included: bool
    compared: bool = False


class Logic(Node, frozen=True):
    """`a and b and c`, or the same with `or`."""

    operator: str
    operands: tuple[Node, ...]


class Comparison(Node, frozen=True):
    """`a < b` and the like."""

    operator: str
    left: Node
    right: Node


class Between(Node, frozen=True):
    """`value between low and high`, both included."""

    value: Node
    low: Node
    high: Node


class Test(Node, frozen=True):
    """`< 5` as a test of something said elsewhere."""

    operator: str
    operand: Node


class Tests(Node, frozen=True):
    """A cell of a decision table: any of the tests, or none of them. No test at all is `-`, always true."""

    tests: tuple[Node, ...]
    negated: bool = False


class In(Node, frozen=True):
    """`value in (tests)`."""

    value: Node
    tests: Tests


class Arithmetic(Node, frozen=True):
    """`a + b` and the like."""

    operator: str
    left: Node
    right: Node


class Negation(Node, frozen=True):
    """`-a`."""

    operand: Node


class If(Node, frozen=True):
    """`if condition then a else b`."""

    condition: Node
    then: Node
    otherwise: Node


class Iterator(Node, frozen=True):
    """`name in source`, or `name in source..end`."""

    name: str
    source: Node
    end: Node | None = None


class For(Node, frozen=True):
    """`for … return body`; the body may read the results so far as `partial`."""

    iterators: tuple[Iterator, ...]
    body: Node


class Quantified(Node, frozen=True):
    """`some … satisfies body` or `every … satisfies body`."""

    every: bool
    iterators: tuple[Iterator, ...]
    body: Node


class Parameter(Node, frozen=True):
    """One parameter of a function definition."""

    name: str
    type: Type


class FunctionDefinition(Node, frozen=True):
    """`function(a: number) body`; `external` when the body names code in another language."""

    parameters: tuple[Parameter, ...]
    body: Node
    external: bool = False


class InstanceOf(Node, frozen=True):
    """`value instance of type`."""

    value: Node
    type: Type
