"""Judging: what the lint says of the rules of one decision table: overlaps, rules that never decide, and gaps."""

from collections.abc import Iterator

from engine.dmn.coverage import MAX_VISITS, Coverage, coverage_of
from engine.dmn.document import Element
from engine.dmn.findings import Finding, dmn_says
from engine.dmn.overlaps import cells_of, overlapping_rules, work_of

MAX_RULES, MAX_COMPARISONS = 300, 1_000_000
# A collection of no rule is an empty answer that people mean; the others answer null.
_COLLECTING = ("COLLECT", "RULE ORDER", "OUTPUT ORDER")


class Effort:
    """How much one file may ask: so many comparisons of cells, whatever the tables they are in."""

    def __init__(self) -> None:
        self.left = MAX_COMPARISONS

    def allows(self, comparisons: int) -> bool:
        """Takes the comparisons from what is left, if there are as many."""
        if comparisons > self.left:
            return False
        self.left -= comparisons
        return True


def judged(decision: str, table: Element, names: tuple[str, ...], effort: Effort) -> Iterator[Finding]:
    """Overlaps of a UNIQUE table are errors; the rest deserves a look. A table that is too big is told, not judged."""
    policy = table.get("hitPolicy", "UNIQUE")
    rules = table.all("rule")
    cells = cells_of(table, names) if len(rules) <= MAX_RULES else []
    if len(rules) > MAX_RULES or not effort.allows(work_of(cells)):
        place = table.get("id") or decision
        yield Finding(decision, place, dmn_says("not_judged"), severity="warning", code="not_judged")
        return
    for first, second in overlapping_rules(cells) if policy == "UNIQUE" else ():
        told = dmn_says("rules_overlap", first + 1)
        yield Finding(decision, rules[second].get("id"), told, f"{second + 1}", code="rules_overlap")
    coverage = coverage_of(table, cells, names) if effort.allows(MAX_VISITS) else None
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
