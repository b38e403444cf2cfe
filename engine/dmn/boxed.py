"""Boxed expressions: each kind of DMN expression element compiled to one function over a scope (DMN 1.5, 10.2).

Decision tables have a module of their own (`tables`).
"""

from collections.abc import Callable, Mapping
from typing import Any

from engine.dmn.document import Element
from engine.dmn.errors import DecisionError
from engine.dmn.findings import Finding, dmn_says
from engine.dmn.item_types import ItemTypes
from engine.feel import limits
from engine.feel.compile_control import invoke, items_of
from engine.feel.compile_structures import item_at
from engine.feel.conformance import coerced
from engine.feel.expression import Expression, compile_expression, compile_unary_tests
from engine.feel.operators import size_of
from engine.feel.problems import FeelError, Run
from engine.feel.sentences import Sentence
from engine.feel.types import ANY, Type
from engine.feel.values import Function, is_context, is_list, number, said

Scope = Mapping[str, Any]
Code = Callable[[Scope, Run], Any]


class Reading:
    """What compiling one decision needs: the known names and types, and where findings go. `title` is what people
    call the decision.
    """

    def __init__(
        self, decision: str, title: str, names: tuple[str, ...], types: ItemTypes, findings: list[Finding]
    ) -> None:
        self.decision, self.title = decision, title
        self.names = names
        self.types = types
        self.findings = findings
        self.free_names: set[str] = set()
        self.paths: set[tuple[str, ...]] = set()
        self.tables: list[Element] = []
        # What was read, with the element and the column it stands in: for whoever checks it.
        self.read: list[tuple[Expression, str, str]] = []

    def report(self, element: str, code: str, *words: Any, column: str = "", severity: str = "error") -> None:
        """Adds a finding about an element of the decision."""
        said = dmn_says(code, *words)
        self.findings.append(Finding(self.decision, element, said, column, severity, code))

    def expression(self, text: str, element: str, column: str = "") -> Code:
        """The code of a FEEL text; an unreadable one is reported, and raises `DecisionError` when it is needed."""
        return self._compiled(compile_expression, text, element, column)

    def tests(self, text: str, element: str, column: str = "") -> Code:
        """The code of unary tests over `?`."""
        return self._compiled(compile_unary_tests, text, element, column)

    def _compiled(self, compile_text: Callable[..., Expression], text: str, element: str, column: str) -> Code:
        try:
            expression = compile_text(text, self.names, self.types.known)
        except FeelError as broken:
            self.report(element, "unreadable", broken.sentence, column=column)
            return _failing(broken.sentence)
        self.read.append((expression, element, column))
        self.free_names |= expression.free_names
        self.paths |= expression.paths
        return expression.run


def _failing(message: Sentence) -> Code:
    def fail(scope: Scope, run: Run) -> Any:
        raise DecisionError(message)

    return fail


def null(scope: Scope, run: Run) -> Any:
    """The code of an expression that is not there."""
    return None


def expression_in(element: Element | None) -> Element | None:
    """The expression element among the children of an element."""
    return next((child for child in element.children if child.name in _KINDS), None) if element is not None else None


def compile_boxed(reading: Reading, element: Element | None, bound: frozenset[str] = frozenset()) -> Code:
    """The code of any boxed expression, its own type applied; an absent one is null."""
    if element is None:
        return null
    code = _KINDS[element.name](reading, element, bound)
    return typed(code, reading.types.named(element.get("typeRef")))


def typed(code: Code, wanted: Type) -> Code:
    """The code followed by the conversion to a type; a value that does not fit is null."""
    if wanted == ANY:
        return code

    def convert(scope: Scope, run: Run) -> Any:
        return fitted(code(scope, run), wanted, run)

    return convert


def fitted(value: Any, wanted: Type, run: Run) -> Any:
    """The value as the wanted type, or null with a problem."""
    run.spend(0 if wanted is ANY else size_of(value))
    fits, converted = coerced(value, wanted)
    if not fits:
        run.note("wrong_type", 0, wanted, said(value))
    return converted


def _within(reading: Reading, element: Element | None, names: frozenset[str], bound: frozenset[str]) -> Code:
    """Compiles a part that sees more names, which are then not free names of the decision."""
    before = set(reading.free_names)
    code = compile_boxed(reading, element, bound | names)
    reading.free_names = before | (reading.free_names - names)
    return code


def _literal(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    text = element.text_of("text")
    language = element.get("expressionLanguage").lower()
    if language and "feel" not in language:
        reading.report(element.get("id"), "not_feel", element.get("expressionLanguage"))
    return reading.expression(text, element.get("id")) if text else null


def _context(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    entries: list[tuple[str, Code]] = []
    seen: frozenset[str] = frozenset()
    for entry in element.all("contextEntry"):
        variable = entry.one("variable")
        name = variable.get("name") if variable is not None else ""
        code = _within(reading, expression_in(entry), seen, bound)
        wanted = reading.types.named(variable.get("typeRef")) if variable is not None else ANY
        entries.append((name, typed(code, wanted)))
        seen |= {name}

    def make(scope: Scope, run: Run) -> Any:
        inner, made = dict(scope), dict[str, Any]()
        for name, code in entries:
            value = code(inner, run)
            if not name:
                return value
            inner[name] = made[name] = value
        return made

    return make


def _list(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    items = [compile_boxed(reading, child, bound) for child in element.children if child.name in _KINDS]
    return lambda scope, run: [item(scope, run) for item in items]


def _relation(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    columns = [(column.get("name"), reading.types.named(column.get("typeRef"))) for column in element.all("column")]
    rows: list[list[tuple[str, Code]]] = []
    for row in element.all("row"):
        cells = [child for child in row.children if child.name in _KINDS]
        codes = [compile_boxed(reading, cell, bound) for cell in cells]
        rows.append([(name, typed(code, wanted)) for (name, wanted), code in zip(columns, codes, strict=False)])
    return lambda scope, run: [{name: code(scope, run) for name, code in row} for row in rows]


def _invocation(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    target = compile_boxed(reading, expression_in(element), bound)
    bindings: list[tuple[str, Code]] = []
    for binding in element.all("binding"):
        parameter = binding.one("parameter")
        name = parameter.get("name") if parameter is not None else ""
        wanted = reading.types.named(parameter.get("typeRef")) if parameter is not None else ANY
        bindings.append((name, typed(compile_boxed(reading, expression_in(binding), bound), wanted)))

    def call(scope: Scope, run: Run) -> Any:
        function = target(scope, run)
        if not isinstance(function, Function):
            run.note("not_a_function", 0, said(function))
            return None
        given = {name: code(scope, run) for name, code in bindings}
        if not given.keys() <= set(function.parameters):
            run.note("wrong_arguments", 0, function.name, ", ".join(given))
            return None
        return invoke(function, [given.get(name) for name in function.parameters], (), run, 0, function.name)

    return call


def _function(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    made = compile_function(reading, element, element.get("id"), bound)
    return lambda scope, run: made(scope)


def compile_function(
    reading: Reading, element: Element, name: str, bound: frozenset[str] = frozenset()
) -> Callable[[Scope], Function]:
    """What makes the function of a function definition, given the scope it is defined in."""
    parameters = tuple(parameter.get("name") for parameter in element.all("formalParameter"))
    types = tuple(reading.types.named(parameter.get("typeRef")) for parameter in element.all("formalParameter"))
    result = reading.types.named(element.get("typeRef"))
    external = element.get("kind", "FEEL") != "FEEL"
    body = null if external else _within(reading, expression_in(element), frozenset(parameters), bound)
    if external:
        reading.report(element.get("id"), "external_function")

    def make(scope: Scope) -> Function:
        def call(run: Run, arguments: list[Any]) -> Any:
            if external:
                run.note("external_function", 0)
                return None
            return body({**scope, **dict(zip(parameters, arguments, strict=True))}, run)

        return Function(name, parameters, call, types, result)

    return make


def _part(
    reading: Reading, element: Element, name: str, bound: frozenset[str], names: frozenset[str] = frozenset()
) -> Code:
    return _within(reading, expression_in(element.one(name)), names, bound)


def _conditional(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    condition, then, otherwise = (_part(reading, element, name, bound) for name in ("if", "then", "else"))

    def choose(scope: Scope, run: Run) -> Any:
        answer = condition(scope, run)
        if answer is not None and type(answer) is not bool:
            run.note("not_boolean", 0, said(answer))
            return None
        return then(scope, run) if answer is True else otherwise(scope, run)

    return choose


def _filter(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    source = _part(reading, element, "in", bound)
    match = _part(reading, element, "match", bound, frozenset({"item"}))

    def select(scope: Scope, run: Run) -> Any:
        value = source(scope, run)
        items: Any = value if is_list(value) else [] if value is None else [value]
        run.spend_items(len(items))
        kept: list[Any] = []
        for place, item in enumerate(items):
            entries: Mapping[str, Any] = item if is_context(item) else {}
            answer = match({**scope, "item": item, **entries}, run)
            if place == 0 and number(answer) is not None:
                return item_at(items, answer, run, 0)
            if answer is not None and type(answer) is not bool:
                run.note("not_boolean", 0, said(answer))
                return None
            if answer is True:
                kept.append(item)
        return kept

    return select


def _loop(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    name = element.get("iteratorVariable")
    source = _part(reading, element, "in", bound)
    body_name = "return" if element.name == "for" else "satisfies"
    body = _part(reading, element, body_name, bound, frozenset({name, "partial"}))
    finish = _LOOPS[element.name]

    def loop(scope: Scope, run: Run) -> Any:
        value = source(scope, run)
        items = items_of(value, run)
        if items is None:
            run.note("not_a_list", 0, said(value))
            return None
        results: list[Any] = []
        inner = dict(scope)
        for item in items:
            run.spend(1 + len(results) // limits.PARTIAL_PER_STEP)
            inner[name] = item
            inner["partial"] = list(results)
            results.append(body(inner, run))
        return finish(results, run)

    return loop


def _all_boolean(answers: list[Any], run: Run) -> bool:
    wrong = next((answer for answer in answers if answer is not None and type(answer) is not bool), None)
    if wrong is not None:
        run.note("not_boolean", 0, said(wrong))
    return wrong is None


def _some(answers: list[Any], run: Run) -> bool | None:
    if not _all_boolean(answers, run):
        return None
    if any(answer is True for answer in answers):
        return True
    return False if all(type(answer) is bool for answer in answers) else None


def _every(answers: list[Any], run: Run) -> bool | None:
    if not _all_boolean(answers, run):
        return None
    if any(answer is False for answer in answers):
        return False
    return True if all(type(answer) is bool for answer in answers) else None


_LOOPS: dict[str, Callable[[list[Any], Run], Any]] = {"for": lambda results, _: results, "some": _some, "every": _every}


def _table(reading: Reading, element: Element, bound: frozenset[str]) -> Code:
    from engine.dmn.tables import compile_table

    reading.tables.append(element)
    return compile_table(reading, element)


_KINDS: dict[str, Callable[[Reading, Element, frozenset[str]], Code]] = {
    "literalExpression": _literal,
    "context": _context,
    "list": _list,
    "relation": _relation,
    "invocation": _invocation,
    "functionDefinition": _function,
    "conditional": _conditional,
    "filter": _filter,
    "for": _loop,
    "some": _loop,
    "every": _loop,
    "decisionTable": _table,
}
