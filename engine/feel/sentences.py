"""Sentences: everything that FEEL and DMN say to people, as a template and the words that fill it.

English templates are the gettext ids; `says` puts a sentence into any language at the last moment, where the reader is
known. Nothing here reads a catalogue.
"""

from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any, cast

import msgspec

MESSAGES = {
    "unknown_name": "Expected a variable named “{0}”, but there is none here.",
    "unknown_entry": "Expected an entry named “{0}”, but the value has none.",
    "not_comparable": "Expected two comparable values, but found {0} and {1}.",
    "not_computable": "Expected values that “{0}” can combine, but found {1} and {2}.",
    "not_boolean": "Expected true or false, but found {0}.",
    "not_a_list": "Expected a list or a range, but found {0}.",
    "not_a_function": "Expected a function to call, but found {0}.",
    "wrong_arguments": "“{0}” cannot be called with these arguments: {1}.",
    "wrong_result": "“{0}” cannot answer for these values: {1}.",
    "division_by_zero": "Expected a divisor other than zero.",
    "no_such_item": "The list has no item at position {0}.",
    "wrong_type": "Expected a value of type {0}, but found {1}.",
    "not_allowed": "Expected one of the values allowed for “{0}”, but found another.",
    "not_a_literal": "“{0}” is not a date, a time or a duration.",
    "no_decisions": "Decisions can only be asked from a diagram.",
    "external_function": "Functions written in another language cannot be called.",
    "duplicate_entry": "The context has two entries named “{0}”.",
    "too_slow": "Expected an expression that answers within {0} ms.",
    "too_many_values": "Expected a value that holds at most {0} values.",
    "too_many_steps": "Expected at most {0} steps, but the expression needs more.",
    "text_too_long": "Expected a text of at most {0} characters.",
    "list_too_long": "Expected a list of at most {0} items.",
    "too_many_calls": "Expected at most {0} calls inside one another.",
    "calls_too_deep": "Expected fewer calls inside one another.",
    "values_too_deep": "Expected values less nested.",
    "pattern_too_slow": "Expected a pattern that answers within {0} ms.",
    "not_storable": "Expected a value that can be kept, but found {0}.",
    "syntax": "Expected {0}, but found {1} at line {2}, column {3} of “{4}”.",
}
# What the checks of an expression find without evaluating it.
CHECKS = {
    "function_unknown": "Expected a function that exists, but found “{0}”.",
    "function_misused": "“{0}” cannot be called with these arguments: {1}.",
    "never_comparable": "Expected two comparable values, but found {0} and {1}.",
    "never_computable": "Expected values that “{0}” can combine, but found {1} and {2}.",
    "not_boolean": "Expected true or false, but found {0}.",
    "always_the_same": "“{0}” gives the same answer for every case: {1}.",
    "at": "At line {0}, column {1}: {2}",
}
# A value by its kind, with the variable that holds it.
NAMED = "{0} (“{1}”)"
ANY_VALUE = "any value"
# What the parser expects, where it is not a symbol or a word of FEEL itself.
EXPECTED = {
    "value": "a value",
    "expression": "a FEEL expression",
    "entry": "the name of an entry",
    "name": "a name",
    "operator": "an operator",
    "end": "the end",
    "end_of_text": "the end of the expression",
    "type": "the name of a type",
    "simpler_type": "a simpler type",
    "generic": "list, range, context or function before “<”",
    "all_named": "arguments that all have names, or none",
    "temporal": "a date, a time or a duration between quotation marks",
    "simpler": "a shorter or less nested expression",
    "nesting": "at most {0} levels of nesting",
    "length": "at most {0} characters",
    "characters": "{0} characters",
    "else": "something else",
    "word": "“{0}”",
}
KINDS = {
    "number": "a number",
    "string": "a string",
    "boolean": "a boolean",
    "list": "a list",
    "context": "a context",
    "date": "a date",
    "date and time": "a date and time",
    "time": "a time",
    "days and time duration": "a duration in days and hours",
    "years and months duration": "a duration in years and months",
    "range": "a range",
    "function": "a function",
    "unknown": "a value that FEEL does not know",
    "Null": "null",
}
NOTHING = "nothing"
EITHER = "{0} or {1}"
AND_SO_ON = "{0}, {1}"
AS_IT_IS = "{0}"
Translate = Callable[[str], str]


class Sentence(msgspec.Struct, frozen=True):
    """A template with `{0}`, `{1}`… and what fills it: other sentences, or words that no language changes."""

    template: str
    words: tuple[Any, ...] = ()

    def says(self, translate: Translate = str) -> str:
        """The sentence; `translate` gives each template in the reader's language."""
        words = (word.says(translate) if isinstance(word, Sentence) else str(word) for word in self.words)
        return translate(self.template).format(*words)

    def __str__(self) -> str:
        return self.says()

    def kept(self) -> list[Any]:
        """The sentence as JSON, to be said later in the language of whoever reads it: see `sentence_kept`."""
        return [self.template, *(word.kept() if isinstance(word, Sentence) else str(word) for word in self.words)]


def sentence_kept(kept: Any) -> Sentence:
    """The sentence that `Sentence.kept` wrote; a text, as older traces hold, is said as it is."""
    parts = cast("list[Any]", kept) if isinstance(kept, list) else []
    if not parts:
        return plain(str(cast("object", kept)))
    words = (sentence_kept(word) if isinstance(word, list) else word for word in parts[1:])
    return Sentence(str(parts[0]), tuple(words))


_SAID_KINDS = {kind: Sentence(template) for kind, template in KINDS.items()}


def kind_said(kind: str) -> Sentence:
    """A kind of value as sentences name it: “a string”."""
    return _SAID_KINDS[kind]


def tell(code: str, *words: Any) -> Sentence:
    """The sentence of a code of `MESSAGES`."""
    return Sentence(MESSAGES[code], words)


def plain(text: str) -> Sentence:
    """A text that is said as it is."""
    return Sentence(AS_IT_IS, (text,))


def expecting(what: str, *words: Any) -> Sentence:
    """The phrase of `EXPECTED`."""
    return Sentence(EXPECTED[what], words)


def either(phrases: Iterable[Sentence]) -> Sentence:
    """“a, or b, or c” for what would have been right."""
    known = list(phrases) or [expecting("else")]
    return reduce(lambda first, second: Sentence(EITHER, (first, second)), known)


def said_in_turn(sentences: Iterable[Sentence], between: str = "{0}; {1}") -> Sentence:
    """“a; b; c”; nothing for none."""
    known = list(sentences) or [plain("")]
    return reduce(lambda first, second: Sentence(between, (first, second)), known)


def listed(phrases: Iterable[Sentence]) -> Sentence:
    """“a, b, c”; “nothing” for none."""
    known = list(phrases) or [Sentence(NOTHING)]
    return reduce(lambda first, second: Sentence(AND_SO_ON, (first, second)), known)


def place_in(text: str, position: int) -> tuple[int, int]:
    """Line and column of a position, both from 1."""
    return text.count("\n", 0, position) + 1, position - (text.rfind("\n", 0, position) + 1) + 1
