"""DMN: decision tables and other decisions of DMN 1.2 to 1.5, evaluated with a trace that says why."""

from engine.dmn.decisions import Decisions, read_decisions
from engine.dmn.errors import DecisionError, DecisionsUnreadable, DecisionUnknown
from engine.dmn.findings import Finding
from engine.dmn.runs import Decided, Match

__all__ = [
    "Decided",
    "DecisionError",
    "DecisionUnknown",
    "Decisions",
    "DecisionsUnreadable",
    "Finding",
    "Match",
    "read_decisions",
]
