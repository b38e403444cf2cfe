"""Decisions: the decision tables of one bundle, found by id. The evaluation itself is `engine.dmn`."""

import contextlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from engine.bpmn.errors import ElementFailed
from engine.bpmn.parser.findings import Finding
from engine.bpmn.storable import storable
from engine.deadlines import town_time
from engine.dmn import Decided, Decisions, DecisionsUnreadable, DecisionUnknown, read_decisions
from engine.dmn.findings import dmn_says
from engine.feel.problems import Run, ToldError
from engine.feel.sentences import Sentence


class DecisionBook:
    """Every decision of a bundle."""

    def __init__(self, by_id: Mapping[str, Decisions]) -> None:
        self.by_id = by_id

    def __contains__(self, decision: str) -> bool:
        return decision in self.by_id

    @property
    def ids(self) -> frozenset[str]:
        """Every decision's id."""
        return frozenset(self.by_id)

    def evaluate(self, decision: str, variables: Mapping[str, Any], now: datetime) -> Decided:
        """The value and the rules that matched, for connectors and computed fields. Raises `DecisionUnknown`."""
        book = self.by_id.get(decision)
        if book is None:
            raise DecisionUnknown(dmn_says("decision_unknown", decision))
        return book.evaluate(decision, variables, town_time(now))

    def decide(
        self, decision: str, variables: Mapping[str, Any], now: datetime, within: Run | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """The value decided and the trace of the matched rules. `within` is the evaluation that asks, if an expression
        does. Raises `ElementFailed`.
        """
        book = self.by_id.get(decision)
        if book is None:
            raise ElementFailed("decision", Sentence("The bundle has no decision “{0}”.", (decision,)))
        try:
            decided = book.evaluate(decision, variables, town_time(now), within)
        except (ToldError, ElementFailed) as failure:
            raise ElementFailed("decision", Sentence("{0}: {1}", (decision, failure.sentence))) from failure
        matches = [storable(msgspec.structs.asdict(match)) for match in decided.matches]
        problems = [problem.sentence.kept() for problem in decided.problems]
        value = storable(decided.value)
        trace = {
            "name": decided.name,
            "by_rules": decided.by_rules,
            "answer": value,
            "required": _kept(decided.required),
        }
        return value, {"decision": decision, **trace, "matches": matches, "problems": problems}


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of these values that can be kept: a decision may also answer a function, for others to call."""
    kept: dict[str, Any] = {}
    for name, value in values.items():
        with contextlib.suppress(ElementFailed):
            kept[name] = storable(value)
    return kept


def _others(files: Mapping[str, bytes], name: str) -> list[bytes]:
    """The other files, which this one may import: only when it says so, as each of them would be read again."""
    return [content for other, content in files.items() if other != name] if b"import" in files[name] else []


def read_decision_files(files: Mapping[str, bytes]) -> tuple[DecisionBook, tuple[Finding, ...]]:
    """The decisions of these DMN files, and what keeps some from being read."""
    by_id: dict[str, Decisions] = {}
    found: list[Finding] = []
    for name, content in files.items():
        try:
            decisions = read_decisions(content, _others(files, name))
        except DecisionsUnreadable as refusal:
            told = refusal.sentence
            found.append(Finding(None, "decision", str(told), "Correct the decision table.", name, told))
            continue
        by_id.update(dict.fromkeys(decisions.ids, decisions))
    return DecisionBook(by_id), tuple(found)
