"""Item types: the item definitions of a model as FEEL types, with their allowed values (DMN 1.5, 7.3.2 and 7.3.3)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from engine.dmn.document import Element
from engine.dmn.findings import dmn_says
from engine.feel.expression import compile_unary_tests
from engine.feel.problems import FeelError
from engine.feel.sentences import Sentence
from engine.feel.types import ANY, ContextOf, FunctionOf, ListOf, Restricted, Type, parts_of, simple_type

# Allowed values are literals in practice; should they read the clock, they must not depend on when they are checked.
# Types of types double at each level when each of them is used twice.
MAX_PARTS = 2_000
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)
Report = Callable[[str, Sentence], None]


class ItemTypes:
    """The types of one model by name; those of imported models by `import.name`."""

    def __init__(self, names: tuple[str, ...], report: Report) -> None:
        self.known: dict[str, Type] = {}
        self._definitions: dict[str, Element] = {}
        self._names = names
        self._report = report

    def define(self, definitions: tuple[Element, ...], imported: Mapping[str, Type]) -> None:
        """Builds the types of all item definitions."""
        self.known.update(imported)
        self._definitions = {definition.get("name"): definition for definition in definitions}
        for name in list(self._definitions):
            self.named(name)

    def named(self, reference: str) -> Type:
        """The type that a `typeRef` names; `Any` for one nobody defines, which is reported."""
        name = reference.removeprefix("feel:").strip()
        if not name:
            return ANY
        if name not in self.known and name in self._definitions:
            definition = self._definitions.pop(name)
            # A type that contains itself, as a tree does, is not checked any deeper.
            self.known[name] = ANY
            built = self._built(definition)
            if parts_of(built) > MAX_PARTS:
                self._report(definition.get("id") or name, dmn_says("type_too_big", MAX_PARTS, name))
                built = ANY
            self.known[name] = built
        known = self.known.get(name) or simple_type(name)
        if known is None:
            self._report(name, dmn_says("type_unknown", name))
        return known or ANY

    def _built(self, definition: Element) -> Type:
        item = self._item(definition)
        item = self._restricted(definition, "allowedValues", item)
        if definition.get("isCollection") == "true":
            item = ListOf(item)
        return self._restricted(definition, "typeConstraint", item)

    def _item(self, definition: Element) -> Type:
        components = definition.all("itemComponent")
        if components:
            return ContextOf(tuple((component.get("name"), self._built(component)) for component in components))
        function = definition.one("functionItem")
        if function is not None:
            parameters = tuple(self.named(parameter.get("typeRef")) for parameter in function.all("parameters"))
            return FunctionOf(parameters, self.named(function.get("outputTypeRef")))
        return self.named(definition.text_of("typeRef"))

    def _restricted(self, definition: Element, kind: str, base: Type) -> Type:
        values = definition.one(kind)
        text = values.text_of("text") if values is not None else ""
        if not text:
            return base
        test = allowed_test(text, self._names, self._report, definition.get("id"))
        return Restricted(definition.get("name"), base, test) if test else base


def allowed_test(text: str, names: tuple[str, ...], report: Report, place: str) -> Callable[[Any], bool] | None:
    """The function that says whether a value is among the allowed ones; None when the text cannot be read, which is
    reported."""
    try:
        tests = compile_unary_tests(text, names)
    except FeelError as broken:
        report(place, broken.sentence)
        return None
    return lambda value: tests.evaluate({"?": value}, _NO_TIME) is True
