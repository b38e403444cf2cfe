"""Every sentence that a screen may show is in the French catalogue; the screens speak French first."""

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract

from web.pages.language import translations

ROOT = Path(__file__).parents[2]
TEMPLATES = [*sorted((ROOT / "web/templates").rglob("*.html")), *sorted((ROOT / "admin/templates").rglob("*.html"))]
RULES = sorted((ROOT / "engine/lint/rules").glob("*.py"))
FACTS = [
    *(ROOT / "engine" / f"{name}.py" for name in ("cases", "tasks", "incidents", "jobs", "operations", "suspensions")),
    *(ROOT / "engine" / f"{name}.py" for name in ("migrations", "modifications", "batches")),
    *(ROOT / "engine/migration" / f"{name}.py" for name in ("obstacles", "plans")),
    ROOT / "engine/bpmn/runtime/modifying.py",
]
CONNECTORS = sorted((ROOT / "connectors").glob("*/connector.py"))
SENTENCE = re.compile(r"[“A-Z{].* .*[.:}]\Z")


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_sentence_of_a_template_has_its_french(template: Path) -> None:
    with template.open("rb") as file:
        found = list(extract("jinja2.ext:babel_extract", file, options={"extensions": "jinja2.ext.do"}))

    said = [message if isinstance(message, str) else message[0] for _, message, *_ in found]

    assert [message for message in said if not is_translated(message)] == []


@pytest.mark.parametrize("module", [*RULES, *FACTS, *CONNECTORS], ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_fact_and_finding_has_its_french(module: Path) -> None:
    tree = ast.parse(module.read_text())
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}

    texts = [node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    said = [node.value for node in texts if id(node) not in docstrings and SENTENCE.match(node.value)]

    assert [message for message in said if not is_translated(message) and message not in NOT_SHOWN] == []


def is_translated(message: str) -> bool:
    """The French catalogues hold it (plural forms count by their singular)."""
    catalog = translations("fr")._catalog  # type: ignore[attr-defined]
    return message in catalog or (message, 0) in catalog


# The mark of a French letter's first line is no sentence.
NOT_SHOWN: frozenset[str] = frozenset({"Objet :"})
