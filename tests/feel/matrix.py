"""The attacks at every place where a modeller can write, each in a process of its own. Run by `test_matrix`.

Time is told in milliseconds and as a ratio to a loop of
plain Python that takes about 25 ms on an idle machine of 2026, so that a busy machine does not judge the attack.
"""

import os
import resource
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from engine.dmn import read_decisions
from engine.errors import EngineError
from engine.feel import compile_expression, compile_unary_tests
from engine.feel.checks import checks_of, constant_answer
from engine.feel.trace import steps_of
from tests.engine.bpmn.runs import Run
from tests.feel.attacks import ATTACKS
from tests.feel.test_attacks import ANSWERS, PLACES, a_cell

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# 250 ms of an idle machine, and 50 MB.
MOST_TIME, MOST_KILOBYTES = 10.0, 50_000


class Cost(NamedTuple):
    """What one attack took: milliseconds of processor time, the same as a ratio to the loop, and kilobytes."""

    place: str
    attack: str
    milliseconds: float
    ratio: float
    kilobytes: int
    ended: str


def evaluated(text: str) -> None:
    compile_expression(text).evaluate(ANSWERS, NOW)


def looked_at(text: str) -> None:
    """What the deploy gate and the panel “Try it” do."""
    expression = compile_expression(text)
    checks_of(expression)
    constant_answer(expression)
    expression.explain(ANSWERS, NOW)


def taken_apart(text: str) -> None:
    steps_of(compile_expression(text), ANSWERS, NOW)


def tested(text: str) -> None:
    compile_unary_tests(text).evaluate({**ANSWERS, "?": 1}, NOW)


def decided(text: str) -> None:
    read_decisions(a_cell(text)).evaluate("x", ANSWERS, NOW)


def judged(text: str) -> None:
    read_decisions(a_cell(text)).findings()


def drawn(place: str) -> Callable[[str], None]:
    def run(text: str) -> None:
        Run(PLACES[place](text.replace("\x00", "")), **ANSWERS).start()

    return run


EVERYWHERE: dict[str, Callable[[str], None]] = {
    "expression": evaluated,
    "gate and panel": looked_at,
    "explanation": taken_apart,
    "unary tests": tested,
    "table cells": decided,
    "table judged": judged,
    **{place: drawn(place) for place in PLACES},
}


def loop() -> float:
    """The milliseconds of the loop that time is compared with."""
    started = time.process_time()
    total = 0
    for number in range(300_000):
        total += number * number & 7
    return (time.process_time() - started) * 1e3


def cost(place: str, text: str) -> Cost:
    """One attack in a child process; a child that dies has no cost to tell, and that is an end of its own."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(inlet)
        os.write(outlet, _spent(place, text).encode())
        os._exit(0)
    os.close(outlet)
    with os.fdopen(inlet) as answer:
        said = answer.read()
    _, status = os.waitpid(child, 0)
    if status or not said:
        return Cost(place, text, 0.0, 0.0, 0, f"died: {status}")
    milliseconds, ratio, kilobytes, ended = said.split(" ", 3)
    return Cost(place, text, float(milliseconds), float(ratio), int(kilobytes), ended)


def _spent(place: str, text: str) -> str:
    before = loop()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started, ended = time.process_time(), "answered"
    try:
        EVERYWHERE[place](text)
    except EngineError:
        ended = "refused"
    except BaseException as other:
        ended = f"failed: {type(other).__name__}"
    spent = (time.process_time() - started) * 1e3
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
    return f"{spent:.1f} {spent / max(before, loop()):.2f} {grown} {ended}"


def costs(places: Iterable[str] = tuple(EVERYWHERE)) -> list[Cost]:
    """Every attack at these places. One that seems too slow is run twice more: the quickest counts."""
    for text in ATTACKS[:3]:
        # What is read once for the whole process is no attack's memory.
        for place in EVERYWHERE:
            _spent(place, "1 + 1" if place != "table judged" else text[:3])
    return [_fairly(place, text) for place in places for text in ATTACKS]


def _fairly(place: str, text: str) -> Cost:
    found = cost(place, text)
    tries = [found, cost(place, text), cost(place, text)] if found.ratio > MOST_TIME else [found]
    return min(tries, key=lambda each: each.ratio)


def faults(found: Iterable[Cost]) -> list[Cost]:
    """The attacks that took more than they may, or ended in an exception of another kind."""
    return [
        each
        for each in found
        if each.ratio > MOST_TIME or each.kilobytes > MOST_KILOBYTES or each.ended.startswith(("died", "failed"))
    ]


def summary(found: Iterable[Cost]) -> str:
    """The worst of each place, a line each."""
    by_place: dict[str, list[Cost]] = {}
    for each in found:
        by_place.setdefault(each.place, []).append(each)
    lines = [f"{'place':<18}{'attacks':>8}{'worst ms':>10}{'÷ loop':>8}{'worst kB':>10}"]
    for place, own in by_place.items():
        slowest, biggest = max(own, key=lambda each: each.ratio), max(own, key=lambda each: each.kilobytes)
        lines.append(
            f"{place:<18}{len(own):>8}{slowest.milliseconds:>10.0f}{slowest.ratio:>8.1f}{biggest.kilobytes:>10}"
        )
    return "\n".join(lines)
