"""Data: what the rules about inputs, outputs and items share: data compared by the type of its item. No rule itself."""

from collections import Counter

from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import Part

UNKNOWN = ("", "")


def item_of(diagram: Diagram, part: Part | None, attribute: str = "itemSubjectRef") -> Part | None:
    """The item definition a part refers to."""
    found = None if part is None or not part.get(attribute) else diagram.named(part.get(attribute))
    return found if found is not None and found.kind == "itemDefinition" else None


def same_item(left: Part | None, right: Part | None) -> bool:
    """Two items are the same definition, or are of the same, known type; an item that is not said agrees with all."""
    if left is None or right is None or left is right:
        return True
    structure = left.get("structureRef")
    collection = left.says("isCollection", otherwise=False) == right.says("isCollection", otherwise=False)
    return bool(structure) and structure == right.get("structureRef") and collection


def data_types(diagram: Diagram, specification: Part | None, kind: str) -> Counter[tuple[str, str]]:
    """How many data inputs or outputs there are of each type."""
    found = [] if specification is None else specification.all(kind)
    return Counter(_type(item_of(diagram, part)) for part in found)


def _type(item: Part | None) -> tuple[str, str]:
    return UNKNOWN if item is None else (item.get("structureRef"), str(item.says("isCollection", otherwise=False)))
