"""Lanes and pools: in which lane an element lies, and which department that makes responsible. Nested lanes are
followed inwards."""

from collections.abc import Mapping

import msgspec
from lxml import etree  # pyright: ignore[reportAttributeAccessIssue]

from engine.bpmn.expressions import Value, read_value
from engine.bpmn.parser.zeebe import BPMN, read_properties

DEPARTMENT = "parvis:department"


class Lane(msgspec.Struct, frozen=True):
    """One lane, or the pool around all of them."""

    id: str
    name: str
    department: str | None


def lanes_of(process: etree._Element) -> dict[str, tuple[Lane, ...]]:
    """For each element of a process that lies in a lane: its lanes, from the pool inwards."""
    pool = _pool_of(process)
    found: dict[str, tuple[Lane, ...]] = {"": pool}
    todo = [(laneset, pool) for laneset in process.findall(BPMN + "laneSet")]
    while todo:
        laneset, outer = todo.pop()
        for node in laneset.findall(BPMN + "lane"):
            path = (*outer, _lane(node))
            for reference in node.findall(BPMN + "flowNodeRef"):
                found[(reference.text or "").strip()] = path
            todo += [(inner, path) for inner in node.findall(BPMN + "childLaneSet")]
    return found


def departments_of(lanes: tuple[Lane, ...], named: Mapping[str, str], default: str | None) -> tuple[Value, ...]:
    """Where to ask for the department of a task, first answer first: the innermost lane, outwards, then the
    procedure's default."""
    texts = [lane.department or named.get(lane.name) for lane in reversed(lanes)]
    values = (read_value(text) for text in (*texts, default))
    return tuple(value for value in values if value is not None)


def _pool_of(process: etree._Element) -> tuple[Lane, ...]:
    root = process.getroottree().getroot()
    pools = (each for each in root.iter(BPMN + "participant") if each.get("processRef") == process.get("id"))
    return tuple(_lane(pool) for pool in pools)


def _lane(node: etree._Element) -> Lane:
    return Lane(node.get("id", ""), node.get("name", ""), read_properties(node).get(DEPARTMENT))
