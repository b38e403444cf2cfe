"""Safe reading of XML that somebody uploaded: no DOCTYPE, no entity, no network, bounded size, elements and depth.

Used for diagrams; never builds anything from them.
"""

from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from engine.bpmn.errors import UnsafeDocument

MAX_BYTES = 5 * 1024 * 1024
MAX_ELEMENTS = 5_000
MAX_DEPTH = 200
# The drawing (BPMN DI) holds about as many elements again as the model, none of which is ever executed.
_DRAWING = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNDiagram"


def read_xml(source: bytes) -> etree._Element:
    """The root element. Raises `UnsafeDocument`, in words, for what is not safe or not XML."""
    if len(source) > MAX_BYTES:
        raise UnsafeDocument(
            f"Expected at most {MAX_BYTES // 1024 // 1024} MiB but the document has {len(source)} bytes."
        )
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(source, parser)
    except (etree.XMLSyntaxError, ValueError) as failure:
        raise UnsafeDocument(f"Expected well-formed XML but: {failure}") from failure
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnsafeDocument("Expected XML without DOCTYPE but the document declares one.")
    _check_bounds(root)
    return root


def _check_bounds(root: etree._Element) -> None:
    count, level = 0, [root]
    for _ in range(MAX_DEPTH):
        count += len(level)
        if count > MAX_ELEMENTS:
            raise UnsafeDocument(f"Expected at most {MAX_ELEMENTS} elements but the document has more.")
        level = [child for element in level for child in element if child.tag != _DRAWING]
        if not level:
            return
    raise UnsafeDocument(f"Expected at most {MAX_DEPTH} levels of nested elements but the document goes deeper.")
