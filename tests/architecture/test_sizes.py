"""Files and functions stay small enough to be held in the head: 400 lines, 50 lines."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
FLOORS = ("server", "admin", "web", "api", "connectors", "desk", "engine", "forms", "accounts")


def sources() -> Iterator[Path]:
    for floor in FLOORS:
        yield from (path for path in (ROOT / floor).rglob("*.py") if "piccolo_migrations" not in path.parts)


def test_no_file_is_longer_than_400_lines() -> None:
    assert [str(path) for path in sources() if len(path.read_text("utf-8").splitlines()) > 400] == []


def test_no_function_is_longer_than_50_lines() -> None:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    nodes = ((path, node) for path in sources() for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    long = [f"{path}:{n.name}" for path, n in nodes if isinstance(n, kinds) and (n.end_lineno or 0) - n.lineno >= 50]

    assert long == []
