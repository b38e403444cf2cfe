"""Decisions: evaluates the decisions and services of DMN models, required decisions first, each at most once.

Called for business rule tasks, and by the lint for `findings`. Never reads the clock; the variables given are not
changed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec

from engine.dmn.boxed import fitted
from engine.dmn.document import read_document
from engine.dmn.errors import DecisionError, DecisionUnknown
from engine.dmn.findings import Finding, dmn_says
from engine.dmn.judging import Effort, judged
from engine.dmn.model import Decision, Input, Knowledge, Model, Part, Service
from engine.dmn.runs import Decided, DecisionRun, Frame
from engine.feel.checks import checks_of, placed
from engine.feel.problems import FeelError, Run
from engine.feel.sentences import Sentence, tell
from engine.feel.values import Function


def read_decisions(xml: bytes, imports: Iterable[bytes] = ()) -> "Decisions":
    """The decisions of a DMN file; `imports` are the files it imports, in any order. Raises `DecisionsUnreadable`."""
    roots = {root.get("namespace"): root for root in map(read_document, imports)}
    main = read_document(xml)
    models: dict[str, Model] = {}

    def load(space: str, on_the_way: frozenset[str]) -> None:
        root = roots[space]
        for imported in root.all("import"):
            needed = imported.get("namespace")
            if needed in roots and needed not in models and needed not in on_the_way:
                load(needed, on_the_way | {needed})
        models[space] = Model(root, models)

    roots[main.get("namespace")] = main
    load(main.get("namespace"), frozenset({main.get("namespace")}))
    return Decisions(models[main.get("namespace")], models)


class Decisions:
    """The decisions of one file, ready to be evaluated any number of times."""

    def __init__(self, model: Model, models: Mapping[str, Model]) -> None:
        self._model = model
        self._models = models
        self._parts: dict[str, Part] = {}
        for known in models.values():
            self._parts.update(known.parts)
        self._declared = frozenset(part.name for part in self._parts.values())

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the decisions of this file, in its order."""
        return tuple(part.id for part in self._model.parts.values() if isinstance(part, Decision))

    def findings(self) -> tuple[Finding, ...]:
        """Everything wrong in the file, for the lint."""
        return (
            *self._model.findings,
            *self._missing_requirements(),
            *self._undeclared(),
            *self._mistakes(),
            *self._tables(),
        )

    def required_names(self, decision_id: str) -> frozenset[str]:
        """The names of the variables a decision needs, required decisions included. Raises `DecisionUnknown`."""
        return self._needed(self._named(decision_id, Decision))[0]

    def required_paths(self, decision_id: str) -> frozenset[tuple[str, ...]]:
        """The variables a decision needs with the entries it reads from them, as (`answers`, `kind`)."""
        wanted, seen = self._needed(self._named(decision_id, Decision))
        read = {path for key in seen for path in self._models[key.rpartition("#")[0]].paths.get(key, ())}
        return frozenset(path for path in read if path[0] in wanted) | {(name,) for name in wanted}

    def evaluate(
        self, decision_id: str, variables: Mapping[str, Any], now: datetime | None, within: Run | None = None
    ) -> Decided:
        """Decides. `decision_id` is an id, or else a name; `within` is the evaluation that asks and whose budget this
        takes. Raises `DecisionUnknown`, `DecisionError`.
        """
        decision = self._named(decision_id, Decision)
        run, frame = DecisionRun(now, within), Frame(variables, self._declared)
        try:
            found = self._finished(run, lambda: self._decide(decision, frame, run))
            required = {key.rpartition("#")[2]: value for key, value in frame.decided.items() if key != decision.key}
            return msgspec.structs.replace(found, name=decision.title, by_rules=decision.by_rules, required=required)
        finally:
            if within is not None:
                within.left, within.until = run.left, run.until

    def evaluate_service(self, service_id: str, variables: Mapping[str, Any], now: datetime | None) -> Decided:
        """Calls a decision service with its inputs by name. Raises `DecisionUnknown`, `DecisionError`."""
        service = self._named(service_id, Service)
        run = DecisionRun(now)
        arguments = [variables.get(name) for name in self._service_parameters(service)]
        return self._finished(run, lambda: fitted(self._serve(service, arguments, run), service.type, run))

    @staticmethod
    def _finished(run: DecisionRun, decide: Any) -> Decided:
        try:
            value = decide()
        except (FeelError, RecursionError, ArithmeticError) as failed:
            raise DecisionError(_reason(failed)) from failed
        return Decided(value, tuple(run.matches), tuple(run.problems or ()))

    def _named(self, name: str, kind: type[Any]) -> Any:
        quick = self._parts.get(f"{self._model.namespace}#{name}")
        if isinstance(quick, kind):
            return quick
        parts: list[Any] = [part for part in self._model.parts.values() if isinstance(part, kind)]
        wanted = [part for part in parts if part.id == name] or [part for part in parts if part.name == name]
        found = next(iter(wanted), None)
        if found is None:
            raise DecisionUnknown(dmn_says("decision_unknown", name))
        return found

    def _decide(self, decision: Decision, frame: Frame, run: Run) -> Any:
        if decision.key in frame.decided:
            return frame.decided[decision.key]
        if decision.key in frame.deciding:
            raise DecisionError(dmn_says("requires_itself", decision.name))
        frame.deciding.add(decision.key)
        scope = {**frame.free, **self._required(decision.key, decision.requires, frame, run)}
        value = fitted(decision.code(scope, run), decision.type, run)
        frame.deciding.discard(decision.key)
        frame.decided[decision.key] = value
        return value

    def _required(self, key: str, requires: Iterable[str], frame: Frame, run: Run) -> dict[str, Any]:
        """The values of what an element requires by the names it uses; those of an imported model within its import
        name."""
        space = key.rpartition("#")[0]
        scope: dict[str, Any] = {}
        for required in requires:
            part = self._parts.get(required)
            if part is None:
                continue
            value = self._value(part, frame, run)
            other = required.rpartition("#")[0]
            if other == space:
                scope[part.name] = value
                continue
            prefix = self._models[space].imports.get(other, "")
            if prefix:
                scope.setdefault(prefix, {})[part.name] = value
            else:
                scope[part.name] = value
        return scope

    def _value(self, part: Part, frame: Frame, run: Run) -> Any:
        match part:
            case Input():
                return fitted(frame.variables.get(part.name), part.type, run)
            case Decision():
                return self._decide(part, frame, run)
            case Knowledge():
                return self._function(part, frame)
            case Service():
                return self._service_function(part)

    def _function(self, knowledge: Knowledge, frame: Frame) -> Function:
        # The scope is made when the function is called, so that knowledge models may call one another, and themselves.
        template = knowledge.make({})

        def call(run: Run, arguments: list[Any]) -> Any:
            own = {knowledge.name: function}
            required = self._required(knowledge.key, knowledge.requires, frame, run)
            return knowledge.make({**own, **required}).call(run, arguments)

        function = Function(knowledge.name, template.parameters, call, template.types, template.result)
        return function

    def _service_parameters(self, service: Service) -> tuple[str, ...]:
        keys = service.input_data + service.input_decisions
        return tuple(self._parts[key].name for key in keys if key in self._parts)

    def _service_function(self, service: Service) -> Function:
        parts = [self._parts[key] for key in service.input_data + service.input_decisions if key in self._parts]
        types = tuple(part.type for part in parts if isinstance(part, Input | Decision))
        names = tuple(part.name for part in parts)

        def call(run: Run, arguments: list[Any]) -> Any:
            return self._serve(service, arguments, run)

        return Function(service.name, names, call, types, service.type)

    def _serve(self, service: Service, arguments: list[Any], run: Run) -> Any:
        inputs, decisions = service.input_data, service.input_decisions
        variables = {
            self._parts[key].name: value for key, value in zip(inputs, arguments, strict=False) if key in self._parts
        }
        given: dict[str, Any] = {}
        for key, value in zip(decisions, arguments[len(inputs) :], strict=False):
            part = self._parts.get(key)
            given[key] = fitted(value, part.type, run) if isinstance(part, Decision) else value
        frame = Frame(variables, self._declared, given)
        outputs = [part for part in map(self._parts.get, service.outputs) if isinstance(part, Decision)]
        values = {part.name: self._decide(part, frame, run) for part in outputs}
        return next(iter(values.values())) if len(values) == 1 else values

    def _missing_requirements(self) -> list[Finding]:
        return [
            Finding(part.id, part.id, dmn_says("requirement_missing", key.rpartition("#")[2]))
            for part in self._model.parts.values()
            if isinstance(part, Decision)
            for key in part.requires
            if key not in self._parts
        ]

    def _undeclared(self) -> list[Finding]:
        """Decisions that read what the model declares without requiring it, and so would find null."""
        return [
            Finding(part.id, part.id, dmn_says("requirement_undeclared", name), code="requirement_undeclared")
            for part in self._model.parts.values()
            if isinstance(part, Decision)
            for name in sorted(self._model.free_names[part.key] & self._declared - self._required_names(part))
        ]

    def _required_names(self, decision: Decision) -> frozenset[str]:
        return frozenset(self._parts[key].name for key in decision.requires if key in self._parts)

    def _mistakes(self) -> list[Finding]:
        """What the expressions say that can never work: see `engine.feel.checks`."""
        return [
            Finding(decision, element, placed(check, expression.text), column, check.severity, check.code)
            for decision, expression, element, column in self._model.expressions
            for check in checks_of(expression, self._model.named)
        ]

    def _tables(self) -> list[Finding]:
        effort, names = Effort(), self._model.names
        return [found for decision, table in self._model.tables for found in judged(decision, table, names, effort)]

    def _needed(self, decision: Decision) -> tuple[frozenset[str], frozenset[str]]:
        """The names that a decision needs from outside, and the keys of the decisions it requires, itself included."""
        names, seen, waiting = set[str](), {decision.key}, [decision]
        while waiting:
            current = waiting.pop()
            free = set(self._models[current.key.rpartition("#")[0]].free_names[current.key])
            for part in filter(None, map(self._parts.get, current.requires)):
                free.discard(part.name)
                if isinstance(part, Input):
                    names.add(part.name)
                elif isinstance(part, Decision) and part.key not in seen:
                    seen.add(part.key)
                    waiting.append(part)
            names |= free
        return frozenset(names), frozenset(seen)


def _reason(failed: Exception) -> Sentence:
    return failed.sentence if isinstance(failed, FeelError) else tell("calls_too_deep")
