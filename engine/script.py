"""Scripts: Python of a script task, run in the pydantic-monty sandbox: a process without files, network, clock.

Only the variables that the script names go in; those it sets or changes come out. Bounded in time, memory, recursion
and output. FEEL scripts are `engine.feel`'s; who applies the result is `engine.instance`.
"""

import ast
import atexit
import threading
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, cast

import msgspec
import pydantic_monty as monty

from engine.feel.problems import ToldError
from engine.feel.sentences import Sentence
from engine.feel.temporal import duration_text
from engine.feel.values import Months, is_context, is_list

MAX_SOURCE = 20_000
MAX_OUTPUT = 1_000_000
_LIMITS: monty.ResourceLimits = {
    "max_feed_duration_secs": 0.2,
    "max_turn_duration_secs": 0.2,
    "max_memory": 8 * 1024 * 1024,
    "max_recursion_depth": 100,
    "max_suspensions": 16,
    "max_total_sleep_secs": 0.0,
}
_RESULT = "parvis_result_"
NOT_FINITE = "a number that is not finite"
# A list may hold another many times, which holds another many times; only the host would write all of it out. In a
# notation whose meaning no script can change, as it can that of `len` or `repr`.
_BOUND = f"if f'{{{_RESULT}!r}}'[{MAX_OUTPUT}:]:\n    raise MemoryError('the results are too long')"
# Besides lists and contexts. What Python has more (modules, classes, exceptions) is no value of a variable.
_KEPT = frozenset({type(None), bool, int, float, str, Decimal, date, time, datetime, timedelta})


class ScriptFailed(ToldError):
    """The script did not come to an end."""


class Script(msgspec.Struct, frozen=True):
    """A script read once: the names it mentions, and those among them that it sets."""

    source: str
    names: frozenset[str]
    assigned: frozenset[str]


class _Pool:
    """The sandbox processes of this process, started when first needed."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._pool: monty.Monty | None = None

    def get(self) -> monty.Monty:
        """The running pool."""
        with self._lock:
            if self._pool is None:
                self._pool = monty.Monty(min_processes=1, request_timeout=3.0)
                self._pool.__enter__()
                atexit.register(self.close)
            return self._pool

    def close(self) -> None:
        """Ends the processes."""
        with self._lock:
            if self._pool is not None:
                self._pool.__exit__(None, None, None)
                self._pool = None


_POOL = _Pool()


def check_python(source: str) -> Script:
    """Reads a script without running it. Raises `ScriptFailed` for one that is not Python or is too long."""
    if len(source) > MAX_SOURCE:
        raise ScriptFailed(Sentence("Expected a script of at most {0} characters.", (MAX_SOURCE,)))
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as broken:
        raise ScriptFailed(Sentence("Expected a Python script, but: {0}", (broken,))) from broken
    nodes = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    assigned = frozenset(node.id for node in nodes if isinstance(node.ctx, ast.Store))
    return Script(source, frozenset(node.id for node in nodes), assigned)


def _collecting(script: Script, given: Iterable[str]) -> str:
    """The script followed by what collects its results: a variable given may have been changed without being set."""
    collect = [
        f"try:\n    {_RESULT}[{name!r}] = {name}\nexcept NameError:\n    pass"
        for name in sorted({*script.assigned, *given})
    ]
    return "\n".join([script.source, f"{_RESULT} = {{}}", *collect, _BOUND, _RESULT])


def run_python(source: str, variables: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Runs a script and gives the variables it set or changed. `now` is its frozen clock and seeds its random numbers.

    Raises `ScriptFailed` for an error in the script, and for one that exceeds its limits.
    """
    script = check_python(source)
    inputs = {name: _inward(variables[name]) for name in script.names if name in variables}
    outputs = _run(_collecting(script, inputs), inputs, now)
    if len(msgspec.json.encode(outputs, enc_hook=str)) > MAX_OUTPUT:
        raise ScriptFailed(Sentence("Expected results of at most {0} bytes.", (MAX_OUTPUT,)))
    return {name: value for name, value in outputs.items() if name not in inputs or inputs[name] != value}


def _run(source: str, inputs: dict[str, Any], now: datetime) -> dict[str, Any]:
    moment = now.astimezone(UTC)
    policy: monty.OSPolicy = {
        "datetime": moment,
        "sleep": "zero",
        "random_start": {"seed": int(moment.timestamp() * 1_000_000)},
    }
    try:
        with _POOL.get().checkout(limits=_LIMITS, os_policy=policy) as session:
            found = session.feed_run(source, inputs=inputs, print_callback=_ignore)
    except monty.MontyError as failed:
        reason = str(failed).strip().rpartition("\n")[2]
        raise ScriptFailed(Sentence("Expected the script to come to an end, but: {0}", (reason[:300],))) from failed
    values = cast("dict[str, Any]", found)
    return {name: _outward(name, value) for name, value in values.items()}


def _ignore(*_: Any) -> None:
    """What a script prints goes nowhere."""


def _inward(value: Any) -> Any:
    """A variable as the sandbox takes it; kinds it does not know become their FEEL text."""
    if is_context(value):
        return {key: _inward(item) for key, item in value.items()}
    if is_list(value):
        return [_inward(item) for item in value]
    return duration_text(value) if isinstance(value, Months) else value


def _outward(name: str, value: Any) -> Any:
    """A result as a variable; raises `ScriptFailed` for a kind no variable can hold."""
    if is_context(value):
        return {str(key): _outward(name, item) for key, item in value.items()}
    if is_list(value) or isinstance(value, (set, frozenset)):
        return [_outward(name, item) for item in cast("list[Any]", value)]
    if type(value) not in _KEPT or (isinstance(value, float) and not isfinite(value)):
        found = Sentence(NOT_FINITE) if isinstance(value, float) else type(value).__name__
        raise ScriptFailed(Sentence("Expected a value that can be kept in “{0}”, but found {1}.", (name, found)))
    return value
