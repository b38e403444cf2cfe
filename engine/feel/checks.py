"""Checks: mistakes of an expression that can be seen without a case: unknown functions, arguments and comparisons that
never fit, conditions that never change. Says nothing where a value is not known.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec

from engine.feel.analysis import children_of
from engine.feel.builtins import BUILTINS
from engine.feel.builtins.decisions import DECIDE
from engine.feel.builtins.signature import Builtin, Signature
from engine.feel.expression import Expression
from engine.feel.problems import FeelError, Run
from engine.feel.sentences import ANY_VALUE, CHECKS, Sentence, kind_said, listed, place_in
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
    In,
    InstanceOf,
    ListLiteral,
    Literal,
    Logic,
    Name,
    Negation,
    Node,
    Quantified,
    Tests,
)
from engine.feel.temporal import read_temporal
from engine.feel.values import kind_of, said

# What may answer differently another time, though it reads no variable.
_CLOCK = frozenset({"now", "today", DECIDE})
_SCALARS = frozenset({"number", "string", "boolean"})
_UNKNOWN = object()
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
# What functions answer when they answer at all; those that may answer several kinds are left out.
_ANSWERS = {
    **dict.fromkeys(
        ["count", "sum", "mean", "number", "string length", "decimal", "floor", "ceiling", "abs"], "number"
    ),
    **dict.fromkeys(["string", "substring", "upper case", "lower case", "replace", "string join"], "string"),
    **dict.fromkeys(
        ["contains", "starts with", "ends with", "matches", "not", "list contains", "all", "any"], "boolean"
    ),
    **dict.fromkeys(["append", "concatenate", "distinct values", "flatten", "split", "sort"], "list"),
    **dict.fromkeys(["date", "today"], "date"),
    **dict.fromkeys(["date and time", "now"], "date and time"),
}


class Check(msgspec.Struct, frozen=True):
    """One mistake: its code, the sentence, and where it stands in the text."""

    code: str
    sentence: Sentence
    position: int

    @property
    def severity(self) -> str:
        """A function that does not exist can never be right; the rest deserves a look."""
        return "error" if self.code == "function_unknown" else "warning"


def checks_of(expression: Expression, functions: frozenset[str] = frozenset()) -> list[Check]:
    """Every mistake that can be seen. `functions` are those that the variables bring, besides the built-in ones."""
    return list(_checked(expression.node, functions))


def decisions_asked(expression: Expression) -> frozenset[str]:
    """The decisions that `decide` is given by name."""
    return frozenset(_decisions_asked(expression.node))


def _decisions_asked(node: Node) -> Iterator[str]:
    match node:
        case Call(function=Name(name=name), arguments=(Literal(value=str(decision)), *_)) if name == DECIDE:
            yield decision
        case _:
            pass
    for child in children_of(node):
        yield from _decisions_asked(child)


def constant_answer(expression: Expression) -> Check | None:
    """A condition that reads nothing, or whose value is the same whatever it reads, as that of `x > 1 or true`."""
    value = _fixed(expression, expression.node, Run(_NO_TIME))
    if value is _UNKNOWN:
        return None
    answer = Sentence("true" if value else "false") if isinstance(value, bool) else said(value)
    return Check("always_the_same", Sentence(CHECKS["always_the_same"], (expression.text, answer)), 0)


def _fixed(whole: Expression, node: Node, run: Run) -> Any:
    """The value that a part of the whole has for every case, or `_UNKNOWN`."""
    if isinstance(node, Logic):
        decisive = node.operator == "or"
        if any(_fixed(whole, operand, run) is decisive for operand in node.operands):
            return decisive
    try:
        part = whole if node is whole.node else Expression(whole.text, node)
        return _UNKNOWN if part.names or _reads_clock(node) else part.run({}, run)
    except FeelError:
        return _UNKNOWN


def placed(check: Check, text: str) -> Sentence:
    """The sentence with its line and column."""
    return Sentence(CHECKS["at"], (*place_in(text, check.position), check.sentence))


def _checked(node: Node, functions: frozenset[str]) -> Iterator[Check]:
    match node:
        case Call(function=Name()):
            yield from _call(node, functions)
        case Comparison():
            yield from _pair("never_comparable", node, node.left, node.right)
        case Arithmetic():
            yield from _computed(node)
        case Logic():
            for operand in node.operands:
                kind = kind_known(operand)
                if kind not in (None, "boolean", "Null"):
                    yield Check("not_boolean", Sentence(CHECKS["not_boolean"], (kind_said(kind),)), operand.position)
        case ContextLiteral():
            functions |= {name for name, _ in node.entries}
        case FunctionDefinition():
            functions |= {parameter.name for parameter in node.parameters}
        case For() | Quantified():
            functions |= {iterator.name for iterator in node.iterators}
        case _:
            pass
    for child in children_of(node):
        # Whatever a filter calls may be an entry of its items.
        if not (isinstance(node, Filter) and child is node.predicate):
            yield from _checked(child, functions)


def _call(node: Call, functions: frozenset[str]) -> Iterator[Check]:
    assert isinstance(node.function, Name)
    name = node.function.name
    if name in functions:
        return
    known = BUILTINS.get(name)
    if known is None:
        yield Check("function_unknown", Sentence(CHECKS["function_unknown"], (name,)), node.position)
        return
    kinds = [kind_known(argument) for argument in node.arguments]
    if isinstance(known, Builtin) and not any(_fits(way, kinds, node.names) for way in known.signatures):
        given = listed(kind_said(kind) if kind else Sentence(ANY_VALUE) for kind in kinds)
        yield Check("function_misused", Sentence(CHECKS["function_misused"], (name, given)), node.position)


def _fits(way: Signature, kinds: list[str | None], names: tuple[str, ...]) -> bool:
    slots = {slot.name: slot for slot in way.slots}
    if names:
        needed = {slot.name for slot in way.slots if not slot.optional}
        if not needed <= set(names) <= slots.keys():
            return False
        wanted = [slots[name] for name in names]
    else:
        variadic = bool(way.slots) and way.slots[-1].variadic
        required = sum(not slot.optional and not slot.variadic for slot in way.slots)
        if len(kinds) < required or (len(kinds) > len(way.slots) and not variadic):
            return False
        wanted = [way.slots[min(place, len(way.slots) - 1)] for place in range(len(kinds))]
    return all(
        kind is None or not slot.kinds or kind in slot.kinds or "list" in slot.kinds or kind in ("list", "Null")
        for slot, kind in zip(wanted, kinds, strict=True)
    )


def _pair(code: str, node: Node, left: Node, right: Node) -> Iterator[Check]:
    kinds = kind_known(left), kind_known(right)
    if None in kinds or "Null" in kinds or "list" in kinds or kinds[0] == kinds[1]:
        return
    words = tuple(kind_said(kind) for kind in kinds if kind)
    yield Check(code, Sentence(CHECKS[code], words), node.position)


def _computed(node: Arithmetic) -> Iterator[Check]:
    kinds = kind_known(node.left), kind_known(node.right)
    wrong = [kind for kind in kinds if kind in _SCALARS]
    alike = kinds[0] == kinds[1] and (kinds[0] == "number" or (kinds[0] == "string" and node.operator == "+"))
    if len(wrong) == 2 and not alike:
        words = (node.operator, *(kind_said(kind) for kind in wrong))
        yield Check("never_computable", Sentence(CHECKS["never_computable"], words), node.position)


def kind_known(node: Node) -> str | None:
    """The kind of value that a part certainly has when it has one, or None."""
    match node:
        case Literal():
            return kind_of(node.value)
        case AtLiteral():
            return kind_of(read_temporal(node.text))
        case ListLiteral():
            return "list"
        case ContextLiteral():
            return "context"
        case Comparison() | Logic() | Between() | In() | InstanceOf() | Quantified() | Tests():
            return "boolean"
        case Negation():
            return kind_known(node.operand)
        case Arithmetic():
            kind = kind_known(node.left)
            return kind if kind == kind_known(node.right) and kind in ("number", "string") else None
        case Call(function=Name(name=name)):
            return _ANSWERS.get(name)
        case _:
            return None


def _reads_clock(node: Node) -> bool:
    if isinstance(node, Name) and node.name in _CLOCK:
        return True
    return any(_reads_clock(child) for child in children_of(node))
