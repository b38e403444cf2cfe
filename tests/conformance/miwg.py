"""Gives the models of the BPMN interchange suite (MIWG) to the deploy gate, as they are and marked as executable.

They are drawn by some thirty tools and hold everything the notation has. Each is deployed or refused with findings
that name what is wrong and the way out; a model passes when the gate says one of the two, and fails when it breaks.
Prints one line per model that fails, and last `passed/total` with how many were accepted.
"""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from engine import lint
from engine.lint import Finding
from tests.conformance.rewriting import BPMN
from tests.conformance.village import Village, bundle_around


def run(folder: Path) -> None:
    """Every model of the folder."""
    passed = total = accepted = 0
    for path in sorted(folder.rglob("*.bpmn")):
        for way, content in _ways(path):
            total += 1
            try:
                found = [each for each in _findings(content) if each.severity == "error"]
            except Exception as broken:
                print(f"{path.relative_to(folder)} ({way}): {type(broken).__name__}: {broken}")
                continue
            unclear = [each for each in found if not each.message or not (each.way_out or each.parameters)]
            for each in unclear:
                print(f"{path.relative_to(folder)} ({way}): {each.rule} says nothing")
            passed += not unclear
            accepted += not found
    print(f"{accepted} accepted, the others refused")
    print(f"{passed}/{total}")


def _ways(path: Path) -> Iterator[tuple[str, bytes]]:
    content = path.read_bytes()
    yield "as it is", content
    try:
        root = etree.fromstring(content)
    except etree.XMLSyntaxError:
        return
    for process in root.iter(BPMN + "process"):
        process.set("isExecutable", "true")
    yield "executable", etree.tostring(root)


def _findings(content: bytes) -> list[Finding]:
    found = lint.check(bundle_around(content, _first_process(content)), Village(), frozenset())
    for each in found:
        each.says()
    return found


def _first_process(content: bytes) -> str:
    try:
        processes = [each.get("id") for each in etree.fromstring(content).iter(BPMN + "process")]
    except etree.XMLSyntaxError:
        processes = []
    return next(filter(None, processes), "none")
