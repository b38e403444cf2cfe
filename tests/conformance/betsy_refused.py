"""Gives models that break a rule of the BPMN standard to the deploy gate; every one must be refused.

Only findings about the diagram itself count, each with its rule and element: what a town asks for (forms, departments,
connectors) is given or left out of account. Prints one line per model accepted, and last `passed/total`.
"""

from pathlib import Path

from lxml import etree

from engine import lint
from engine.bundle import Bundle
from engine.lint import Finding
from tests.conformance.rewriting import BPMN, with_formal_expressions
from tests.conformance.village import Village, bundle_around


def run(folder: Path, *, explain: bool = False) -> None:
    """Every model of the folder."""
    passed = total = 0
    for path in sorted(folder.rglob("*.bpmn")):
        total += 1
        found = refusals(path)
        passed += bool(found)
        if not found:
            print(f"{path.name}: accepted")
        elif explain:
            print(f"{path.name}: {found[0].rule} {found[0].element}: {found[0].says()}")
    print(f"{passed}/{total}")


def refusals(path: Path) -> list[Finding]:
    """What the gate says against the model itself."""
    found = lint.check(_bundle(path), Village(), frozenset())
    return [finding for finding in found if finding.severity == "error" and finding.rule not in lint.RULES]


def _bundle(path: Path) -> Bundle:
    content = with_formal_expressions(path)
    processes = [each.get("id") for each in etree.fromstring(content).iter(BPMN + "process")]
    return bundle_around(content, next(filter(None, processes), "none"))
