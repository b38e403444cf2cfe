"""Every row of what must run names tests that exist: docs/conformance.md."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
HERE = "tests/engine/bpmn/"


def named() -> set[tuple[str, str]]:
    """Every (file, head of a test) that a row names; a file alone with nothing."""
    found: set[tuple[str, str]] = set()
    rows = (ROOT / "docs/conformance.md").read_text().partition("### Row by row")[2].partition("\n## ")[0]
    for row in re.findall(r"^\|.*\|$", rows, re.MULTILINE):
        file = ""
        for word in re.findall(r"`([\w./]+)`", row.split("|")[2]):
            file = word if word.endswith(".py") else file
            found.add((file, "" if word.endswith(".py") else f"def test_{word}("))
    return found


def test_every_row_of_what_must_run_names_tests_that_exist() -> None:
    rows = named()

    sources = {file: (ROOT / (file if "/" in file else HERE + file)).read_text() for file, _ in rows}

    assert len(rows) > 100
    assert [row for row in sorted(rows) if row[1] not in sources[row[0]]] == []
