"""Is the document valid by the standard's XML schema?

BPMN 2.0.2, 15.3; constraints EXT.002, EXT.055, EXT.078.
"""

from collections.abc import Iterator
from typing import Any

from engine.bpmn.parser.schema import violations  # pyright: ignore[reportUnknownVariableType]
from engine.lint.finding import Finding

RULE = "schema-valid"


def check_schema(file: str, root: Any) -> Iterator[Finding]:
    """One error for each line that breaks the schema. Looks at the XML itself, not at its parts."""
    for element, reason in violations(root):
        yield Finding(
            rule=RULE,
            severity="error",
            file=file,
            element=element,
            message="The document breaks the schema of BPMN: {reason}",
            way_out="Export it again from the modeler, or correct the line.",
            parameters={"reason": reason, "name": element or ""},
        )
