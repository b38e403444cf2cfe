"""Decision tables: inputs, rules and outputs compiled once, evaluated with a trace of the rules that matched (DMN
1.5, 8)."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import msgspec

from engine.dmn.boxed import Code, Reading, fitted, typed
from engine.dmn.document import Element
from engine.dmn.hit_policies import Outputs, answer, plain
from engine.dmn.indexes import Index, index_of
from engine.dmn.item_types import allowed_test
from engine.dmn.overlaps import cell_of
from engine.dmn.runs import DecisionRun, Match
from engine.feel.analysis import children_of
from engine.feel.conformance import conforms, unrestricted
from engine.feel.expression import compile_expression, compile_unary_tests
from engine.feel.json import NotStorable, to_json
from engine.feel.operators import equal, size_of
from engine.feel.problems import FeelError, Run
from engine.feel.sentences import Sentence
from engine.feel.syntax import AtLiteral, Literal, Node, RangeLiteral, Test, Tests
from engine.feel.temporal import read_temporal
from engine.feel.types import ANY, Simple, Type
from engine.feel.values import kind_of, said

Scope = Mapping[str, Any]
MAX_SHOWN = 500


class Input(msgspec.Struct, frozen=True):
    """An input column; the value of its expression is null when it is not of its type."""

    label: str
    code: Code
    allows: Callable[[Any], bool] | None
    type: Type


class Output(msgspec.Struct, frozen=True):
    """An output column; `order` holds its allowed values in order of priority, when they are listed one by one."""

    name: str
    type: Type
    allows: Callable[[Any], bool] | None
    order: tuple[Any, ...]
    default: Code | None


class Rule(msgspec.Struct, frozen=True):
    """One row: a test per input (None where anything will do) and a value per output."""

    id: str
    tests: tuple[Code | None, ...]
    outputs: tuple[Code, ...]
    annotation: str


class Table:
    """A compiled decision table."""

    def __init__(self, reading: Reading, element: Element) -> None:
        self.id = element.get("id")
        self.decision = reading.decision
        self.name = element.get("outputLabel") or reading.title or reading.decision
        self.policy = element.get("hitPolicy", "UNIQUE")
        self.aggregation = element.get("aggregation")
        self.inputs = tuple(_input(reading, column) for column in element.all("input"))
        self.outputs = tuple(_output(reading, column) for column in element.all("output"))
        self.rules = tuple(_rule(reading, row, self.inputs, self.outputs) for row in element.all("rule"))
        self.indexes = tuple(_index(reading, element, place) for place in range(len(self.inputs)))
        if not self.rules:
            reading.report(self.id, "no_rule", severity="warning")
        if not self.outputs:
            reading.report(self.id, "no_output")

    def evaluate(self, scope: Scope, run: Run) -> Any:
        """The answer of the table; null when no rule matches and there is no default."""
        inner = dict(scope)
        values = [column.code(scope, run) for column in self.inputs]
        for column, value in zip(self.inputs, values, strict=True):
            if column.allows is not None and value is not None and not column.allows(value):
                run.note("not_allowed", 0, column.label)
                return None
        matching = self._matching(values, inner, run)
        inner.pop("?", None)
        hits = [self._hit(index, self.rules[index], values, inner, run) for index in matching]
        if not hits:
            return self._default(inner, run)
        return answer(self.policy, self.aggregation, hits, self._priority, run)

    def _matching(self, values: list[Any], scope: dict[str, Any], run: Run) -> list[int]:
        """The numbers of the rules that match; the first one alone where it decides."""
        run.spend(len(self.rules))
        left, waiting = (1 << len(self.rules)) - 1, list[tuple[int, int]]()
        for place, (value, index) in enumerate(zip(values, self.indexes, strict=True)):
            found = None if index is None else index.rules_for(value)
            if index is None or found is None:
                waiting.append((place, -1))
                continue
            left &= found
            if index.unknown:
                waiting.append((place, index.unknown))
        matching: list[int] = []
        while left:
            number = (left & -left).bit_length() - 1
            left &= left - 1
            tests = self.rules[number].tests
            if all(_passes(tests[place], values[place], scope, run) for place, rest in waiting if rest >> number & 1):
                matching.append(number)
                if self.policy == "FIRST":
                    break
        return matching

    def _hit(self, index: int, rule: Rule, values: list[Any], scope: Scope, run: Run) -> Outputs:
        outputs = {
            column.name: self._output(column, code(scope, run), run)
            for column, code in zip(self.outputs, rule.outputs, strict=False)
        }
        if isinstance(run, DecisionRun):
            inputs = {column.label: _shown(value) for column, value in zip(self.inputs, values, strict=True)}
            shown = {column.name or self.name: _shown(outputs[column.name]) for column in self.outputs}
            run.matches.append(Match(self.decision, self.id, self.name, index, rule.id, rule.annotation, inputs, shown))
        return outputs

    @staticmethod
    def _output(column: Output, value: Any, run: Run) -> Any:
        value = fitted(value, column.type, run)
        if value is not None and column.allows is not None and not column.allows(value):
            run.note("not_allowed", 0, column.name)
            return None
        return value

    def _default(self, scope: Scope, run: Run) -> Any:
        if all(column.default is None for column in self.outputs):
            return None
        outputs = {column.name: column.default(scope, run) if column.default else None for column in self.outputs}
        value = plain(outputs)
        return [value] if self.policy in ("RULE ORDER", "OUTPUT ORDER") else value

    def _priority(self, outputs: Outputs) -> tuple[int, ...]:
        return tuple(_rank(column.order, outputs[column.name]) for column in self.outputs if column.order)


def compile_table(reading: Reading, element: Element) -> Code:
    """The code of a decision table."""
    return Table(reading, element).evaluate


def _rank(order: tuple[Any, ...], value: Any) -> int:
    return next((place for place, known in enumerate(order) if equal(known, value) is True), len(order))


def _shown(value: Any) -> Any:
    """What the trace keeps of a value: one that is too big to be read is told by its kind, as a function is."""
    try:
        return to_json(value) if size_of(value) <= MAX_SHOWN else f"({kind_of(value)})"
    except NotStorable:
        return f"({kind_of(value)})"


def _passes(test: Code | None, value: Any, scope: dict[str, Any], run: Run) -> bool:
    if test is None:
        return True
    scope["?"] = value
    return test(scope, run) is True


def _index(reading: Reading, element: Element, place: int) -> Index | None:
    texts = (row.all("inputEntry")[place : place + 1] for row in element.all("rule"))
    return index_of([cell_of(entry[0].text_of("text"), reading.names) if entry else cell_of("", ()) for entry in texts])


def _input(reading: Reading, column: Element) -> Input:
    expression = column.one("inputExpression")
    text = expression.text_of("text") if expression is not None else ""
    label = column.get("label") or text
    if not text:
        reading.report(column.get("id"), "no_input_expression", column=label)
    wanted = reading.types.named(expression.get("typeRef")) if expression is not None else ANY
    code = typed(reading.expression(text or "null", column.get("id"), label), wanted)
    return Input(label, code, _allowed(reading, column, "inputValues"), wanted)


def _allowed(reading: Reading, column: Element, name: str) -> Callable[[Any], bool] | None:
    values = column.one(name)
    text = values.text_of("text") if values is not None else ""

    def report(place: str, sentence: Sentence) -> None:
        reading.report(place, "unreadable", sentence)

    return allowed_test(text, reading.names, report, column.get("id")) if text else None


def _output(reading: Reading, column: Element) -> Output:
    default = column.one("defaultOutputEntry")
    text = default.text_of("text") if default is not None else ""
    code = reading.expression(text, column.get("id"), column.get("name")) if text else None
    wanted = reading.types.named(column.get("typeRef"))
    return Output(
        column.get("name"), wanted, _allowed(reading, column, "outputValues"), _order(column, reading.names), code
    )


def _order(column: Element, names: tuple[str, ...]) -> tuple[Any, ...]:
    values = column.one("outputValues")
    text = values.text_of("text") if values is not None else ""
    if not text:
        return ()
    try:
        listed = compile_expression(f"[{text}]", names)
        return tuple(listed.run({}, Run(None)) or ())
    except FeelError:
        return ()


def _rule(reading: Reading, row: Element, inputs: tuple[Input, ...], outputs: tuple[Output, ...]) -> Rule:
    entries, results = row.all("inputEntry"), row.all("outputEntry")
    if len(entries) != len(inputs) or len(results) != len(outputs):
        reading.report(row.get("id"), "cells_missing")
    tests = [
        _test(reading, entry, row, column) for entry, column in zip(entries[: len(inputs)], inputs, strict=False)
    ] + [None] * (len(inputs) - len(entries))
    for entry, column in zip(results, outputs, strict=False):
        _check_type(reading, entry.text_of("text"), column, row)
    codes = tuple(
        reading.expression(entry.text_of("text") or "null", row.get("id"), column.name)
        for entry, column in zip(results, outputs, strict=False)
    )
    annotations = [entry.text_of("text") for entry in row.all("annotationEntry")] or [row.text_of("description")]
    return Rule(row.get("id"), tuple(tests), codes, " ".join(filter(None, annotations)))


def _check_type(reading: Reading, text: str, column: Output, row: Element) -> None:
    """Reports a constant that its column's type would turn into null, as a number in a column of strings."""
    try:
        node = compile_expression(text or "null", reading.names).node
    except FeelError:
        return
    if isinstance(node, Literal) and not conforms(node.value, column.type):
        reading.report(row.get("id"), "wrong_constant", column.type, said(node.value), column=column.name)


def _test(reading: Reading, entry: Element, row: Element, column: Input) -> Code | None:
    text = entry.text_of("text")
    if text in ("", "-"):
        return None
    _check_cell(reading, text, column, row)
    return reading.tests(text, row.get("id"), column.label)


def _check_cell(reading: Reading, text: str, column: Input, row: Element) -> None:
    """Reports a constant that no value of the column's type can match, as a number in a column of strings."""
    wanted = unrestricted(column.type)
    try:
        node = compile_unary_tests(text, reading.names).node
    except FeelError:
        return
    for value in _constants_of(node) if isinstance(wanted, Simple) else ():
        if type(value) is not bool and not conforms(value, wanted):
            reading.report(row.get("id"), "wrong_constant", wanted, said(value), column=column.label)


def _constants_of(node: Node) -> Iterator[Any]:
    match node:
        case Literal(value=value):
            yield value
        case AtLiteral(text=text):
            yield read_temporal(text)
        case Tests() | Test() | RangeLiteral():
            for child in children_of(node):
                yield from _constants_of(child)
        case _:
            return


__all__ = ["Table", "compile_table"]
