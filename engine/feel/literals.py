"""Literals: numbers, and tests in brackets that stand for ranges, as values and nodes of the tree."""

from engine.feel import limits
from engine.feel.syntax import Node, RangeLiteral, Test
from engine.feel.values import DECIMAL128, Number, rounded


def range_of_test(test: Test) -> Node:
    """`(< 5)` as a range (DMN 1.5, 10.3.2.7); `(= 5)` and `(!= 5)` stay tests."""
    match test.operator:
        case "<" | "<=":
            return RangeLiteral(None, False, test.operand, test.operator == "<=", compared=True, position=test.position)
        case ">" | ">=":
            return RangeLiteral(test.operand, test.operator == ">=", None, False, compared=True, position=test.position)
        case "=":
            return RangeLiteral(test.operand, True, test.operand, True, compared=True, position=test.position)
        case _:
            return test


def read_number(text: str) -> Number | None:
    """The number that a literal writes, to 34 digits; null where decimal128 cannot hold it."""
    if text.isdigit() and len(text) <= limits.DIGITS:
        return int(text)
    return rounded(DECIMAL128.create_decimal(text))
