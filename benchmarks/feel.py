"""FEEL: what an expression costs, against a plain Python closure doing the same, and compiling against
Python's `compile`.

Targets: comparison at most 3 times, filter over 10 items at most 5 times, compilation at most 20 times.
"""

import time
import timeit
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.dmn import read_decisions
from engine.feel.expression import Expression, compile_expression
from engine.feel.names import NameBook
from engine.feel.parser import parse_expression

_NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
_VARIABLES: dict[str, Any] = {
    "amount": 120,
    "status": "open",
    "name": "Ada",
    "items": [{"price": price, "label": f"n{price}"} for price in range(10)],
    "case": {"applicant": {"name": "Ada", "age": 36}},
    "scores": [12, 7, 15, 3],
}
Closure = Callable[[dict[str, Any], datetime], Any]
_CASES: list[tuple[str, str, Closure, float | None]] = [
    ("comparison", "amount > 100", lambda v, _: v["amount"] > 100, 3),
    ("equality of text", 'status = "open"', lambda v, _: v["status"] == "open", 3),
    ("path", 'case.applicant.name = "Ada"', lambda v, _: v["case"]["applicant"]["name"] == "Ada", None),
    (
        "logic",
        'amount > 100 and status = "open" or name = "Bob"',
        lambda v, _: (v["amount"] > 100 and v["status"] == "open") or v["name"] == "Bob",
        None,
    ),
    ("arithmetic", "amount * 2 + 10", lambda v, _: v["amount"] * 2 + 10, None),
    ("if", 'if amount > 100 then "high" else "low"', lambda v, _: "high" if v["amount"] > 100 else "low", None),
    ("filter of 10", "items[price > 4]", lambda v, _: [item for item in v["items"] if item["price"] > 4], 5),
    ("for over 10", "for x in items return x.price * 2", lambda v, _: [x["price"] * 2 for x in v["items"]], None),
    ("function", "sum(scores)", lambda v, _: sum(v["scores"]), None),
    ("date", 'now() + duration("P3D")', lambda _, now: now + timedelta(days=3), None),
]


def _side_by_side(
    ours: Callable[..., Any], plain: Callable[..., Any], number: int, call: str = "f(v, n)"
) -> tuple[float, float]:
    """The best times of both in µs of processor time, taken in turns so that a busy machine slows both."""
    given = {"v": _VARIABLES, "n": _NOW}
    best = [float("inf"), float("inf")]
    for _ in range(80):
        for place, measured in enumerate((ours, plain)):
            spent = timeit.timeit(call, globals={"f": measured, **given}, number=number, timer=time.process_time)
            best[place] = min(best[place], spent / number * 1e6)
    return best[0], best[1]


def main() -> None:
    """Prints one line for each expression, then the table."""
    print(f"{'expression':<18}{'µs':>8}{'closure':>9}{'ratio':>7}{'target':>8}{'compile µs':>12}{'÷ compile()':>12}")
    for title, text, closure, target in _CASES:
        _line(title, text, closure, target)
    _table()


def _line(title: str, text: str, closure: Closure, target: float | None) -> None:
    ours, plain = _side_by_side(compile_expression(text).evaluate, closure, 1_000)
    python = _python_like(text)
    compiling, known = _side_by_side(
        lambda: Expression(text, parse_expression(text, NameBook(), {})), lambda: compile(python, "", "eval"), 50, "f()"
    )
    wanted = f"≤ {target:g}" if target else ""
    print(
        f"{title:<18}{ours:>8.2f}{plain:>9.2f}{ours / plain:>7.1f}{wanted:>8}"
        f"{compiling:>12.0f}{compiling / known:>12.1f}"
    )


def _python_like(text: str) -> str:
    """Python of the same shape, for the cost of compiling."""
    if text.startswith("if "):
        return '"high" if amount > 100 else "low"'
    if text.startswith("for "):
        return "[x.price * 2 for x in items]"
    if text.startswith("items["):
        return "[item for item in items if item.price > 4]"
    return text.replace(" = ", " == ")


def _table() -> None:
    rules = "".join(
        f'<rule id="r{row}"><inputEntry id="i{row}"><text>[{row * 10}..{row * 10 + 10}[</text></inputEntry>'
        f'<outputEntry id="o{row}"><text>{row}</text></outputEntry></rule>'
        for row in range(20)
    )
    xml = (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="grade" name="grade"><decisionTable id="t"><input id="i"><inputExpression id="e">'
        f'<text>amount</text></inputExpression></input><output id="o" name="grade"/>{rules}'
        "</decisionTable></decision></definitions>"
    ).encode()
    decisions = read_decisions(xml)
    bounds = [(row * 10, row * 10 + 10, row) for row in range(20)]

    def plain(variables: dict[str, Any], _: datetime) -> list[int]:
        return [row for low, high, row in bounds if low <= variables["amount"] < high]

    ours, bound = _side_by_side(lambda v, n: decisions.evaluate("grade", v, n), plain, 200)
    reading, _ = _side_by_side(lambda: read_decisions(xml), lambda: None, 1, "f()")
    print(f"{'table of 20 rules':<18}{ours:>8.2f}{bound:>9.2f}{ours / bound:>7.1f}{'':>8}{reading:>12.0f}")
