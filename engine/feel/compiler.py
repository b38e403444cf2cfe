"""Compiler: the tree of an expression to one Python function over a scope, made once. Dispatches to `compile_*` by
concern.

A scope is always a flat mapping of names to values: whatever opens a scope (a loop, a filter, a function) copies into
its own
dictionary only the outer names that its body reads. So reading a variable costs one look-up, however deep the
expression.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel import limits
from engine.feel.analysis import Analysis, children_of
from engine.feel.builtins import BUILTINS
from engine.feel.problems import FeelSyntaxError, Run
from engine.feel.sentences import expecting
from engine.feel.syntax import AtLiteral, Literal, Name, Negation, Node, RangeLiteral
from engine.feel.values import Function

Scope = Mapping[str, Any]
Code = Callable[[Scope, Run], Any]
Rule = Callable[["Compiler", Any], Code]

_RULES: dict[type[Node], Rule] = {}
_FOLDED = (RangeLiteral, Negation)
_CONSTANT = (Literal, AtLiteral)


def compiles(kind: type[Node]) -> Callable[[Rule], Rule]:
    """Declares how nodes of a kind are compiled."""

    def declare(rule: Rule) -> Rule:
        _RULES[kind] = rule
        return rule

    return declare


class Compiler:
    """Compiles one tree. `bound` are the names the text itself introduces, which hide built-in functions."""

    def __init__(self, text: str, analysis: Analysis) -> None:
        self.text = text
        self.analysis = analysis
        self.bound: frozenset[str] = frozenset()
        self._depth = 0

    def compile(self, node: Node) -> Code:
        """The function that evaluates a node. Raises `FeelSyntaxError` for a tree that is too deep."""
        self._depth += 1
        if self._depth > limits.TREE_DEPTH:
            raise FeelSyntaxError(self.text, node.position, [expecting("simpler")], self.text[node.position :][:20])
        code = _RULES[type(node)](self, node)
        self._depth -= 1
        return code

    def compile_all(self, nodes: tuple[Node, ...]) -> tuple[Code, ...]:
        """The functions of several nodes."""
        return tuple(self.compile(node) for node in nodes)

    def within(self, names: frozenset[str], node: Node) -> Code:
        """The function of a node inside something that introduces names."""
        outer, self.bound = self.bound, self.bound | names
        code = self.compile(node)
        self.bound = outer
        return code

    def repeated(self, node: Node, code: Code) -> Code:
        """The code of what is evaluated again and again: each time costs what its size is worth."""
        cost = self.analysis.weight(node) // limits.PARTS_PER_STEP
        if not cost:
            return code

        def costly(scope: Scope, run: Run) -> Any:
            run.spend(cost)
            return code(scope, run)

        return costly

    def builtin(self, name: str) -> Function | None:
        """The built-in function of this name, unless the text hides it."""
        return None if name in self.bound else BUILTINS.get(name)

    def captured(self, *nodes: Node) -> tuple[str, ...]:
        """The outer names that a body reads: what its own scope must hold."""
        return tuple(self.analysis.of_all(nodes))


def captured_from(scope: Scope, names: tuple[str, ...]) -> dict[str, Any]:
    """A fresh scope with those of the names that the outer scope knows."""
    return {name: scope[name] for name in names if name in scope}


def constant(node: Node) -> bool:
    """Whether the value of a node is known before any evaluation."""
    if isinstance(node, RangeLiteral):
        return all(map(constant, children_of(node)))
    return constant(node.operand) if isinstance(node, Negation) else isinstance(node, _CONSTANT)


@compiles(Literal)
def _literal(_: Compiler, node: Literal) -> Code:
    value = node.value

    def literal(scope: Scope, run: Run) -> Any:
        return value

    return literal


@compiles(Name)
def _name(compiler: Compiler, node: Name) -> Code:
    name, position, fallback = node.name, node.position, compiler.builtin(node.name)

    def read(scope: Scope, run: Run) -> Any:
        try:
            return scope[name]
        except KeyError:
            if fallback is None:
                run.note("unknown_name", position, name)
            return fallback

    return read
