"""Answers: valid instances of a schema as a person could type them, and the part of them that the rules of the UI
schema ask for. Written from the two standards alone; calls nothing of the product."""

import json
import random
import string
from collections.abc import Iterator
from decimal import Decimal
from re import _constants as sre  # pyright: ignore
from re import _parser as parser  # pyright: ignore
from typing import Any

from tests.conformance.forms.formats import GOOD
from tests.conformance.forms.merging import Schema, effective, is_valid
from tests.conformance.forms.samples import Sample
from tests.conformance.forms.visibility import visible_part

NOTHING = object()
MOST_TRIES, MOST_ANSWERS = 150, 8
LETTERS = "abcdefghijklmnopqrstuvwxyzéàç"


def valid_answers(sample: Sample, schema: Schema, wanted: int = MOST_ANSWERS) -> list[dict[str, Any]]:
    """Up to `wanted` valid answers to a form, each with something the earlier ones have not: another question
    answered, another choice made."""
    found: list[dict[str, Any]] = []
    seen: set[tuple[Any, ...]] = set()
    closed = set(_closed(schema))
    for attempt in range(MOST_TRIES):
        fullness = (0.0, 1.0)[attempt % 2] if attempt < 20 else (attempt % 5) / 4
        made = Maker(random.Random(f"{sample.name} {attempt}"), fullness, attempt // 2).make(schema)
        if not isinstance(made, dict):
            continue
        answers = visible_part(made, sample.ui, schema)
        if answers is None or not is_valid(schema, answers):
            continue
        new = set(_features(answers, (), closed))
        if not found or not new <= seen:
            found.append(answers)
            seen |= new
        if len(found) == wanted:
            break
    return found


def _features(value: Any, path: tuple[str, ...], closed: set[str]) -> Iterator[tuple[Any, ...]]:
    """What is answered, and each choice; texts and numbers are as good as one another."""
    if isinstance(value, dict):
        for name, below in value.items():
            yield from _features(below, (*path, name), closed)
    elif isinstance(value, list):
        for below in value:
            yield from _features(below, (*path, "*"), closed)
    else:
        yield (*path, json.dumps(value) if isinstance(value, bool) or json.dumps(value) in closed else "")


def _closed(schema: Any) -> Iterator[str]:
    """Every value that some choice of the schema offers."""
    if isinstance(schema, dict):
        yield from map(json.dumps, choices_of(schema) or [])
        for below in schema.values():
            yield from _closed(below)
    elif isinstance(schema, list):
        for below in schema:
            yield from _closed(below)


class Maker:
    """Makes one value of a schema. `fullness`: how likely an optional answer is given."""

    def __init__(self, chance: random.Random, fullness: float, branch: int) -> None:
        self.chance, self.fullness, self.branch = chance, fullness, branch

    def make(self, schema: Any, depth: int = 0) -> Any:
        """A value, or `NOTHING` when none can be typed."""
        if schema is False or depth > 12:
            return NOTHING
        # What holds for no answers yet: conditions on them are looked at again as answers come.
        start: Any = {} if isinstance(schema, dict) and kind_of(schema) == "object" else NOTHING
        written = schema if isinstance(schema, dict) else {"type": "string"}
        schema = effective(written, start, self.branch)
        if (listed := choices_of(schema)) is not None:
            fitting = [value for value in listed if is_valid(schema, value) and value is not None]
            return self.chance.choice(fitting) if fitting else NOTHING
        match kind_of(schema):
            case "object":
                return self._object(written, depth)
            case "array":
                return self._array(schema, depth)
            case "boolean":
                return self.chance.random() < 0.5
            case "integer" | "number" as kind:
                return self._number(schema, kind)
            case "string":
                return self._text(schema)
        return NOTHING

    def _object(self, schema: Schema, depth: int) -> Any:
        made: dict[str, Any] = {}
        start = effective(schema, {}, self.branch)
        for name, below in start.get("properties", {}).items():
            if name in start.get("required", []) or self.chance.random() < self.fullness:
                self._give(made, name, below, depth)
        for _ in range(25):
            if not self._mend(schema, made, depth):
                break
        # A block left empty is no answer, unless the block itself is asked for.
        return made if made or depth == 0 else NOTHING

    def _mend(self, schema: Schema, made: dict[str, Any], depth: int) -> bool:
        """Give what the conditions now ask for and make again what they now refuse; tells whether anything changed."""
        now = effective(schema, made, self.branch)
        known, changed = now.get("properties", {}), False
        for name in [name for name in now.get("required", []) if name not in made and name in known]:
            changed |= self._give(made, name, known[name], depth)
        for name in list(made):
            wrong = name in known and not is_valid(known[name], made[name])
            if wrong or name not in known:
                del made[name]
                changed = True
                if known.get(name, False) is not False and self.chance.random() < 0.9:
                    self._give(made, name, known[name], depth)
        # What a condition declares anew is optional like the rest.
        for name in known:
            declared_now = name not in schema.get("properties", {}) and name not in made
            if declared_now and self.chance.random() < self.fullness:
                changed |= self._give(made, name, known[name], depth)
        return changed

    def _give(self, made: dict[str, Any], name: str, schema: Any, depth: int) -> bool:
        value = self.make(schema, depth + 1)
        if value is NOTHING and isinstance(schema, dict) and kind_of(schema) == "object" and is_valid(schema, {}):
            return False
        if value is not NOTHING:
            made[name] = value
        return value is not NOTHING

    def _array(self, schema: Schema, depth: int) -> Any:
        items = schema.get("items")
        if not isinstance(items, dict):
            return NOTHING
        least, most = max(schema.get("minItems", 0), 1), schema.get("maxItems", 200)
        count = min(max(least, self.chance.choice((1, 2, 3)) if self.fullness else least), most)
        listed = choices_of(items)
        if listed is not None and schema.get("uniqueItems"):
            chosen = self.chance.sample(listed, min(count, len(listed)))
            return sorted(chosen, key=listed.index)
        wanted = [schema["contains"]] * max(schema.get("minContains", 1), 0) if "contains" in schema else []
        made: list[Any] = []
        for rank in range(max(count, len(wanted))):
            value = self._item(items, wanted[rank] if rank < len(wanted) else None, depth)
            if value is not NOTHING and not (schema.get("uniqueItems") and value in made):
                made.append(value)
        return made or NOTHING

    def _item(self, items: Schema, also: Any, depth: int) -> Any:
        for _ in range(40):
            value = self.make(items if also is None else {"allOf": [items, also]}, depth + 1)
            if value is not NOTHING and (also is None or is_valid(also, value)):
                return value
        return NOTHING

    def _number(self, schema: Schema, kind: str) -> Any:
        pace = Decimal(str(schema.get("multipleOf", 1 if kind == "integer" else "0.5")))
        low = Decimal(str(schema.get("minimum", schema.get("exclusiveMinimum", -20))))
        high = Decimal(str(schema.get("maximum", schema.get("exclusiveMaximum", max(low, Decimal(0)) + 1000))))
        if low > high:
            low = high - 1000
        first = (low / pace).to_integral_value(rounding="ROUND_CEILING")
        for _ in range(40):
            steps = self.chance.choice((0, 1, 2, self.chance.randint(0, max(int((high - low) / pace), 0))))
            number = (first + steps) * pace
            value = int(number) if number == number.to_integral_value() else float(number)
            if is_valid(schema, value):
                return value
        return NOTHING

    def _text(self, schema: Schema) -> Any:
        for _ in range(60):
            text = self._some_text(schema)
            if text and text == " ".join(text.split()) and is_valid(schema, text):
                return text
        return NOTHING

    def _some_text(self, schema: Schema) -> str:
        if schema.get("format") in GOOD:
            return self.chance.choice(GOOD[schema["format"]])
        if "pattern" in schema:
            return matching(schema["pattern"], self.chance, schema.get("minLength", 0))
        least = max(schema.get("minLength", 1), 1)
        length = self.chance.randint(least, max(least, min(schema.get("maxLength", least + 12), least + 12)))
        words = "".join(self.chance.choice(LETTERS) for _ in range(length))
        return words[:4] + " " + words[5:] if length > 6 else words


def kind_of(schema: Schema) -> str:
    """The one type a value of the schema has, null set aside."""
    written = schema.get("type")
    if isinstance(written, list):
        written = next((name for name in written if name != "null"), None)
    if written:
        return written
    return "object" if "properties" in schema else "array" if "items" in schema else "string"


def choices_of(schema: Schema) -> list[Any] | None:
    """The closed list of values, or None."""
    if "const" in schema:
        return [schema["const"]]
    for keyword in ("oneOf", "anyOf"):
        parts = schema.get(keyword, [])
        if parts and all(isinstance(part, dict) and "const" in part for part in parts):
            return [part["const"] for part in parts]
    return list(schema["enum"]) if "enum" in schema else None


def matching(pattern: str, chance: random.Random, least: int = 0) -> str:
    """A text that matches the pattern, walked as Python parses it; a part that is not anchored gets nothing around."""
    try:
        tree = parser.parse(pattern.replace(r"\p{L}", "[A-Za-zÀ-ÿ]").replace(r"\p{Lu}", "[A-Z]"))
    except Exception:
        return ""
    return "".join(_match(node, chance, least) for node in tree)


def _match(node: Any, chance: random.Random, least: int) -> str:
    operation, argument = node
    match operation:
        case sre.LITERAL:
            return chr(argument)
        case sre.ANY | sre.NOT_LITERAL:
            return chance.choice(string.ascii_lowercase)
        case sre.IN:
            return chance.choice(_members(argument))
        case sre.MAX_REPEAT | sre.MIN_REPEAT:
            low, high, inside = argument
            count = chance.randint(max(low, min(least, int(high))), max(low, min(int(high), max(low, least) + 3)))
            return "".join(_match(each, chance, 0) for _ in range(count) for each in inside)
        case sre.SUBPATTERN:
            return "".join(_match(each, chance, least) for each in argument[3])
        case sre.BRANCH:
            return "".join(_match(each, chance, least) for each in chance.choice(argument[1]))
    return ""


def _members(members: Any) -> str:
    found = ""
    for operation, argument in members:
        if operation is sre.LITERAL:
            found += chr(argument)
        elif operation is sre.RANGE:
            found += "".join(map(chr, range(argument[0], min(argument[1], argument[0] + 200) + 1)))
        elif operation is sre.CATEGORY:
            found += {sre.CATEGORY_DIGIT: string.digits, sre.CATEGORY_SPACE: " "}.get(argument, string.ascii_letters)
        elif operation is sre.NEGATE:
            negated = _members([each for each in members if each[0] is not sre.NEGATE])
            return "".join(c for c in string.ascii_letters + string.digits if c not in negated) or "~"
    return found or "a"


def shown(value: Any) -> str:
    """An instance for a message."""
    return json.dumps(value, ensure_ascii=False)[:200]
