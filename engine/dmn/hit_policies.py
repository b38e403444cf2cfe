"""Hit policies: from the rules that match to the answer of a decision table (DMN 1.5, 8.2.11). Pure."""

from collections.abc import Callable
from typing import Any

from engine.dmn.errors import DecisionError
from engine.dmn.findings import dmn_says
from engine.feel.builtins.lists import maximum, minimum, total
from engine.feel.operators import equal, size_of
from engine.feel.problems import Run

Outputs = dict[str, Any]
Priority = Callable[[Outputs], tuple[int, ...]]


def answer(policy: str, aggregation: str, hits: list[Outputs], priority: Priority, run: Run) -> Any:
    """The answer for at least one matching rule. Raises `DecisionError` when the policy forbids these matches."""
    match policy:
        case "UNIQUE":
            return _unique(hits)
        case "ANY":
            return _any(hits, run)
        case "FIRST":
            return plain(hits[0])
        case "PRIORITY":
            return plain(min(hits, key=priority))
        case "OUTPUT ORDER":
            return [plain(hit) for hit in sorted(hits, key=priority)]
        case "COLLECT" if aggregation:
            return _aggregated(aggregation, [plain(hit) for hit in hits], run)
        case "RULE ORDER" | "COLLECT":
            return [plain(hit) for hit in hits]
        case _:
            raise DecisionError(dmn_says("policy_unknown", policy))


def plain(outputs: Outputs) -> Any:
    """The value of a single output, or the context of several."""
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs


def _unique(hits: list[Outputs]) -> Any:
    if len(hits) > 1:
        raise DecisionError(dmn_says("several_match", len(hits)))
    return plain(hits[0])


def _any(hits: list[Outputs], run: Run) -> Any:
    run.spend(len(hits) * size_of(hits[0]))
    if not all(equal(hit, hits[0]) for hit in hits):
        raise DecisionError(dmn_says("outputs_differ"))
    return plain(hits[0])


def _aggregated(aggregation: str, values: list[Any], run: Run) -> Any:
    match aggregation:
        case "COUNT":
            return len(values)
        case "SUM":
            return total(run, values)
        case "MIN":
            return minimum(run, values)
        case "MAX":
            return maximum(run, values)
        case _:
            raise DecisionError(dmn_says("aggregation_unknown", aggregation))
