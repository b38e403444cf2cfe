"""Printer: the tree of an expression as text again, with the brackets it needs and no others. The parser reads the same
tree from it; the trace names parts of an expression with it.
"""

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
    Parameter,
    Path,
    Quantified,
    RangeLiteral,
    Test,
    Tests,
)
from engine.feel.types import ANY

# How tightly a construct binds, as in the parser; 0 takes all that follows it, 8 is never split.
_ARITHMETIC = {"+": 4, "-": 4, "*": 5, "/": 5, "**": 6}
_LOGIC = {"or": 1, "and": 2}
_COMPARISON, _NEGATION, _WHOLE = 3, 6, 8
_CONSTANTS: dict[Any, str] = {None: "null", True: "true", False: "false"}
_PRIMARY = (Name, Path, Filter, Call, ListLiteral, ContextLiteral)


def printed(node: Node) -> str:
    """The text of a tree."""
    match node:
        case Literal():
            return _literal(node.value)
        case AtLiteral():
            return f"@{_quoted(node.text)}"
        case Name():
            return node.name
        case Path() | Filter() | Call():
            return _postfix(node)
        case ListLiteral():
            return f"[{_all(node.items)}]"
        case ContextLiteral():
            return "{" + ", ".join(f"{_key(name)}: {printed(value)}" for name, value in node.entries) + "}"
        case RangeLiteral():
            return _range(node)
        case Test():
            return f"{node.operator} {_tight(node.operand, _COMPARISON + 1)}"
        case Tests():
            return _tests(node)
        case Logic() | Comparison() | Between() | In() | InstanceOf() | Arithmetic() | Negation():
            return _operation(node)
        case _:
            return _control(node)


def _operation(node: Node) -> str:
    match node:
        case Logic():
            strength = _LOGIC[node.operator]
            return f" {node.operator} ".join(_tight(operand, strength + 1) for operand in node.operands)
        case Comparison():
            return f"{_tight(node.left, _COMPARISON)} {node.operator} {_tight(node.right, _COMPARISON + 1)}"
        case Arithmetic():
            strength = _ARITHMETIC[node.operator]
            return f"{_tight(node.left, strength)} {node.operator} {_tight(node.right, strength + 1)}"
        case Between():
            low, high = (_tight(end, _COMPARISON + 1) for end in (node.low, node.high))
            return f"{_tight(node.value, _COMPARISON)} between {low} and {high}"
        case In():
            return f"{_tight(node.value, _COMPARISON)} in ({_all(node.tests.tests)})"
        case InstanceOf():
            return f"{_tight(node.value, _WHOLE)} instance of {node.type}"
        case Negation():
            return f"-{_tight(node.operand, _NEGATION + 1)}"
        case _:
            raise AssertionError(node)


def _control(node: Node) -> str:
    match node:
        case If():
            return f"if {printed(node.condition)} then {printed(node.then)} else {printed(node.otherwise)}"
        case For():
            return f"for {_iterators(node.iterators)} return {printed(node.body)}"
        case Quantified():
            word = "every" if node.every else "some"
            return f"{word} {_iterators(node.iterators)} satisfies {printed(node.body)}"
        case FunctionDefinition():
            parameters = ", ".join(map(_parameter, node.parameters))
            return f"function({parameters}) {'external ' * node.external}{printed(node.body)}"
        case _:
            raise AssertionError(node)


def _binding(node: Node) -> int:
    match node:
        case Logic():
            return _LOGIC[node.operator]
        case Comparison() | Between() | In():
            return _COMPARISON
        case Arithmetic():
            return _ARITHMETIC[node.operator]
        case Negation():
            return _NEGATION
        # After `instance of number`, a `<` would begin the parameters of a type.
        case If() | For() | Quantified() | FunctionDefinition() | InstanceOf() | Test() | Tests():
            return 0
        case _:
            return _WHOLE


def _tight(node: Node, strength: int) -> str:
    """The text of an operand, in brackets unless it binds as tightly as its place asks."""
    return printed(node) if _binding(node) >= strength else f"({printed(node)})"


def _postfix(node: Path | Filter | Call) -> str:
    source = node.function if isinstance(node, Call) else node.source
    text = printed(source) if isinstance(source, _PRIMARY) else f"({printed(source)})"
    match node:
        case Path():
            return f"{text}.{node.name}"
        case Filter():
            return f"{text}[{printed(node.predicate)}]"
        case Call() if node.names:
            pairs = zip(node.names, node.arguments, strict=True)
            return f"{text}({', '.join(f'{name}: {printed(value)}' for name, value in pairs)})"
        case Call():
            return f"{text}({_all(node.arguments)})"


def _all(nodes: tuple[Node, ...]) -> str:
    return ", ".join(map(printed, nodes))


def _range(node: RangeLiteral) -> str:
    if node.compared and node.start is not None and node.end is not None:
        return f"(= {_tight(node.start, _COMPARISON + 1)})"
    if node.start is None and node.end is not None:
        return f"({'<=' if node.end_included else '<'} {_tight(node.end, _COMPARISON + 1)})"
    if node.end is None and node.start is not None:
        return f"({'>=' if node.start_included else '>'} {_tight(node.start, _COMPARISON + 1)})"
    start, end = (printed(part) if part is not None else "" for part in (node.start, node.end))
    return f"{'[' if node.start_included else '('}{start}..{end}{']' if node.end_included else ')'}"


def _tests(node: Tests) -> str:
    if not node.tests:
        return "-"
    if node.negated:
        return f"not({_all(node.tests)})"
    text = _all(node.tests)
    return f"({text})" if len(node.tests) == 1 and text.startswith("not(") else text


def _iterators(iterators: tuple[Iterator, ...]) -> str:
    return ", ".join(map(_iterator, iterators))


def _iterator(node: Iterator) -> str:
    end = f"..{_tight(node.end, 1)}" if node.end is not None else ""
    return f"{node.name} in {_tight(node.source, 1)}{end}"


def _parameter(node: Parameter) -> str:
    return node.name if node.type == ANY else f"{node.name}: {node.type}"


def _literal(value: Any) -> str:
    if isinstance(value, str):
        return _quoted(value)
    return _CONSTANTS[value] if value is None or isinstance(value, bool) else str(value)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\r", "\\r")
    return f'"{escaped}"'


def _key(name: str) -> str:
    return name if name.isidentifier() and name.isascii() else _quoted(name)
