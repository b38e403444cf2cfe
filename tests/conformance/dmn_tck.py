"""Runs the DMN Technology Compatibility Kit: reads its cases, evaluates the models and compares. Holds none of its
data."""

import csv
import re
import xml.etree.ElementTree as Tree
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from engine.dmn import DecisionError, Decisions, DecisionUnknown, read_decisions
from engine.feel.literals import read_number
from engine.feel.temporal import read_date, read_date_time, read_duration, read_temporal, read_time
from engine.feel.values import Function, Months, Range, is_list, number

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Outcome:
    """One case: where it is and what went wrong, if anything."""

    file: Path
    case: str
    problem: str | None


def run(folder: Path, csv_file: Path | None) -> None:
    """Runs every case below a folder and prints the failing ones and the figure."""
    outcomes = list(_outcomes(folder))
    for outcome in outcomes:
        if outcome.problem:
            print(f"{outcome.file.parent.name} {outcome.case}: {outcome.problem}")
    if csv_file:
        _write_csv(csv_file, outcomes)
    print(f"{sum(outcome.problem is None for outcome in outcomes)}/{len(outcomes)}")


def _write_csv(path: Path, outcomes: list[Outcome]) -> None:
    """The kit's own submission format: level and folder, test file, case, verdict and remark, all quoted."""
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, quoting=csv.QUOTE_ALL)
        for outcome in outcomes:
            level_and_folder = "/".join(outcome.file.parent.parts[-2:])
            verdict = "ERROR" if outcome.problem else "SUCCESS"
            writer.writerow([level_and_folder, outcome.file.stem, outcome.case, verdict, outcome.problem or ""])


def _outcomes(folder: Path) -> Iterator[Outcome]:
    for path in sorted(folder.rglob("*-test-*.xml")):
        root = Tree.parse(path).getroot()
        model_name = _text(root, "modelName")
        decisions: Decisions | None = None
        problem = ""
        try:
            others = [other.read_bytes() for other in path.parent.glob("*.dmn") if other.name != model_name]
            decisions = read_decisions((path.parent / model_name).read_bytes(), others)
        except Exception as broken:
            problem = f"cannot read the model: {broken!r}"
        for case in _children(root, "testCase"):
            yield Outcome(path, case.get("id", ""), problem or _problem_of(decisions, case))


def _problem_of(decisions: Decisions | None, case: Tree.Element) -> str | None:
    assert decisions is not None
    variables = {node.get("name", ""): _value(node) for node in _children(case, "inputNode")}
    problems = [_compare(decisions, case, node, variables) for node in _children(case, "resultNode")]
    return next((problem for problem in problems if problem), None)


def _compare(decisions: Decisions, case: Tree.Element, node: Tree.Element, variables: dict[str, Any]) -> str | None:
    expected = _value(next(iter(_children(node, "expected"))))
    name = node.get("name", "")
    notes: tuple[Any, ...] = ()
    try:
        found, notes = _found(decisions, case, name, variables)
    except DecisionUnknown as missing:
        return str(missing)
    except DecisionError as failed:
        found, notes = None, (failed,)
    except Exception as crashed:
        return f"{name}: crashed: {crashed!r}"
    if node.get("errorResult") == "true" and not notes and found is None:
        return f"{name}: expected a reported failure"
    if _same(found, expected):
        return None
    return f"{name}: expected {expected!r}, found {found!r} {notes[:1] if found is None else ''}"


def _found(
    decisions: Decisions, case: Tree.Element, name: str, variables: dict[str, Any]
) -> tuple[Any, tuple[Any, ...]]:
    invocable = case.get("invocableName")
    if case.get("type") != "decisionService" or not invocable:
        decided = decisions.evaluate(name, variables, _NOW)
        return decided.value, decided.problems
    decided = decisions.evaluate_service(invocable, variables, _NOW)
    value = decided.value
    if isinstance(value, dict) and name in value:
        value = value[name]
    return value, decided.problems


def _same(found: Any, expected: Any) -> bool:
    if isinstance(expected, Decimal | int) and not isinstance(expected, bool):
        exact = number(found) if not isinstance(found, bool) else None
        # The kit writes inexact results to about 8 digits.
        return exact is not None and abs(exact - expected) <= abs(Decimal(expected)) * Decimal("1e-8")
    if is_list(expected):
        return is_list(found) and len(found) == len(expected) and all(map(_same, found, expected))
    if isinstance(expected, dict):
        if isinstance(found, Range | Function) or not isinstance(found, dict):
            return False
        return found.keys() == expected.keys() and all(_same(found[key], expected[key]) for key in expected)
    if isinstance(expected, datetime | time):
        return type(found) is type(expected) and str(found) == str(expected)
    return type(found) is type(expected) and found == expected


def _children(element: Tree.Element, name: str) -> list[Tree.Element]:
    return [child for child in element if child.tag.rpartition("}")[2] == name]


def _text(element: Tree.Element, name: str) -> str:
    return next(((child.text or "").strip() for child in _children(element, name)), "")


def _value(element: Tree.Element) -> Any:
    if element.get(f"{_XSI}nil") in ("true", "1"):
        return None
    components = _children(element, "component")
    if components:
        return {component.get("name", ""): _value(component) for component in components}
    for listing in _children(element, "list"):
        return [_value(item) for item in _children(listing, "item")]
    for value in _children(element, "value"):
        return _scalar(value)
    return None


def _untyped(text: str) -> Any:
    """A value that the case leaves without a type: what it looks like."""
    plain = text.strip()
    if plain in ("true", "false"):
        return plain == "true"
    if _NUMBER.fullmatch(plain):
        return Decimal(plain)
    return read_date_time(plain) if _MOMENT.fullmatch(plain) else text or None


def _scalar(element: Tree.Element) -> Any:
    if element.get(f"{_XSI}nil") in ("true", "1"):
        return None
    text = element.text or ""
    kind = element.get(f"{_XSI}type", "").rpartition(":")[2]
    match kind:
        case "":
            return _untyped(text)
        case "string":
            return text
        case "boolean":
            return text.strip() in ("true", "1")
        case "decimal" | "double" | "integer" | "int" | "float" | "long":
            return Decimal(str(read_number(text.strip())))
        case "date":
            return read_date(text.strip())
        case "time":
            return read_time(text.strip())
        case "dateTime":
            return read_date_time(text.strip())
        case "duration" | "dayTimeDuration" | "yearMonthDuration":
            return read_duration(text.strip())
        case _:
            return read_temporal(text.strip())


__all__ = ["Months", "Outcome", "date", "run", "timedelta"]
