"""The promise of the engine under two hundred kills, and that breaking it is noticed. Long: run by `make prove`."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def faults(*arguments: str) -> tuple[int, dict[str, int]]:
    words = [sys.executable, "-m", "benchmarks", "faults", "--json", *arguments]
    ended = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False, timeout=7200)
    assert ended.stdout, ended.stderr[-4000:]
    return ended.returncode, json.loads(ended.stdout.splitlines()[-1])


@pytest.mark.proof
def test_two_hundred_kills_lose_nothing_double_nothing_and_leave_nothing_stuck() -> None:
    code, figures = faults("--kills", "200")

    assert figures.pop("kills") == 200
    assert (code, figures) == (0, dict.fromkeys(figures, 0))


@pytest.mark.proof
def test_a_database_that_acknowledges_too_early_is_found_out() -> None:
    code, figures = faults("--kills", "14", "--break", "durability")

    assert code == 1
    assert figures["commands_lost"] > 0
