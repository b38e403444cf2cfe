"""The attacks at every place where a modeller can write, and what each costs. Run by `test_matrix`.

The attacks of one place share a child process; one that dies, or that is killed for taking far too long, is named and
the next attacks get a child of their own. Time is told in milliseconds of processor time and as a ratio to a loop of
plain Python that takes about 25 ms on an idle machine of 2026, so that a busy machine does not judge the attack.
"""

import gc
import os
import resource
import signal
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import repeat
from typing import IO, NamedTuple

from engine.dmn import read_decisions
from engine.errors import EngineError
from engine.feel import compile_expression, compile_unary_tests
from engine.feel.checks import checks_of, constant_answer
from engine.feel.trace import steps_of
from engine.script import run_python
from tests.engine.bpmn.runs import Run
from tests.feel.attacks import ATTACKS, PYTHON
from tests.feel.places import ANSWERS, PLACES, a_python_script
from tests.feel.processor import Meter, loop
from tests.feel.tables import TABLES, a_table

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
# 250 ms of an idle machine, and 50 MB.
MOST_TIME, MOST_KILOBYTES = 10.0, 50_000
# Seconds of processor after which a child is killed in the middle of an attack.
KILLED_AFTER = 5


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


def explained(text: str) -> None:
    """What the panel “Try it” does first."""
    compile_expression(text).explain(ANSWERS, NOW)


def checked(text: str) -> None:
    """What the deploy gate does."""
    expression = compile_expression(text)
    checks_of(expression)
    constant_answer(expression)


def taken_apart(text: str) -> None:
    steps_of(compile_expression(text), ANSWERS, NOW)


def tested(text: str) -> None:
    compile_unary_tests(text).evaluate({**ANSWERS, "?": 1}, NOW)


def judged(text: str) -> None:
    read_decisions(a_table(text, text, text)).findings()


def decided(table: Callable[[str], bytes]) -> Callable[[str], None]:
    def run(text: str) -> None:
        read_decisions(table(text)).evaluate("x", ANSWERS, NOW)

    return run


def sandboxed(text: str) -> None:
    run_python(text, ANSWERS, NOW)


def drawn(diagram: Callable[[str], bytes]) -> Callable[[str], None]:
    def run(text: str) -> None:
        Run(diagram(text.replace("\x00", "")), **ANSWERS).start()

    return run


EVERYWHERE: dict[str, Callable[[str], None]] = {
    "expression": evaluated,
    "deploy gate": checked,
    "try it": explained,
    "try it, its parts": taken_apart,
    "unary tests": tested,
    "table, judged": judged,
    **{place: decided(table) for place, table in TABLES.items()},
    **{place: drawn(diagram) for place, diagram in PLACES.items()},
    "Python": sandboxed,
    "Python script": drawn(a_python_script),
}


def attacks_at(place: str) -> list[str]:
    """What is tried there: FEEL, or Python where scripts are read."""
    return PYTHON if place.startswith("Python") else ATTACKS


def costs(place: str, texts: Sequence[str] = ()) -> list[Cost]:
    """Every attack at a place. Those that seem too slow are run twice more: the quickest counts."""
    texts = texts or attacks_at(place)
    with ThreadPoolExecutor(2) as together:
        halves = together.map(_in_children, repeat(place), (texts[::2], texts[1::2]))
        found = [each for half in halves for each in half]
    slow = [each.attack for each in found if each.ratio > MOST_TIME]
    again = [*_in_children(place, slow), *_in_children(place, slow)]
    quickest = {each.attack: each for each in sorted([*found, *again], key=lambda each: -each.ratio)}
    return [quickest[each.attack] for each in found]


def _in_children(place: str, texts: Sequence[str]) -> list[Cost]:
    found: list[Cost] = []
    while len(found) < len(texts):
        status = _one_child(place, texts[len(found) :], found)
        if status:
            found.append(Cost(place, texts[len(found)], 0.0, 0.0, 0, f"died: {status}"))
    return found


def _one_child(place: str, texts: Sequence[str], found: list[Cost]) -> int:
    """Runs the attacks until the last one or the end of the child, and gives how it ended."""
    inlet, outlet = os.pipe()
    child = os.fork()
    if child == 0:
        ended = 1
        # A process with several threads may have been forked while one of them held what the child needs.
        signal.signal(signal.SIGALRM, signal.SIG_DFL)
        signal.alarm(12 * KILLED_AFTER)
        try:
            os.close(inlet)
            with os.fdopen(outlet, "w", buffering=1) as told:
                _attack(place, texts, told)
            ended = 0
        finally:
            os._exit(ended)
    os.close(outlet)
    with os.fdopen(inlet) as answers:
        for text, said in zip(texts, answers, strict=False):
            milliseconds, ratio, kilobytes, ended = said.strip().split(" ", 3)
            found.append(Cost(place, text, float(milliseconds), float(ratio), int(kilobytes), ended))
    return os.waitpid(child, 0)[1]


def _attack(place: str, texts: Sequence[str], told: IO[str]) -> None:
    # Whatever waits for no processor is ended by the clock.
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for text in ("1 + 1", "x = 1") * 3:
        # What is read once for the whole process is no attack's memory.
        _ended(place, text)
    # What is there before is no attack's rubbish: collecting it for each of them would take longer than they do.
    gc.collect()
    gc.freeze()
    base, (_, most) = min(loop(), loop()), resource.getrlimit(resource.RLIMIT_CPU)
    for text in texts:
        signal.alarm(12 * KILLED_AFTER)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + KILLED_AFTER, most))
        meter = Meter()
        ended = _ended(place, text)
        milliseconds, kilobytes = meter.read()
        # A loop just now, where it matters how busy the machine is.
        beside = max(base, loop()) if milliseconds > MOST_TIME * base / 2 else base
        told.write(f"{milliseconds:.1f} {milliseconds / beside:.2f} {kilobytes} {ended}\n")


def _ended(place: str, text: str) -> str:
    try:
        EVERYWHERE[place](text)
    except EngineError:
        return "refused"
    except BaseException as other:
        return f"failed: {type(other).__name__}"
    return "answered"


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
    lines = [f"{'place':<18}{'attacks':>8}{'refused':>9}{'worst ms':>10}{'÷ loop':>8}{'worst MB':>10}"]
    for place, own in by_place.items():
        slowest, biggest = max(own, key=lambda each: each.ratio), max(own, key=lambda each: each.kilobytes)
        refused = sum(each.ended == "refused" for each in own)
        lines.append(
            f"{place:<18}{len(own):>8}{refused:>9}{slowest.milliseconds:>10.0f}{slowest.ratio:>8.1f}"
            f"{biggest.kilobytes / 1000:>10.1f}"
        )
    return "\n".join(lines)
