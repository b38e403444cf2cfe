"""Parser: tokens to the tree of an expression or of unary tests (DMN 1.5, 10.3.1.2). Binary operators by precedence
climbing.

Names of several words are recognised with the `NameBook`: those the caller knows, and those the text itself introduces.
"""

from collections.abc import Callable, Mapping

from engine.feel import limits
from engine.feel.lexer import Token
from engine.feel.literals import range_of_test, read_number
from engine.feel.names import NameBook
from engine.feel.problems import FeelSyntaxError
from engine.feel.sentences import expecting
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
from engine.feel.token_reader import TokenReader
from engine.feel.type_parser import parse_type
from engine.feel.types import ANY, Type

_COMPARISONS = frozenset({"=", "!=", "<", "<=", ">", ">="})
_BINDING = {
    "or": 1,
    "and": 2,
    **dict.fromkeys([*_COMPARISONS, "between", "in"], 3),
    "+": 4,
    "-": 4,
    "*": 5,
    "/": 5,
    "**": 6,
    "instance": 7,
}
_ARITHMETIC = 4
_UNARY = 7
_CONSTANTS = {"true": True, "false": False, "null": None}
_KEYWORDS = frozenset(
    ["for", "return", "if", "then", "else", "some", "every", "satisfies", "in", "and", "or", "between", "function"]
).union(["instance"])
# Words of several tokens that the language itself needs.
LANGUAGE_NAMES = (
    "start included",
    "end included",
    "time offset",
)


def parse_expression(text: str, names: NameBook, types: Mapping[str, Type]) -> Node:
    """The tree of a whole expression. Raises `FeelSyntaxError`."""
    parser = Parser(text, names, types)
    node = parser.expression()
    parser.expect_end()
    return node


def parse_unary_tests(text: str, names: NameBook, types: Mapping[str, Type]) -> Tests:
    """The tree of the tests in a cell of a decision table. Raises `FeelSyntaxError`."""
    parser = Parser(text, names, types)
    node = parser.unary_tests()
    parser.expect_end()
    return node


class Parser(TokenReader):
    """Reads one text from left to right. Each method reads one construct and leaves the next token current."""

    def __init__(self, text: str, names: NameBook, types: Mapping[str, Type]) -> None:
        super().__init__(text, names, types)
        self._nesting = 0

    def expression(self, binding: int = 0) -> Node:
        """An expression whose operators bind tighter than `binding`."""
        self._nesting += 1
        if self._nesting > limits.NESTING:
            raise self.error(expecting("nesting", limits.NESTING))
        node = self._operated(self._operand(), binding)
        self._nesting -= 1
        return node

    def _operated(self, operand: Node, binding: int) -> Node:
        """An operand just read, with the paths, filters, calls and operators that follow it."""
        node = self._postfix(operand)
        while True:
            operator = self.token.text if self.token.kind in ("symbol", "name") else ""
            strength = _BINDING.get(operator, 0)
            if strength <= binding:
                return node
            node = self._binary(node, operator, strength)

    def _binary(self, left: Node, operator: str, strength: int) -> Node:
        position = left.position
        self.index += 1
        if operator in _COMPARISONS:
            return Comparison(operator, left, self.expression(strength), position=position)
        match operator:
            case "and" | "or":
                return self._logic(left, operator, strength)
            case "between":
                low = self.expression(strength)
                self.expect("and")
                return Between(left, low, self.expression(strength), position=position)
            case "in":
                return In(left, self._in_tests(), position=position)
            case "instance":
                self.expect("of")
                return InstanceOf(left, parse_type(self), position=position)
            case _:
                return Arithmetic(operator, left, self.expression(strength), position=position)

    def _logic(self, left: Node, operator: str, strength: int) -> Node:
        operands = [left, self.expression(strength)]
        while self.accept(operator):
            operands.append(self.expression(strength))
        return Logic(operator, tuple(operands), position=left.position)

    def _operand(self) -> Node:
        token = self.token
        match token.kind:
            case "number":
                self.index += 1
                return Literal(read_number(token.text), position=token.start)
            case "string":
                self.index += 1
                return Literal(token.text, position=token.start)
            case "symbol" if token.text in _SYMBOL_OPERANDS:
                self.index += 1
                return _SYMBOL_OPERANDS[token.text](self, token.start)
            case "name":
                return self._word(token)
            case _:
                raise self.error(expecting("value"))

    def _word(self, token: Token) -> Node:
        known = self.names.longest_at(self.tokens, self.index)
        if known is not None:
            self.index += known[1]
            return Name(known[0], position=token.start)
        if token.text in _WORD_OPERANDS and not (token.text == "function" and self.tokens[self.index + 1].text != "("):
            self.index += 1
            return _WORD_OPERANDS[token.text](self, token.start)
        if token.text in _KEYWORDS:
            raise self.error(expecting("value"))
        self.index += 1
        if token.text in _CONSTANTS:
            return Literal(_CONSTANTS[token.text], position=token.start)
        return Name(token.text, position=token.start)

    def _postfix(self, node: Node) -> Node:
        while self.token.kind == "symbol":
            position = self.token.start
            if self.at("."):
                self.index += 1
                node = Path(node, self.entry_name(), position=position)
            elif self.at("(") and not isinstance(node, (Literal, RangeLiteral)):
                self.index += 1
                node = self._call(node)
            elif self.at("[") and self.filter_follows():
                self.index += 1
                node = Filter(node, self.expression(), position=position)
                self.expect("]")
            else:
                break
        return node

    def _call(self, function: Node) -> Node:
        names: list[str] = []
        arguments: list[Node] = []
        while not self.at(")"):
            name = self.name_before_colon()
            if (name is None and names) or (name is not None and len(names) != len(arguments)):
                raise self.error(expecting("all_named"))
            if name is not None:
                names.append(name)
            arguments.append(self.expression())
            if not self.accept(","):
                break
        self.expect(")")
        return Call(function, tuple(arguments), tuple(names), position=function.position)

    def _negative(self, position: int) -> Node:
        operand = self.expression(_UNARY - 1)
        return Negation(operand, position=position)

    def _at_literal(self, position: int) -> Node:
        if self.token.kind != "string":
            raise self.error(expecting("temporal"))
        self.index += 1
        return AtLiteral(self.tokens[self.index - 1].text, position=position)

    def _round_bracket(self, position: int) -> Node:
        if self.at(*_COMPARISONS):
            test = self._test()
            self.expect(")")
            assert isinstance(test, Test)
            return range_of_test(test)
        first = self.expression()
        if self.accept(".."):
            return self._range_end(first, start_included=False, position=position)
        self.expect(")")
        return first

    def _square_bracket(self, position: int) -> Node:
        items: list[Node] = []
        while not self.at("]"):
            items.append(self._item())
            if len(items) == 1 and self.accept(".."):
                return self._range_end(items[0], start_included=True, position=position)
            if not self.accept(","):
                break
        self.expect("]")
        return ListLiteral(tuple(items), position=position)

    def _item(self) -> Node:
        if not self.at(*_COMPARISONS):
            return self.expression()
        test = self._test()
        assert isinstance(test, Test)
        return range_of_test(test)

    def _open_range(self, position: int) -> Node:
        start = self.expression()
        self.expect("..")
        return self._range_end(start, start_included=False, position=position)

    def _range_end(self, start: Node, *, start_included: bool, position: int) -> Node:
        end = self.expression()
        included = self.at("]")
        self.expect("]", ")", "[")
        return RangeLiteral(start, start_included, end, included, position=position)

    def _context(self, position: int) -> Node:
        entries: list[tuple[str, Node]] = []
        while not self.at("}"):
            if self.token.kind == "string":
                self.index += 1
                key = self.tokens[self.index - 1].text
            else:
                key = self.name_until(":")
            self.expect(":")
            self.names.learn(key)
            entries.append((key, self.expression()))
            if not self.accept(","):
                break
        self.expect("}")
        return ContextLiteral(tuple(entries), position=position)

    def _if(self, position: int) -> Node:
        condition = self.expression()
        self.expect("then")
        then = self.expression()
        self.expect("else")
        return If(condition, then, self.expression(), position=position)

    def _iterators(self) -> tuple[Iterator, ...]:
        iterators = [self._iterator()]
        while self.accept(","):
            iterators.append(self._iterator())
        return tuple(iterators)

    def _iterator(self) -> Iterator:
        position = self.token.start
        name = self.name_until("in")
        self.expect("in")
        source = self.expression()
        end = self.expression() if self.accept("..") else None
        return Iterator(name, source, end, position=position)

    def _for(self, position: int) -> Node:
        iterators = self._iterators()
        self.expect("return")
        return For(iterators, self.expression(), position=position)

    def _some(self, position: int) -> Node:
        return self._quantified(position, every=False)

    def _every(self, position: int) -> Node:
        return self._quantified(position, every=True)

    def _quantified(self, position: int, *, every: bool) -> Node:
        iterators = self._iterators()
        self.expect("satisfies")
        return Quantified(every, iterators, self.expression(), position=position)

    def _function(self, position: int) -> Node:
        self.expect("(")
        parameters: list[Parameter] = []
        while not self.at(")"):
            start = self.token.start
            name = self.name_until(":", ",", ")")
            parameters.append(Parameter(name, parse_type(self) if self.accept(":") else ANY, position=start))
            if not self.accept(","):
                break
        self.expect(")")
        external = self.accept("external")
        return FunctionDefinition(tuple(parameters), self.expression(), external, position=position)

    def unary_tests(self) -> Tests:
        """`-`, tests apart by commas, or `not(tests)`."""
        if self.at("-") and self.tokens[self.index + 1].kind == "end":
            self.index += 1
            return Tests(())
        if self.at("not") and self.tokens[self.index + 1].text == "(":
            return self._negated_tests()
        return Tests(self._tests())

    def _negated_tests(self) -> Tests:
        """`not(tests)`, unless more follows the bracket: then it is a call of the function `not`."""
        start, nesting, refused = self.index, self._nesting, None
        self.index += 2
        try:
            tests = self._tests()
            if self.accept(")") and self.token.kind == "end":
                return Tests(tests, negated=True)
        except FeelSyntaxError as error:
            refused = error
        self.index, self._nesting = start, nesting
        try:
            return Tests(self._tests())
        except FeelSyntaxError as error:
            raise refused if refused is not None and refused.position >= error.position else error from None

    def _tests(self) -> tuple[Node, ...]:
        tests = [self._test()]
        while self.accept(","):
            tests.append(self._test())
        return tuple(tests)

    def _test(self) -> Node:
        token = self.token
        if self.accept(*_COMPARISONS):
            return Test(token.text, self.expression(_ARITHMETIC - 1), position=token.start)
        return self.expression()

    def _in_tests(self) -> Tests:
        position = self.token.start
        if self.at(*_COMPARISONS):
            return Tests((self._test(),), position=position)
        if not self.accept("("):
            return Tests((self.expression(_ARITHMETIC - 1),), position=position)
        first = self._test()
        if self.accept(".."):
            first = self._range_end(first, start_included=False, position=position)
            return Tests((self._operated(first, _ARITHMETIC - 1),), position=position)
        tests = (first, *self._tests()) if self.accept(",") else (first,)
        self.expect(")")
        if len(tests) == 1 and not isinstance(first, Test) and self.continues():
            return Tests((self._operated(first, _ARITHMETIC - 1),), position=position)
        return Tests(tests, position=position)


_Reader = Callable[[Parser, int], Node]
_SYMBOL_OPERANDS: dict[str, _Reader] = {
    "-": Parser._negative,  # pyright: ignore[reportPrivateUsage]
    "@": Parser._at_literal,  # pyright: ignore[reportPrivateUsage]
    "(": Parser._round_bracket,  # pyright: ignore[reportPrivateUsage]
    "[": Parser._square_bracket,  # pyright: ignore[reportPrivateUsage]
    "]": Parser._open_range,  # pyright: ignore[reportPrivateUsage]
    "{": Parser._context,  # pyright: ignore[reportPrivateUsage]
}
_WORD_OPERANDS: dict[str, _Reader] = {
    "if": Parser._if,  # pyright: ignore[reportPrivateUsage]
    "for": Parser._for,  # pyright: ignore[reportPrivateUsage]
    "some": Parser._some,  # pyright: ignore[reportPrivateUsage]
    "every": Parser._every,  # pyright: ignore[reportPrivateUsage]
    "function": Parser._function,  # pyright: ignore[reportPrivateUsage]
}
