"""Analysis: which names an expression reads from outside itself. Used by the compiler to copy only these, and by the
lint."""

from collections.abc import Callable, Iterable, Set
from typing import Any

from engine.feel.syntax import (
    Arithmetic,
    AtLiteral,
    Between,
    Call,
    Comparison,
    ContextLiteral,
    Filter,
    For,
    FunctionDefinition,
    If,
    In,
    InstanceOf,
    Iterator,
    ListLiteral,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Path,
    Quantified,
    RangeLiteral,
    Test,
    Tests,
)

_NONE: frozenset[str] = frozenset()


def _ends_of(node: RangeLiteral) -> tuple[Node, ...]:
    """The ends that a range has; one only for `(= a)`, whose ends are the same part."""
    ends = (node.start,) if node.start is node.end else (node.start, node.end)
    return tuple(end for end in ends if end is not None)


# By kind, for speed: every expression is walked several times when it is compiled.
_PARTS: dict[type[Node], Callable[[Any], tuple[Node, ...]]] = {
    Path: lambda node: (node.source,),
    Filter: lambda node: (node.source, node.predicate),
    Call: lambda node: (node.function, *node.arguments),
    ListLiteral: lambda node: node.items,
    ContextLiteral: lambda node: tuple(value for _, value in node.entries),
    RangeLiteral: _ends_of,
    Logic: lambda node: node.operands,
    Comparison: lambda node: (node.left, node.right),
    Arithmetic: lambda node: (node.left, node.right),
    Between: lambda node: (node.value, node.low, node.high),
    Test: lambda node: (node.operand,),
    Negation: lambda node: (node.operand,),
    Tests: lambda node: node.tests,
    In: lambda node: (node.value, node.tests),
    If: lambda node: (node.condition, node.then, node.otherwise),
    For: lambda node: (*node.iterators, node.body),
    Quantified: lambda node: (*node.iterators, node.body),
    Iterator: lambda node: (node.source,) if node.end is None else (node.source, node.end),
    FunctionDefinition: lambda node: (node.body,),
    InstanceOf: lambda node: (node.value,),
}


def children_of(node: Node) -> tuple[Node, ...]:
    """The parts of a node, in the order of the text; those that bring names into scope included."""
    parts = _PARTS.get(type(node))
    return () if parts is None else parts(node)


class Analysis:
    """Answers about one tree, remembered node by node."""

    def __init__(self) -> None:
        self._names: dict[int, frozenset[str]] = {}
        self._weights: dict[int, int] = {}
        self._kept: list[Node] = []

    def names(self, node: Node, *, certain: bool = False) -> frozenset[str]:
        """The names a node reads from outside. With `certain`, those of a filter, which may be entries of its items,
        are left out."""
        key = id(node) * 2 + certain
        if key not in self._names:
            self._names[key] = self._compute(node, certain)
            self._kept.append(node)
        return self._names[key]

    def _compute(self, node: Node, certain: bool) -> frozenset[str]:
        match node:
            case Name():
                return frozenset((node.name,))
            case Literal() | AtLiteral():
                return _NONE
            case Filter():
                inner = _NONE if certain else self.names(node.predicate) - {"item"}
                return self.names(node.source, certain=certain) | inner
            case ContextLiteral():
                return self._sequence(node.entries, None, certain)
            case For() | Quantified():
                entries = [(iterator.name, iterator) for iterator in node.iterators]
                return self._sequence(entries, node.body, certain) - {"partial"}
            case FunctionDefinition():
                return self.names(node.body, certain=certain) - {parameter.name for parameter in node.parameters}
            case _:
                return self.of_all(children_of(node), certain=certain)

    def weight(self, node: Node) -> int:
        """How many parts a node has, itself included."""
        key = id(node)
        if key not in self._weights:
            self._weights[key] = 1 + sum(map(self.weight, children_of(node)))
            self._kept.append(node)
        return self._weights[key]

    def of_all(self, nodes: Iterable[Node], *, certain: bool = False) -> frozenset[str]:
        """The names that any of the nodes reads from outside."""
        return _NONE.union(*(self.names(node, certain=certain) for node in nodes))

    def _sequence(self, entries: Iterable[tuple[str, Node]], body: Node | None, certain: bool) -> frozenset[str]:
        free, bound = set[str](), set[str]()
        for name, node in entries:
            free |= self.names(node, certain=certain) - bound
            bound.add(name)
        return frozenset(free | (self.names(body, certain=certain) - bound) if body is not None else free)


def paths_of(node: Node) -> frozenset[tuple[str, ...]]:
    """Every variable with the entries read from it, as (`case`, `applicant`, `name`): what the lint looks up."""
    found: set[tuple[str, ...]] = set()
    _collect_paths(node, _NONE, found)
    return frozenset(found)


def _collect_paths(node: Node, bound: Set[str], found: set[tuple[str, ...]]) -> None:
    path = _path(node)
    if path is not None:
        if path[0] not in bound:
            found.add(path)
        return
    match node:
        case Filter():
            _collect_paths(node.source, bound, found)
        case ContextLiteral():
            before = set(bound)
            for name, value in node.entries:
                _collect_paths(value, before, found)
                before.add(name)
        case For() | Quantified():
            for iterator in node.iterators:
                _collect_paths(iterator, bound, found)
                bound = bound | {iterator.name, "partial"}
            _collect_paths(node.body, bound, found)
        case FunctionDefinition():
            _collect_paths(node.body, bound | {parameter.name for parameter in node.parameters}, found)
        case _:
            for child in children_of(node):
                _collect_paths(child, bound, found)


def _path(node: Node) -> tuple[str, ...] | None:
    if isinstance(node, Name):
        return (node.name,)
    if not isinstance(node, Path):
        return None
    source = _path(node.source)
    return None if source is None else (*source, node.name)
