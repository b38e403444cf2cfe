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
        "x = Exception('a')",
        "x = type(1)",
        "x = len",
        "class A: pass\nx = A()",
        "x = ...",
        "x = {'deep': [NotImplemented]}",
        "from pathlib import Path\nx = Path('a')",
        "x = 1e999",
        "x = [float('nan')]",
        "x = [1]\nfor _ in range(50): x = [x, x]",
        "x = {}\nfor _ in range(50): x = {'a': x, 'b': x}",
        "x = (1,)\nfor _ in range(50): x = (x, x)",
        "x = [[] for _ in range(1000)]\nx = [x for _ in range(1000)]",
        "repr = str = len = lambda a: ''\nx = [1]\nfor _ in range(50): x = [x, x]",
        "class A:\n    def __repr__(self): return ''\nx = A()\nx.y = [1]\nfor _ in range(50): x.y = [x.y, x.y]",
        "this is not Python",
        "undefined_name.x",
    ],
)
def test_a_script_that_errs_or_oversteps_fails_with_a_reason(source: str) -> None:
    with pytest.raises(ScriptFailed, match="Expected"):
        run_python(source, {}, NOW)


def test_only_the_variables_that_a_script_names_go_in() -> None:
    variables = {"name": "Ada", "secret": {"iban": "FR76"}}

    results = run_python("length = len(name)\nseen = sorted(locals())", variables, NOW)

    assert results == {"length": 3, "seen": ["length", "name"]}


@pytest.mark.parametrize("source", ["x = eval('secret')", "exec('x = secret')", "x = locals()['secret']"])
def test_a_variable_that_is_not_named_is_nowhere_to_be_found(source: str) -> None:
    with pytest.raises(ScriptFailed, match=r"NameError|KeyError"):
        run_python(source, {"secret": "FR76"}, NOW)


@pytest.mark.parametrize(
    "source",
    [
        "exec('hidden = 5')\nx = 1",
        "def double(n):\n    inner = 2 * n\n    return inner\nx = double(2) // 4",
        "import math\nx = math.floor(1.5)",
        "x = [each for each in [1]][0]",
        "x = 1\nsame = name\nname = same\nprint(name)",
    ],
)
def test_only_the_variables_that_a_script_names_as_its_own_come_out(source: str) -> None:
    results = run_python(source, {"name": "Ada", "other": 2}, NOW)

    assert results.pop("same", "Ada") == "Ada"
    assert results == {"x": 1}
