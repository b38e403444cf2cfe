"""The standard's own XML schema (BPMN 2.0.2, 15.3), as SpiffWorkflow ships it: which lines of a document break it.

Only looks; what an element means is for the rest of the parser.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import SpiffWorkflow.bpmn.parser
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

_FILE = Path(SpiffWorkflow.bpmn.parser.__file__).parent / "schema" / "BPMN20.xsd"
_NAMESPACES = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(_FILE))


def violations(root: etree._Element) -> Iterator[tuple[str | None, str]]:
    """What breaks the schema: the id of the element on that line, if it has one, and what the validator says."""
    schema = _schema()
    if schema.validate(root):
        return
    for problem in schema.error_log:
        yield _id_at(root, problem.path), problem.message.replace(_NAMESPACES, "")


def _id_at(root: etree._Element, path: str | None) -> str | None:
    prefixes = {prefix: uri for prefix, uri in root.nsmap.items() if prefix}
    try:
        found = root.getroottree().xpath(path, namespaces=prefixes) if path else []
    except etree.XPathError:
        return None  # The path uses a prefix that is declared further in.
    around = (found[0], *found[0].iterancestors()) if found else ()
    return next((element.get("id") for element in around if element.get("id")), None)
