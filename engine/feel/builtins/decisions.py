"""Decisions: `decide` asks a decision of the bundle. Which decisions there are is the affair of whoever runs the
expression: a scope that offers `decide` offers what `deciding` makes.
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.feel.builtins.signature import BUILTINS, Builtin, Signature, builtin
from engine.feel.problems import Run

DECIDE = "decide"
Answer = Callable[[Run, str, Mapping[str, Any] | None], Any]


@builtin(DECIDE, "decision: string, inputs: context?")
def decide(run: Run, _: str, __: Mapping[str, Any] | None = None) -> None:
    """`decide(decision, inputs)`: what a decision of the bundle answers for these inputs, or for the variables."""
    run.note("no_decisions", 0)


def deciding(answer: Answer) -> Builtin:
    """`decide` as a scope offers it; `answer` is given the run, the decision and the inputs if there are any."""

    def python(run: Run, decision: str, inputs: Mapping[str, Any] | None = None) -> Any:
        return answer(run, decision, inputs)

    known, offered = BUILTINS[DECIDE], Builtin(DECIDE)
    assert isinstance(known, Builtin)
    for signature in known.signatures:
        offered.declare(Signature(signature.slots, python))
    return offered
