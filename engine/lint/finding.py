"""Finding: one thing to mend in a bundle, in words that screens can translate, with the way out."""

from typing import Any, Literal

import msgspec

Severity = Literal["error", "warning"]


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """`message` and `way_out` are gettext message ids; both are filled with `parameters`. `element` is for the
    modeler.
    """

    rule: str
    severity: Severity
    file: str
    element: str | None
    message: str
    parameters: dict[str, Any] = {}
    way_out: str = ""

    def says(self) -> str:
        """The message and the way out, in English."""
        return f"{self.message} {self.way_out}".strip().format_map(self.parameters)
