"""Range functions: Allen's relations between points and ranges, and `range(from)` (DMN 1.5, 10.3.4.6, 10.3.4.1)."""

from collections.abc import Callable
from typing import Any

from engine.feel.builtins.signature import builtin
from engine.feel.names import NameBook
from engine.feel.operators import compare, contains, equal
from engine.feel.parser import parse_expression
from engine.feel.problems import FeelSyntaxError, Run
from engine.feel.syntax import AtLiteral, Call, Literal, Name, Negation, Node, RangeLiteral
from engine.feel.temporal import read_date, read_date_time, read_duration, read_temporal, read_time
from engine.feel.values import Range

Relation = Callable[[Range, Range], bool | None]


class _Incomparable(Exception):
    """The values have no order."""


def _below(left: Any, right: Any) -> bool:
    answer = compare("<", left, right)
    if answer is None:
        raise _Incomparable
    return answer


def _same(left: Any, right: Any) -> bool:
    if compare("<", left, right) is None:
        raise _Incomparable
    return equal(left, right) is True


def _as_range(value: Any) -> Range:
    return value if isinstance(value, Range) else Range(value, True, value, True)


def _answer(relation: Relation, left: Any, right: Any) -> bool | None:
    try:
        return relation(_as_range(left), _as_range(right))
    except _Incomparable:
        return None


def _starts_earlier(a: Range, b: Range) -> bool:
    return _below(a.start, b.start) or (_same(a.start, b.start) and a.start_included and not b.start_included)


def _starts_no_later(a: Range, b: Range) -> bool:
    return _below(a.start, b.start) or (_same(a.start, b.start) and (a.start_included or not b.start_included))


def _ends_no_later(a: Range, b: Range) -> bool:
    return _below(a.end, b.end) or (_same(a.end, b.end) and (b.end_included or not a.end_included))


def _reaches(a: Range, b: Range) -> bool:
    return _below(b.start, a.end) or (_same(a.end, b.start) and a.end_included and b.start_included)


def _before(a: Range, b: Range) -> bool:
    return _below(a.end, b.start) or (_same(a.end, b.start) and not (a.end_included and b.start_included))


def _meets(a: Range, b: Range) -> bool:
    return a.end_included and b.start_included and _same(a.end, b.start)


def _overlaps(a: Range, b: Range) -> bool:
    return _reaches(a, b) and _reaches(b, a)


def _overlaps_before(a: Range, b: Range) -> bool:
    return _starts_earlier(a, b) and _reaches(a, b) and _ends_no_later(a, b)


def _includes(a: Range, b: Range) -> bool:
    return _starts_no_later(a, b) and _ends_no_later(b, a)


def _finishes(a: Range, b: Range) -> bool:
    return _same(a.end, b.end) and a.end_included == b.end_included and _starts_no_later(b, a)


def _starts(a: Range, b: Range) -> bool:
    return _same(a.start, b.start) and a.start_included == b.start_included and _ends_no_later(a, b)


def _coincides(a: Range, b: Range) -> bool:
    same_ends = _same(a.start, b.start) and _same(a.end, b.end)
    return same_ends and (a.start_included, a.end_included) == (b.start_included, b.end_included)


_POINTS = "number|string|date|time|date and time|days and time duration|years and months duration"


def _declare(name: str, relation: Relation, first: str, second: str) -> None:
    names = {"point": _POINTS, "range": "range"}
    suffixes = ("1", "2") if first == second else ("", "")
    signature = f"{first}{suffixes[0]}: {names[first]}, {second}{suffixes[1]}: {names[second]}"

    def related(_: Run, left: Any, right: Any) -> bool | None:
        return _answer(relation, left, right)

    builtin(name, signature)(related)


def _declare_pair(name: str, contrary: str, relation: Relation, *kinds: tuple[str, str]) -> None:
    for first, second in kinds:
        _declare(name, relation, first, second)
        _declare(contrary, lambda a, b: relation(b, a), second, first)


_BOTH = ("range", "range")
_declare_pair("before", "after", _before, ("point", "point"), ("point", "range"), ("range", "point"), _BOTH)
_declare_pair("meets", "met by", _meets, _BOTH)
_declare_pair("overlaps before", "overlaps after", _overlaps_before, _BOTH)
_declare_pair("finishes", "finished by", _finishes, ("point", "range"), _BOTH)
_declare_pair("includes", "during", _includes, ("range", "point"), _BOTH)
_declare_pair("starts", "started by", _starts, ("point", "range"), _BOTH)
_declare("overlaps", _overlaps, "range", "range")
_declare("coincides", _coincides, "point", "point")
_declare("coincides", _coincides, "range", "range")
_READERS: dict[str, Callable[[str], Any]] = {
    "date": read_date,
    "time": read_time,
    "date and time": read_date_time,
    "duration": read_duration,
}


@builtin("range", "from: string")
def range_from(_: Run, text: str) -> Range | None:
    """`range(from)`: the range that a text such as `[18..21)` writes; its ends are literals."""
    try:
        node = parse_expression(text, NameBook(["date and time"]), {})
    except FeelSyntaxError:
        return None
    if not isinstance(node, RangeLiteral):
        return None
    start, end = _constant(node.start), _constant(node.end)
    if (node.start is not None and start is None and not _is_null(node.start)) or (start is None and end is None):
        return None
    if start is not None and end is not None and compare("<=", start, end) is not True:
        return None
    ends = (start, node.start_included and start is not None, end, node.end_included and end is not None)
    return Range(*ends, compared=node.start is None or node.end is None)


def _is_null(node: Node) -> bool:
    return isinstance(node, Literal) and node.value is None


def _constant(node: Node | None) -> Any:
    match node:
        case Literal():
            return node.value
        case AtLiteral():
            return read_temporal(node.text)
        case Negation(operand=Literal(value=value)):
            return -value
        case Call(function=Name(name=name), arguments=(Literal(value=str(text)),)) if name in _READERS:
            return _READERS[name](text)
        case _:
            return None


__all__ = ["contains", "range_from"]
