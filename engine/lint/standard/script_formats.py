"""Does every script say its language, and every text its format, as a MIME type?

BPMN 2.0.2, 8.3.2, 8.4.1, 10.3.3 “Script Task”, table 10.12; constraints EXT.004, EXT.010, EXT.053, EXT.145.

The dialect names the language of a script by a word (`python`) too; whether Parvis runs it is for the parser to say.
"""

import re
from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram

RULE = "script-formats"
MIME_TYPE = re.compile(r"[a-zA-Z0-9.+-]+/[a-zA-Z0-9.+-]+(\s*;.*)?$")
TEXTS = ("documentation", "textAnnotation")


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each script without `scriptFormat` (FEEL in the dialect's own element needs none), and for each
    text format that is no MIME type."""
    for task in (*diagram.parts("scriptTask"), *diagram.root.all("globalScriptTask")):
        script = task.first("script")
        if script is not None and script.words and not task.get("scriptFormat"):
            yield diagram.found(
                RULE,
                task,
                "The script task “{name}” does not say the language of its script.",
                "Set the script format to python, or write a FEEL expression.",
            )
    for part in diagram.root.below(*TEXTS):
        written = part.get("textFormat")
        if written and not part.is_foreign and not MIME_TYPE.match(written):
            yield diagram.found(
                RULE,
                part,
                "The text format “{written}” is not a MIME type such as text/plain.",
                "Remove the format, or write a MIME type.",
                written=written,
            )
