"""Plans: which element of the old version becomes which of the new one. Automatic for equal ids of equal kinds; the
rest is said by an administrator.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from engine.definition import Definition
from engine.errors import PlanInvalid

UNKNOWN_OLD = "The version to leave has no element “{element}”."
UNKNOWN_NEW = "The version to reach has no element “{element}”."


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """`elements` maps old ids to new ones; what is not in it has no counterpart."""

    elements: dict[str, str]

    def target(self, element: str) -> str | None:
        """The new id of an element."""
        return self.elements.get(element)


def automatic_plan(old: Definition, new: Definition) -> Plan:
    """Equal ids of equal kinds correspond."""
    before, after = nodes_of(old), nodes_of(new)
    same = {name: name for name, (_, node) in before.items() if name in after and after[name][1].kind == node.kind}
    return Plan(elements=same)


def plan_with(old: Definition, new: Definition, said: Mapping[str, str | None]) -> Plan:
    """The automatic plan with what an administrator says: old id → new id, or None for no counterpart.

    Raises `PlanInvalid` for an id that its version does not have.
    """
    before, after = nodes_of(old), nodes_of(new)
    for element, target in said.items():
        if element not in before:
            raise PlanInvalid(UNKNOWN_OLD, element=element)
        if target is not None and target not in after:
            raise PlanInvalid(UNKNOWN_NEW, element=target)
    elements: dict[str, str | None] = {**automatic_plan(old, new).elements, **said}
    return Plan(elements={element: target for element, target in elements.items() if target is not None})


def nodes_of(definition: Definition) -> dict[str, tuple[str, Any]]:
    """Every element by id: the process or sub-process that holds it, and its node."""
    return {
        name: (spec.name, node) for spec in definition.model.specs.values() for name, node in spec.task_specs.items()
    }
