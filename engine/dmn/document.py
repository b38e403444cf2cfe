"""Documents: DMN XML read safely into plain elements. No document type, no entities, no network, bounded size and
depth.

The only module of the package that knows lxml, which has no types.
"""

# pyright: basic, reportMissingTypeStubs=false, reportAttributeAccessIssue=false

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec
from lxml import etree

from engine.dmn.errors import DecisionsUnreadable
from engine.dmn.findings import dmn_says

MAX_BYTES = 5 * 1024 * 1024
MAX_ELEMENTS = 100_000
MAX_DEPTH = 100
MAX_TEXT = 500_000
NAMESPACES = frozenset(
    {
        "http://www.omg.org/spec/DMN/20180521/MODEL/",
        "https://www.omg.org/spec/DMN/20191111/MODEL/",
        "https://www.omg.org/spec/DMN/20211108/MODEL/",
        "https://www.omg.org/spec/DMN/20230324/MODEL/",
        "https://www.omg.org/spec/DMN/20240513/MODEL/",
    }
)


class Element(msgspec.Struct, frozen=True):
    """One element of the DMN namespace: local name, attributes without namespace, own text, children of the DMN
    namespace."""

    name: str
    attributes: Mapping[str, str]
    text: str
    children: tuple["Element", ...]

    def get(self, attribute: str, default: str = "") -> str:
        """An attribute, or the default."""
        return self.attributes.get(attribute, default)

    def all(self, name: str) -> tuple["Element", ...]:
        """The children of this name."""
        return tuple(child for child in self.children if child.name == name)

    def one(self, name: str) -> "Element | None":
        """The first child of this name."""
        return next((child for child in self.children if child.name == name), None)

    def text_of(self, name: str) -> str:
        """The text of the first child of this name, or an empty text."""
        child = self.one(name)
        return child.text.strip() if child is not None else ""

    def everything(self) -> Iterator["Element"]:
        """This element and all below it."""
        yield self
        for child in self.children:
            yield from child.everything()


def read_document(xml: bytes) -> Element:
    """The `definitions` element of a DMN file, versions 1.2 to 1.6. Raises `DecisionsUnreadable`."""
    if len(xml) > MAX_BYTES:
        raise DecisionsUnreadable(dmn_says("too_big", MAX_BYTES // 1024 // 1024))
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = etree.fromstring(xml, parser)
    except etree.XMLSyntaxError as broken:
        raise DecisionsUnreadable(dmn_says("not_xml", broken)) from broken
    if root.getroottree().docinfo.internalDTD is not None:
        raise DecisionsUnreadable(dmn_says("document_type"))
    name = etree.QName(root)
    if name.localname != "definitions" or name.namespace not in NAMESPACES:
        raise DecisionsUnreadable(dmn_says("not_dmn", name.text))
    read = _converted(root, [MAX_ELEMENTS])
    if sum(len(element.text) for element in read.everything() if element.name == "text") > MAX_TEXT:
        raise DecisionsUnreadable(dmn_says("too_much_text", MAX_TEXT))
    return read


def _converted(node: Any, left: list[int], depth: int = 0) -> Element:  # type: ignore[no-untyped-def]
    left[0] -= 1
    if left[0] < 0:
        raise DecisionsUnreadable(dmn_says("too_many_elements", MAX_ELEMENTS))
    if depth > MAX_DEPTH:
        raise DecisionsUnreadable(dmn_says("too_deep", MAX_DEPTH))
    children = tuple(
        _converted(child, left, depth + 1)
        for child in node
        if isinstance(child.tag, str) and etree.QName(child).namespace in NAMESPACES
    )
    attributes = {str(name): str(value) for name, value in node.attrib.items() if not name.startswith("{")}
    return Element(etree.QName(node).localname, attributes, str(node.text or ""), children)
