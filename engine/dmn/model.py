"""Model: the elements of a DMN file that can be decided or called, compiled, with what each of them requires."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import msgspec

from engine.dmn.boxed import Code, Reading, compile_boxed, compile_function, expression_in
from engine.dmn.document import Element
from engine.dmn.findings import Finding
from engine.dmn.item_types import ItemTypes
from engine.feel.expression import Expression
from engine.feel.sentences import Sentence
from engine.feel.types import ANY, FunctionOf, Type
from engine.feel.values import Function

_NAMED = frozenset(
    {
        "variable",
        "inputData",
        "decision",
        "businessKnowledgeModel",
        "decisionService",
        "itemComponent",
        "itemDefinition",
        "column",
        "import",
        "output",
        "parameters",
    }
)
# Known only within the element that declares them: one may be called `Person.Name`, which is a path anywhere else.
_PARAMETERS = frozenset({"formalParameter"})


class Input(msgspec.Struct, frozen=True):
    """Input data: a variable that decisions require."""

    key: str
    name: str
    type: Type


class Decision(msgspec.Struct, frozen=True):
    """A decision: its code and the keys of the elements it requires. `title` is what people call it; `by_rules` when
    its logic is a table."""

    key: str
    id: str
    name: str
    type: Type
    code: Code
    requires: tuple[str, ...]
    title: str
    by_rules: bool


class Knowledge(msgspec.Struct, frozen=True):
    """A business knowledge model: what makes its function in the scope of what it requires."""

    key: str
    name: str
    make: Callable[[Mapping[str, Any]], Function]
    requires: tuple[str, ...]


class Service(msgspec.Struct, frozen=True):
    """A decision service: decisions callable as one function."""

    key: str
    id: str
    name: str
    type: Type
    outputs: tuple[str, ...]
    input_decisions: tuple[str, ...]
    input_data: tuple[str, ...]


Part = Input | Decision | Knowledge | Service


class Model:
    """One DMN file. Keys are `namespace#id`, so that models can refer to one another."""

    def __init__(self, root: Element, imported: Mapping[str, "Model"]) -> None:
        self.namespace = root.get("namespace")
        self.name = root.get("name")
        self.findings: list[Finding] = []
        self.imports = {element.get("namespace"): element.get("name") for element in root.all("import")}
        self.names = _names_in(root, [imported[space] for space in self.imports if space in imported])
        self.types = ItemTypes(self.names, self._report_type)
        self.types.define(root.all("itemDefinition"), self._imported_types(imported))
        self.parts: dict[str, Part] = {}
        self.tables: list[tuple[str, Element]] = []
        self._readings: list[Reading] = []
        # Whatever has a name may be a function: nobody knows before it is called.
        self.named = _all_names(root).union(*(model.named for model in imported.values()))
        self.free_names: dict[str, frozenset[str]] = {}
        self.paths: dict[str, frozenset[tuple[str, ...]]] = {}
        self._add_parts(root)

    def _report_type(self, place: str, sentence: Sentence) -> None:
        self.findings.append(Finding("", place, sentence, code="unreadable"))

    def _imported_types(self, imported: Mapping[str, "Model"]) -> dict[str, Type]:
        return {
            f"{name}.{type_name}" if name else type_name: known
            for space, name in self.imports.items()
            if space in imported
            for type_name, known in imported[space].types.known.items()
        }

    def _add_parts(self, root: Element) -> None:
        makers: dict[str, Callable[[Element], Part]] = {
            "inputData": self._input,
            "decision": self._decision,
            "businessKnowledgeModel": self._knowledge,
            "decisionService": self._service,
        }
        for element in root.children:
            maker = makers.get(element.name)
            if maker is not None:
                part = maker(element)
                self.parts[part.key] = part

    def key(self, href: str) -> str:
        """The key that a reference points to."""
        space, _, identifier = href.rpartition("#")
        return f"{space or self.namespace}#{identifier}"

    def _reading(self, element: Element) -> Reading:
        parameters = {each.get("name") for each in element.everything() if each.name in _PARAMETERS}
        names = (*self.names, *_unusual(parameters))
        reading = Reading(_id(element), element.get("name"), names, self.types, self.findings)
        self._readings.append(reading)
        return reading

    @property
    def expressions(self) -> Iterator[tuple[str, Expression, str, str]]:
        """Every expression that could be read, with its decision, its element and its column."""
        return ((reading.decision, *read) for reading in self._readings for read in reading.read)

    def _own_key(self, element: Element) -> str:
        return self.key(f"#{_id(element)}")

    def _type(self, element: Element) -> Type:
        variable = element.one("variable")
        return self.types.named(variable.get("typeRef")) if variable is not None else ANY

    def _name(self, element: Element) -> str:
        variable = element.one("variable")
        return (variable.get("name") if variable is not None else "") or element.get("name")

    def _input(self, element: Element) -> Input:
        return Input(self._own_key(element), self._name(element), self._type(element))

    def _decision(self, element: Element) -> Decision:
        reading = self._reading(element)
        expression = expression_in(element)
        if expression is None:
            reading.report(element.get("id"), "no_logic")
        code = compile_boxed(reading, expression)
        key = self._own_key(element)
        self.free_names[key] = frozenset(reading.free_names)
        self.paths[key] = frozenset(reading.paths)
        self.tables += [(reading.decision, table) for table in reading.tables]
        requires = self._requirements(element, "informationRequirement") + self._requirements(
            element, "knowledgeRequirement"
        )
        return Decision(
            key,
            reading.decision,
            self._name(element),
            self._type(element),
            code,
            requires,
            title=reading.title or reading.decision,
            by_rules=expression is not None and expression.name == "decisionTable",
        )

    def _requirements(self, element: Element, name: str) -> tuple[str, ...]:
        return tuple(
            self.key(target.get("href")) for requirement in element.all(name) for target in requirement.children
        )

    def _knowledge(self, element: Element) -> Knowledge:
        reading = self._reading(element)
        logic = element.one("encapsulatedLogic") or Element("encapsulatedLogic", {}, "", ())
        make = compile_function(reading, logic, self._name(element))
        return Knowledge(
            self._own_key(element), self._name(element), make, self._requirements(element, "knowledgeRequirement")
        )

    def _service(self, element: Element) -> Service:
        def hrefs(name: str) -> tuple[str, ...]:
            return tuple(self.key(child.get("href")) for child in element.all(name))

        answer = self._type(element)
        return Service(
            self._own_key(element),
            _id(element),
            self._name(element),
            answer.result if isinstance(answer, FunctionOf) else answer,
            hrefs("outputDecision"),
            hrefs("inputDecision"),
            hrefs("inputData"),
        )


def _id(element: Element) -> str:
    # Some tools leave out the id; nothing can then refer to the element, but it can be decided by its name.
    return element.get("id") or element.get("name")


def _all_names(root: Element) -> frozenset[str]:
    known = _NAMED | _PARAMETERS
    names = {element.get("name") for element in root.everything() if element.name in known}
    return frozenset(names | {element.get("iteratorVariable") for element in root.everything()} - {""})


def _names_in(root: Element, imported: Iterable[Model]) -> tuple[str, ...]:
    own = {element.get("name") for element in root.everything() if element.name in _NAMED}
    iterators = {element.get("iteratorVariable") for element in root.everything()}
    return _unusual(own.union(iterators, *(model.names for model in imported)))


def _unusual(names: Iterable[str]) -> tuple[str, ...]:
    """The names that reading a text must know of: those with spaces or symbols."""
    return tuple(sorted(name for name in names if name and not name.isidentifier()))
