"""Does every script say its language?

BPMN 2.0.2, table 10.13; constraint EXT.053, EXT.054.
"""

from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram

RULE = "script-formats"


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each script without `scriptFormat`; FEEL in the dialect's own element needs none."""
    for task in (*diagram.parts("scriptTask"), *diagram.root.all("globalScriptTask")):
        script = task.first("script")
        if script is not None and script.words and not task.get("scriptFormat"):
            yield diagram.found(
                RULE,
                task,
                "The script task “{name}” does not say the language of its script.",
                "Set the script format to python, or write a FEEL expression.",
            )
