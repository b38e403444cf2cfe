"""Judging: what the lint says of the rules of one decision table: overlaps, rules that never decide, and gaps."""

from collections.abc import Iterator

from engine.dmn.coverage import Coverage, coverage_of
from engine.dmn.document import Element
from engine.dmn.findings import Finding, dmn_says
from engine.dmn.overlaps import overlapping_rules

# A collection of no rule is an empty answer that people mean; the others answer null.
_COLLECTING = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")


def judged(decision: str, table: Element, names: tuple[str, ...]) -> Iterator[Finding]:
    """Overlaps of a UNIQUE table are errors; the rest deserves a look."""
    policy = table.get("hitPolicy", "UNIQUE")
    rules = table.all("rule")
    places = {rule.get("id"): number for number, rule in enumerate(rules, 1)}
    for first, second in overlapping_rules(table, names) if policy == "UNIQUE" else ():
        told = dmn_says("rules_overlap", places[first.get("id")])
        yield Finding(decision, second.get("id"), told, f"{places[second.get('id')]}", code="rules_overlap")
    coverage = coverage_of(table, names)
    if coverage is None:
        return
    for number, rule in enumerate(rules):
        code = _fault(coverage, number, policy)
        if code is not None:
            yield Finding(decision, rule.get("id"), dmn_says(code), str(number + 1), "warning", code)
    if policy not in _COLLECTING and not any(output.one("defaultOutputEntry") for output in table.all("output")):
        for gap in coverage.gaps:
            told = dmn_says("rows_leave_gap", gap)
            yield Finding(decision, table.get("id") or decision, told, severity="warning", code="rows_leave_gap")


def _fault(coverage: Coverage, rule: int, policy: str) -> str | None:
    if not coverage.can_match(rule):
        return "rule_empty"
    return "rule_unreachable" if policy == "FIRST" and not coverage.can_decide(rule) else None
