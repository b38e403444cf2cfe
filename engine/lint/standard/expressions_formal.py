"""Is every expression of a process that runs a formal one, with something in it?

BPMN 2.0.2, 8.4.6; constraints EXT.012, EXT.013, EXT.071, EXT.072, EXT.123.

An expression is formal when it is typed `tFormalExpression`, or when it is written as the dialect writes FEEL, with
`=`. A number written out needs no type. A condition that is a number or a text can never be true.
"""

import re
from collections.abc import Iterator

from engine.lint.finding import Finding
from engine.lint.standard.diagram import Diagram
from engine.lint.standard.part import Part

RULE = "expressions-formal"
CONDITIONS = (
    "conditionExpression",
    "condition",
    "activationCondition",
    "completionCondition",
    "loopCondition",
    "loopCardinality",
)
TIMES = ("timeDate", "timeDuration", "timeCycle")
ASSIGNED = ("from", "to", "transformation")
NEVER_TRUE = re.compile(r'=?\s*(-?\d+(\.\d+)?|"[^"]*")\s*$')


def check(diagram: Diagram) -> Iterator[Finding]:
    """One error for each expression in natural language, and for each empty one."""
    for part in (*diagram.parts(*CONDITIONS, *TIMES, *ASSIGNED), *diagram.root.below("timerEventDefinition")):
        if part.is_foreign:
            continue
        if part.kind == "timerEventDefinition":
            if not part.all(*TIMES):
                yield diagram.found(
                    RULE, part, "The timer “{name}” has no time.", "Give a date, a duration or a cycle."
                )
        elif not part.words:
            yield diagram.found(RULE, part, "An expression ({kind}) is empty.", "Write it.", kind=part.kind)
        elif not _is_formal(part) and part.kind in TIMES:
            yield diagram.found(
                RULE,
                part,
                "The time “{text}” ({kind}) is not marked as a formal expression.",
                "Mark it (xsi:type tFormalExpression) as modelers do, or begin it with =.",
                text=part.words,
                kind=part.kind,
            )
        elif not _is_formal(part):
            yield diagram.found(
                RULE,
                part,
                "The expression “{text}” ({kind}) is written in natural language.",
                "Write it in FEEL, beginning with =.",
                text=part.words,
                kind=part.kind,
            )
        elif part.kind in CONDITIONS and part.kind != "loopCardinality" and NEVER_TRUE.match(part.words):
            yield diagram.found(
                RULE,
                part,
                "The condition “{text}” ({kind}) can never be true.",
                "Write an expression that is true or false.",
                text=part.words,
                kind=part.kind,
            )


def _is_formal(part: Part) -> bool:
    typed = part.get("type").rpartition(":")[2] == "tFormalExpression"
    return typed or part.words.startswith("=") or part.words.isdigit()
