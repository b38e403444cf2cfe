"""Expressions: compiled FEEL, ready to be evaluated any number of times. The only entrance other packages need."""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from engine.feel import compile_control, compile_operators, compile_structures, limits
from engine.feel.analysis import Analysis, children_of, paths_of
from engine.feel.builtins import BUILTINS
from engine.feel.compiler import Code, Compiler
from engine.feel.names import NameBook
from engine.feel.parser import LANGUAGE_NAMES, parse_expression, parse_unary_tests
from engine.feel.problems import SILENT, FeelSyntaxError, LimitExceeded, Problem, Run
from engine.feel.sentences import expecting
from engine.feel.syntax import Call, ContextLiteral, Filter, For, FunctionDefinition, Node, Quantified
from engine.feel.types import SIMPLE_NAMES, Type

_BUILT_IN = frozenset(BUILTINS)
_LANGUAGE = NameBook([*LANGUAGE_NAMES, *BUILTINS, *SIMPLE_NAMES])
# Importing these declares how each kind of node is compiled.
RULES = (compile_control, compile_operators, compile_structures)
_NO_TYPES: Mapping[str, Type] = {}
_HEAVY = (Call, ContextLiteral, For, FunctionDefinition, Quantified)


class Explained(msgspec.Struct, frozen=True):
    """A value with every reason why it, or a part of it, is null."""

    value: Any
    problems: tuple[Problem, ...]


class Expression:
    """One compiled expression.

    `evaluate(variables, now)` gives its value: null where the standard says so, `LimitExceeded` when it costs too much.
    """

    __slots__ = ("_analysis", "_code", "evaluate", "node", "text")

    evaluate: Callable[[Mapping[str, Any], datetime], Any]

    def __init__(self, text: str, node: Node) -> None:
        self.text = text
        self.node = node
        try:
            self._analysis = Analysis()
            self._code = Compiler(text, self._analysis).compile(node)
            self.evaluate = _guarded(self._code) if self._is_heavy(node) else _light(self._code)
        except RecursionError as too_deep:
            raise FeelSyntaxError(text, 0, [expecting("simpler")], text[:20]) from too_deep

    def _is_heavy(self, node: Node, *, repeated: bool = False) -> bool:
        """Whether the work of a node may exceed the size of the text and the variables: its steps must be counted."""
        if isinstance(node, Filter):
            long = repeated or self._analysis.weight(node.predicate) > limits.PARTS_UNCOUNTED
            return long or self._is_heavy(node.source) or self._is_heavy(node.predicate, repeated=True)
        return isinstance(node, _HEAVY) or any(self._is_heavy(child, repeated=repeated) for child in children_of(node))

    @property
    def names(self) -> frozenset[str]:
        """The variables it may read, those of its filters included, which may be entries of items."""
        return self._analysis.names(self.node) - _BUILT_IN

    @property
    def free_names(self) -> frozenset[str]:
        """The variables it certainly reads."""
        return self._analysis.names(self.node, certain=True) - _BUILT_IN

    @property
    def paths(self) -> frozenset[tuple[str, ...]]:
        """The variables read with the entries read from them, for the lint."""
        return frozenset(path for path in paths_of(self.node) if path[0] not in BUILTINS)

    def explain(self, variables: Mapping[str, Any], now: datetime) -> Explained:
        """The value and the problems met on the way. A limit exceeded raises, as in `evaluate`."""
        problems: list[Problem] = []
        value = self.run(variables, Run(now, problems))
        return Explained(value, tuple(problems))

    def run(self, variables: Mapping[str, Any], run: Run) -> Any:
        """Evaluates within a run that others share: how decisions evaluate their parts."""
        try:
            return self._code(variables, run)
        except RecursionError as too_deep:
            raise LimitExceeded("calls_too_deep") from too_deep


def _light(code: Code) -> Callable[[Mapping[str, Any], datetime], Any]:
    def evaluate(variables: Mapping[str, Any], now: datetime) -> Any:
        try:
            return code(variables, SILENT)
        except RecursionError as too_deep:
            raise LimitExceeded("values_too_deep") from too_deep

    return evaluate


def _guarded(code: Code) -> Callable[[Mapping[str, Any], datetime], Any]:
    def evaluate(variables: Mapping[str, Any], now: datetime) -> Any:
        try:
            return code(variables, Run(now))
        except RecursionError as too_deep:
            raise LimitExceeded("calls_too_deep") from too_deep

    return evaluate


@lru_cache(maxsize=256)
def _book(names: tuple[str, ...]) -> NameBook:
    return NameBook(names, _LANGUAGE)


@lru_cache(maxsize=4096)
def _cached_expression(text: str, names: tuple[str, ...]) -> Expression:
    return Expression(text, parse_expression(text, NameBook(parent=_book(names)), _NO_TYPES))


@lru_cache(maxsize=4096)
def _cached_tests(text: str, names: tuple[str, ...]) -> Expression:
    return Expression(text, parse_unary_tests(text, NameBook(parent=_book(names)), _NO_TYPES))


def _names_types(text: str) -> bool:
    """Whether a text may name a type: only then do the types that are known matter."""
    return "instance" in text or "function" in text


def compile_expression(text: str, names: tuple[str, ...] = (), types: Mapping[str, Type] = _NO_TYPES) -> Expression:
    """Compiles an expression. `names` are the variables whose names have spaces or symbols. Raises
    `FeelSyntaxError`."""
    if not types or not _names_types(text):
        return _cached_expression(text, tuple(names))
    return Expression(text, parse_expression(text, NameBook([*names, *types], _LANGUAGE), types))


def compile_unary_tests(text: str, names: tuple[str, ...] = (), types: Mapping[str, Type] = _NO_TYPES) -> Expression:
    """Compiles the tests of a cell; the value under test is the variable `?`. Raises `FeelSyntaxError`."""
    if not types or not _names_types(text):
        return _cached_tests(text, tuple(names))
    return Expression(text, parse_unary_tests(text, NameBook([*names, *types], _LANGUAGE), types))
