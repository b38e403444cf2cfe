"""The attack list at every place where a modeller can write: nothing reaches the host, nothing exceeds its limits."""

import time
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

import pytest

from engine.dmn import read_decisions
from engine.errors import EngineError
from engine.feel import compile_expression
from engine.feel.checks import checks_of, constant_answer
from tests.engine.bpmn import diagrams as drawn
from tests.engine.bpmn.runs import Run
from tests.feel.attacks import ATTACKS, REACHING

# One nested `not(` in a table cell takes minutes and gigabytes: too dear for every run until that is mended.
pytestmark = pytest.mark.proof

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SECONDS = 1.5  # 250 ms on an idle machine; processor time, as tests share theirs
ANSWERS = {"answers": {"name": "Ada", "list": [1, 2, 3]}}


def mapped(kind: str, text: str) -> str:
    return f"<ioMapping><{kind} source={quoteattr('=' + text)} target='x'/></ioMapping>"


def alone(element: str) -> bytes:
    """A process of one element."""
    return drawn.diagram([drawn.start(), element, drawn.end()], "S > A > E")


def a_choice(text: str) -> bytes:
    elements = [drawn.start(), drawn.gateway("exclusive", "G", default="G_E"), drawn.mark("A"), drawn.end()]
    return drawn.diagram(elements, "S > G > E", f"G > A : ={text}", "A > E")


def a_message(text: str) -> bytes:
    waiting = alone(drawn.catch("A", drawn.message()))
    return waiting.replace(b'correlationKey="=key"', f"correlationKey={quoteattr('=' + text)}".encode())


# At the places of a diagram, one attack in nine, a different ninth for each place.
PLACES: dict[str, Callable[[str], bytes]] = {
    "condition": a_choice,
    "connector input": lambda text: alone(drawn.job("A", zeebe=mapped("input", text))),
    "output mapping": lambda text: alone(drawn.element("task", "A", zeebe=mapped("output", text))),
    "script": lambda text: alone(drawn.script("A", text, "x")),
    "timer": lambda text: alone(drawn.catch("A", drawn.after("=" + text))),
    "due date": lambda text: alone(drawn.user("A", zeebe=f"<taskSchedule dueDate={quoteattr('=' + text)}/>")),
    "assignment": lambda text: alone(
        drawn.user("A", zeebe=f"<assignmentDefinition candidateGroups={quoteattr('=' + text)}/>")
    ),
    "multi-instance": lambda text: alone(drawn.mark("A", drawn.each_of("=" + text, "item"))),
    "correlation": a_message,
}


def a_cell(text: str) -> bytes:
    """A decision table with the attack in an input cell, an input column and an output cell."""
    return (
        '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d" namespace="n">'
        '<decision id="x" name="x"><decisionTable id="t"><input id="i"><inputExpression id="e">'
        f"<text>{escape(text)}</text></inputExpression></input><output id='o' name='x'/>"
        f"<rule id='r'><inputEntry><text>{escape(text)}</text></inputEntry>"
        f"<outputEntry><text>{escape(text)}</text></outputEntry></rule></decisionTable></decision></definitions>"
    ).encode("utf-8", "replace")


def spent(work: Callable[[], object]) -> float:
    """Processor seconds of the work; an error of ours is a good end."""
    started = time.process_time()
    try:
        work()
    except EngineError:
        pass
    return time.process_time() - started


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_in_an_expression_is_bounded_even_for_those_who_only_look_at_it(text: str) -> None:
    def work() -> None:
        expression = compile_expression(text)
        checks_of(expression)
        constant_answer(expression)
        expression.explain(ANSWERS, NOW)

    assert spent(work) < 2 * SECONDS


@pytest.mark.parametrize("text", ATTACKS, ids=range(len(ATTACKS)))
def test_an_attack_in_a_decision_table_is_bounded(text: str) -> None:
    def work() -> None:
        decisions = read_decisions(a_cell(text))
        decisions.findings()
        decisions.evaluate("x", ANSWERS, NOW)

    assert spent(work) < 3 * SECONDS


@pytest.mark.parametrize("place", PLACES)
def test_an_attack_in_a_diagram_is_bounded_and_other_cases_go_on(place: str) -> None:
    first = list(PLACES).index(place)

    times = {
        text: spent(lambda text=text: Run(PLACES[place](text.replace("\x00", "")), **ANSWERS).start())
        for text in ATTACKS[first::9]
    }

    assert {text[:60]: seconds for text, seconds in times.items() if seconds > SECONDS} == {}


@pytest.mark.parametrize("text", REACHING, ids=range(len(REACHING)))
def test_no_attack_gets_hold_of_something_that_is_not_a_value(text: str) -> None:
    try:
        value = compile_expression(text).evaluate(ANSWERS, NOW)
    except EngineError:
        return

    assert type(value).__module__ in ("builtins", "decimal", "datetime", "engine.feel.values")
    assert "object at 0x" not in repr(value) or type(value).__name__ == "Function"
    assert "root:" not in repr(value)


@pytest.mark.parametrize("text", ATTACKS[:: len(ATTACKS) // 16], ids=range(len(ATTACKS[:: len(ATTACKS) // 16])))
def test_an_attack_takes_less_than_50_megabytes(text: str) -> None:
    tracemalloc.start()

    spent(lambda: compile_expression(text).explain(ANSWERS, NOW))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 50_000_000
