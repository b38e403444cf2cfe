"""Runs: one evaluation of decisions, with the trace of the rules that matched on the way."""

from collections.abc import Container, Mapping
from datetime import datetime
from typing import Any

import msgspec

from engine.feel.problems import Problem, Run


class Match(msgspec.Struct, frozen=True):
    """One rule that decided something, in JSON: what an agent reads to know why."""

    decision: str
    table: str
    table_name: str
    rule_index: int
    rule_id: str
    annotation: str
    inputs: dict[str, Any]
    outputs: dict[str, Any]


class Decided(msgspec.Struct, frozen=True):
    """The answer of a decision, the rules that matched (required decisions first) and the problems met. `name` is what
    people call the decision; `by_rules` when a table of its own answers; `required` the answers of the decisions it
    required, by their ids."""

    value: Any
    matches: tuple[Match, ...] = ()
    problems: tuple[Problem, ...] = ()
    name: str = ""
    by_rules: bool = False
    required: dict[str, Any] = {}


class DecisionRun(Run):
    """A FEEL run that also collects matches. `within` is the run whose steps and time this one takes."""

    __slots__ = ("matches",)

    def __init__(self, now: datetime | None, within: Run | None = None) -> None:
        super().__init__(now, [])
        self.matches: list[Match] = []
        if within is not None:
            self.left, self.until = within.left, within.until


class Frame:
    """Where decisions find their values: the given variables, decisions given from outside, and those already
    decided. `free` are the variables that no model declares: the process's own, which every decision sees.
    """

    __slots__ = ("decided", "deciding", "free", "variables")

    def __init__(
        self, variables: Mapping[str, Any], declared: Container[str], given: Mapping[str, Any] | None = None
    ) -> None:
        self.variables = variables
        self.free = {name: value for name, value in variables.items() if name not in declared}
        self.decided: dict[str, Any] = dict(given or {})
        self.deciding: set[str] = set()
