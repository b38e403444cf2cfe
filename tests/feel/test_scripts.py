"""Python of script tasks: what comes out, and what cannot be reached."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.script import ScriptFailed, run_python

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def test_a_script_gives_back_what_it_sets_and_what_it_changes() -> None:
    variables: dict[str, Any] = {"items": [1, 2, 3], "case": {"a": 1}, "due": date(2026, 1, 1), "unused": object()}

    results = run_python("total = sum(items)\ncase['b'] = total\nyear = due.year", variables, NOW)

    assert results == {"total": 6, "case": {"a": 1, "b": 6}, "year": 2026}
    assert variables["case"] == {"a": 1}


def test_the_clock_and_chance_of_a_script_are_those_of_the_command() -> None:
    source = "import random\nfrom datetime import datetime\nat = str(datetime.now())\nn = random.random()"

    first, second = run_python(source, {}, NOW), run_python(source, {}, NOW)

    assert first == second
    assert first["at"] == "2026-11-24 09:00:00"


@pytest.mark.parametrize(
    "source",
    [
        'import os\nos.system("id")',
        'open("/etc/passwd").read()',
        'import os\nx = os.environ.get("PATH")',
        "import socket",
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "x = 9**9**9",
        'x = "a" * 10**10',
        "def f(n): return f(n + 1)\nf(0)",
        "x = " + "(" * 5000 + "1" + ")" * 5000,
        'x = "a" * 2000000',
        "x = (lambda: 0).__globals__",
        'x = b"bytes"',
        "this is not Python",
        "undefined_name.x",
    ],
)
def test_a_script_that_errs_or_oversteps_fails_with_a_reason(source: str) -> None:
    with pytest.raises(ScriptFailed, match="Expected"):
        run_python(source, {}, NOW)
