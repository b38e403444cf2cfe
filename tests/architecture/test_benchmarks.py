"""What is seldom run must not fall behind: every measure can be imported, and is a command."""

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MODULES = sorted(path.stem for path in (ROOT / "benchmarks").glob("*.py") if not path.stem.startswith("__"))


@pytest.mark.parametrize("name", MODULES)
def test_every_measure_can_be_imported(name: str) -> None:
    module = importlib.import_module(f"benchmarks.{name}")

    assert name.startswith("_") or callable(module.main)
