"""Decisions: `decide` asks a decision of the bundle. Which decisions there are is the affair of whoever runs the
expression: a scope that offers `decide` offers what `deciding` makes.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.feel.builtins.signature import BUILTINS, Builtin, Signature, builtin
from engine.feel.problems import Run

DECIDE = "decide"
Answer = Callable[[Run, str, Mapping[str, Any] | None], Any]


@builtin(DECIDE, "decision: string, inputs: context?")
def decide(run: Run, _: str, __: Mapping[str, Any] | None = None) -> None:
    """`decide(decision, inputs)`: what a decision of the bundle answers for these inputs, or for the variables."""
    run.note("no_decisions", 0)


class Offered(Mapping[str, Any]):
    """What a scope offers besides its variables: `decide`, made when an expression first asks for it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._made: Builtin | None = None

    def __getitem__(self, name: str) -> Any:
        if name != DECIDE:
            raise KeyError(name)
        if self._made is None:
            self._made = deciding(self._answer)
        return self._made

    def __contains__(self, name: object) -> bool:
        return name == DECIDE

    def __iter__(self) -> Iterator[str]:
        return iter((DECIDE,))

    def __len__(self) -> int:
        return 1


def deciding(answer: Answer) -> Builtin:
    """`decide` as a scope offers it; `answer` is given the run, the decision and the inputs if there are any."""

    def python(run: Run, decision: str, inputs: Mapping[str, Any] | None = None) -> Any:
        return answer(run, decision, inputs)

    known, offered = BUILTINS[DECIDE], Builtin(DECIDE)
    assert isinstance(known, Builtin)
    for signature in known.signatures:
        offered.declare(Signature(signature.slots, python))
    return offered
