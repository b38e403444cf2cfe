"""Layout: from UI schema elements (or none) to our elements. Collects findings instead of raising; `document`
decides.

A UI schema inside a block (fragment, `detail`) has scopes relative to that block; inside a repeat, relative to the
item.
"""

import re
from typing import Any, cast

import msgspec
from jsonschema_rs import Draft202012Validator

from forms.elements import Condition, Element, Field, Group, JSONSchema, Kind, Path, Repeat, Rule, Text
from forms.errors import Finding, Words, told
from forms.formats import compile_schema
from forms.kinds import choices_of, shape_of
from forms.names import pointer as to_pointer
from forms.names import steps_of
from forms.options import Options
from forms.scopes import Found, declared, find
from forms.vocabulary import step

LAYOUTS = frozenset({"VerticalLayout", "HorizontalLayout"})
JSONObject = dict[str, Any]


class Spot(msgspec.Struct, frozen=True, eq=False):
    """Where scopes start: the schema of the container and, for a block in it, the steps to the block."""

    root: JSONSchema
    steps: tuple[str, ...] = ()


class LayoutReader:
    """Reads the elements of one form. `layouts` gives the layout of an inlined fragment by the id of its schema."""

    def __init__(self, layouts: dict[int, JSONObject]) -> None:
        self.layouts = layouts
        self.findings: list[Finding] = []

    def elements(self, written: list[JSONObject], spot: Spot, pointer: str) -> tuple[Element, ...]:
        """The elements a list of UI elements stands for; plain layouts dissolve."""
        read: list[Element] = []
        for rank, ui in enumerate(written):
            here = step(pointer, rank)
            if ui["type"] in LAYOUTS:
                read += self._layout(ui, spot, here)
            elif (element := self._element(ui, spot, here)) is not None:
                read.append(element)
        return tuple(read)

    def whole(self, ui: JSONObject, spot: Spot) -> tuple[Element, ...]:
        """The elements of a UI schema that is one layout, group or control."""
        if ui["type"] in LAYOUTS:
            return self._layout(ui, spot, "")
        element = self._element(ui, spot, "")
        return () if element is None else (element,)

    def generated(self, spot: Spot) -> tuple[Element, ...]:
        """One control for each property of the block at `spot`, in the order they are written."""
        block = self._block(spot)
        made = (self._control({"scope": ""}, spot, place, "") for _, place in declared(block, spot.steps))
        return tuple(element for element in made if element is not None)

    def rules(self, ui: JSONObject, spot: Spot, pointer: str) -> tuple[Rule, ...]:
        """The rule of a UI element, if any."""
        if "rule" not in ui:
            return ()
        condition = self._condition(ui["rule"]["condition"], spot, step(step(pointer, "rule"), "condition"))
        return () if condition is None else (Rule(ui["rule"]["effect"], condition),)

    def options(self, ui: JSONObject, pointer: str) -> Options:
        """The options of a UI element; one finding for each that has a wrong value."""
        read = Options()
        for name, value in cast("JSONObject", ui.get("options", {})).items():
            try:
                one = msgspec.convert({name: value}, Options)
            except msgspec.ValidationError as error:
                place = step(step(pointer, "options"), name)
                self._refuse(place, "option-value", told("Option “{0}”: {1}.", name, str(error).split(" - at")[0]))
                continue
            field = next(each for each in msgspec.structs.fields(Options) if each.encode_name == name)
            read = msgspec.structs.replace(read, **{field.name: getattr(one, field.name)})
        return read

    def _layout(self, ui: JSONObject, spot: Spot, pointer: str) -> tuple[Element, ...]:
        inside = self.elements(ui.get("elements", []), spot, step(pointer, "elements"))
        rules = self.rules(ui, spot, pointer)
        return tuple(msgspec.structs.replace(element, rules=(*rules, *element.rules)) for element in inside)

    def _element(self, ui: JSONObject, spot: Spot, pointer: str) -> Element | None:
        match ui["type"]:
            case "Control":
                return self._scoped(ui, spot, pointer)
            case "Group":
                inside = self.elements(ui.get("elements", []), spot, step(pointer, "elements"))
                options = self.options(ui, pointer)
                rules = self.rules(ui, spot, pointer)
                return Group(str(ui.get("label", "")), inside, options.hint, None, False, options, rules, pointer)
            case "Label":
                return Text(str(ui.get("text", "")), self.options(ui, pointer), self.rules(ui, spot, pointer), pointer)
            case _:
                return self._refuse(
                    pointer, "misplaced-page", "Pages stand at the top of the form, not inside one another."
                )

    def _scoped(self, ui: JSONObject, spot: Spot, pointer: str) -> Element | None:
        steps = steps_of(str(ui.get("scope", "")))
        if steps is None or not str(ui.get("scope", "")).startswith("#"):
            return self._refuse(step(pointer, "scope"), "scope", "Expected a pointer such as “#/properties/name”.")
        return self._control(ui, spot, (*spot.steps, *steps), pointer)

    def _control(self, ui: JSONObject, spot: Spot, steps: tuple[str, ...], pointer: str) -> Element | None:
        found = find(spot.root, steps)
        if found is None:
            return self._refuse(step(pointer, "scope"), "scope", "This pointer leads to no property of the schema.")
        layout = self.layouts.get(id(found.schema))
        if layout is not None and layout["type"] == "Control":
            ui = {**ui, "options": {**layout.get("options", {}), **ui.get("options", {})}}
        options = self.options(ui, pointer)
        options = self._anchored(options, spot, pointer)
        rules = (*found.rules, *self.rules(ui, spot, pointer))
        shape = shape_of(found.schema, options)
        label = (
            ui.get("label") if isinstance(ui.get("label"), str) else found.schema.get("title") or _humanised(found.path)
        )
        if shape is None:
            place = pointer or "".join(f"/{part}" for part in steps)
            return self._refuse(
                place, "no-field", told("Forms cannot ask for “{0}”: give it one type, properties or items.", label)
            )
        if shape == "group":
            return self._group(found, str(label), options, rules, spot, steps, pointer)
        if shape == "repeat":
            return self._repeat(found, str(label), options, rules, pointer)
        return self._field(found, shape, str(label), options, rules, pointer)

    def _detail(self, options: Options, schema: JSONSchema) -> JSONObject | None:
        """How a block is laid out: as its control says, or as its fragment does."""
        written = options.detail
        return cast("JSONObject", written) if isinstance(written, dict) else self.layouts.get(id(schema))

    def _anchored(self, options: Options, spot: Spot, source: str) -> Options:
        """Options whose day bounds that point to another answer do so from the container, not from the block."""
        for name in ("min_date", "max_date"):
            written: str = getattr(options, name)
            if not written.startswith("#"):
                continue
            found = find(spot.root, (*spot.steps, *(steps_of(written) or ())))
            if found is None:
                self._refuse(
                    step(source, "options"), "scope", told("“{0}” leads to no property of the schema.", written)
                )
                continue
            options = msgspec.structs.replace(options, **{name: "#" + to_pointer(found.path)})
        return options

    def _field(
        self, found: Found, kind: Kind, label: str, options: Options, rules: tuple[Rule, ...], source: str
    ) -> Field:
        listed = found.schema.get("items", {}) if kind == "choices" else found.schema
        choices = choices_of(listed) if kind in {"choice", "choices"} or (kind == "read_only" and listed) else ()
        hint = options.hint or str(found.schema.get("description", ""))
        validator = self._pattern(found.schema, source) if "pattern" in found.schema else None
        return Field(
            found.path, kind, label, found.schema, hint, found.requirement, choices, options, rules, source, validator
        )

    def _pattern(self, schema: JSONSchema, source: str) -> Draft202012Validator | None:
        try:
            return compile_schema(schema)
        except ValueError as error:
            self._refuse(source, "pattern", told("This pattern cannot be used: {0}", error))
            return None

    def _group(
        self,
        found: Found,
        label: str,
        options: Options,
        rules: tuple[Rule, ...],
        spot: Spot,
        steps: tuple[str, ...],
        source: str,
    ) -> Group:
        block = Spot(spot.root, steps)
        detail = self._detail(options, found.schema)
        widget = options.widget
        if detail is not None:
            written = detail
            widget = widget or str(written.get("options", {}).get("widget", ""))
            inside = self.elements(
                written.get("elements", []), block, step(step(source, "options"), "detail") + "/elements"
            )
        else:
            inside = self.generated(block)
        options = msgspec.structs.replace(options, widget=widget)
        hint = options.hint or str(found.schema.get("description", ""))
        return Group(label, inside, hint, found.path, found.requirement == "never", options, rules, source)

    def _repeat(self, found: Found, label: str, options: Options, rules: tuple[Rule, ...], source: str) -> Repeat:
        item = cast("JSONSchema", found.schema["items"])
        spot = Spot(item)
        detail = self._detail(options, item)
        item_label = options.item_label or str(item.get("title") or label)
        if shape_of(item, Options()) != "group":
            inside = self._single(item, item_label, options, source)
        elif detail is not None and "elements" in detail:
            inside = self.elements(detail["elements"], spot, step(step(source, "options"), "detail") + "/elements")
        else:
            inside = self.generated(spot)
        hint = options.hint or str(found.schema.get("description", ""))
        return Repeat(
            found.path, label, item_label, inside, found.schema, hint, found.requirement, options, rules, source
        )

    def _single(self, item: JSONSchema, label: str, options: Options, source: str) -> tuple[Element, ...]:
        shape = shape_of(item, Options())
        found = Found((), item, "always")
        if shape is None or shape == "group":
            self._refuse(
                source, "no-field", told("Forms cannot ask for a list of “{0}”: give its items one type.", label)
            )
            return ()
        if shape == "repeat":
            return (self._repeat(found, label, Options(), (), source),)
        kept = Options(autocomplete=options.autocomplete, inputmode=options.inputmode, width=options.width)
        return (self._field(found, shape, str(item.get("title") or label), kept, (), source),)

    def _condition(self, written: JSONObject, spot: Spot, pointer: str) -> Condition | None:
        if written.get("type") in {"AND", "OR"}:
            parts = [self._condition(part, spot, pointer) for part in written.get("conditions", [])]
            return Condition(combine=written["type"], conditions=tuple(part for part in parts if part is not None))
        steps = steps_of(str(written.get("scope", "")))
        found = find(spot.root, (*spot.steps, *steps)) if steps is not None else None
        if found is None:
            self._refuse(step(pointer, "scope"), "scope", "This condition looks at no property of the schema.")
            return None
        schema = {"const": written["expectedValue"]} if "expectedValue" in written else written.get("schema")
        if not isinstance(schema, dict):
            self._refuse(pointer, "condition", "Expected a schema the value must satisfy.")
            return None
        return self._compiled(found.path, cast("JSONSchema", schema), bool(written.get("failWhenUndefined")), pointer)

    def _compiled(self, path: Path, schema: JSONSchema, strict: bool, pointer: str) -> Condition | None:
        try:
            return Condition(path, schema, compile_schema(schema), strict)
        except ValueError as error:
            self._refuse(step(pointer, "schema"), "condition", told("This condition is not a schema: {0}", error))
            return None

    def _block(self, spot: Spot) -> JSONSchema:
        found = find(spot.root, spot.steps)
        return found.schema if found is not None else spot.root

    def _refuse(self, pointer: str, rule: str, message: str | Words) -> None:
        self.findings.append(Finding("ui", pointer, rule, message))


def _humanised(path: Path) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_\-]+", " ", str(path[-1] if path else "")).strip()
    return words[:1].upper() + words[1:].lower() if words else "?"
