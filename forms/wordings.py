"""Wordings: which message says what is wrong with an answer, by the keyword that refused it and the kind of field.
Finds no problem itself.
"""

from collections.abc import Mapping
from typing import Any, cast

from jsonschema_rs import ValidationError

from forms.elements import Field, Form, Group, Language, Path, Repeat
from forms.messages import Message, Said
from forms.quantities import written_money, written_number

MISSING_BY_KIND = {
    "choice": Said.CHOOSE,
    "yes_no": Said.CHOOSE,
    "slot": Said.CHOOSE,
    "choices": Said.CHOOSE_SOME,
    "date": Said.ENTER_DATE,
    "attachments": Said.ATTACH,
    "consent": Said.TICK,
    "signature": Said.SIGN,
    "moment": Said.MOMENT,
    "time": Said.TIME,
}
BY_FORMAT = {
    "email": Said.EMAIL,
    "phone": Said.PHONE,
    "siret": Said.SIRET,
    "iban": Said.IBAN,
    "uri": Said.LINK,
    "date": Said.NO_SUCH_DATE,
    "date-time": Said.MOMENT,
    "time": Said.TIME,
}
BY_KEYWORD = {
    "minLength": Said.TOO_SHORT,
    "maxLength": Said.TOO_LONG,
    "minimum": Said.AT_LEAST,
    "maximum": Said.AT_MOST,
    "exclusiveMinimum": Said.MORE_THAN,
    "exclusiveMaximum": Said.LESS_THAN,
    "multipleOf": Said.MULTIPLE,
    "enum": Said.NOT_OFFERED,
    "const": Said.NOT_OFFERED,
    "oneOf": Said.NOT_OFFERED,
    "anyOf": Said.NOT_OFFERED,
    "minItems": Said.AT_LEAST_ITEMS,
    "maxItems": Said.AT_MOST_ITEMS,
    "uniqueItems": Said.TWICE,
    "minProperties": Said.AT_LEAST_ANSWERS_OF,
    "maxProperties": Said.AT_MOST_ANSWERS_OF,
    "falseSchema": Said.NOT_NEEDED,
}


def missing(form: Form, question: Field | Repeat | Group, label: str, language: Language) -> Message:
    """What to say when an answer is asked for and absent."""
    if (own := _own_words(form, question, "required", label, language)) is not None:
        return own
    said = (
        Said.ADD_ITEM
        if isinstance(question, Repeat)
        else MISSING_BY_KIND.get(getattr(question, "kind", ""), Said.ENTER)
    )
    return Message(said.value, {"label": label})


def broken(
    form: Form, question: Field | Repeat | Group, label: str, error: ValidationError, language: Language
) -> Message:
    """What to say when the schema refuses an answer."""
    keyword = error.kind.name
    if (own := _own_words(form, question, keyword, label, language)) is not None:
        return own
    value = error.instance
    if (keyword == "minLength" and value == "") or (keyword == "minItems" and error.kind.value == 1):
        return missing(form, question, label, language)
    if keyword in {"const", "enum"} and isinstance(question, Field) and question.kind == "consent":
        return Message(Said.TICK.value, {"label": label})
    said = _said(form, question, keyword, error)
    params = {"label": label, "limit": _limit(question, error.kind.value, language)}
    if said == Said.TOO_LONG:
        params["length"] = str(len(value)) if isinstance(value, str) else ""
    if said == Said.FORM_HINT:
        params = {"label": label, "hint": form.words(_hint(question), language)}
    return Message(said.value, params)


def whole_wrong(form: Form, error: ValidationError, path: Path, labels: Mapping[Path, str]) -> Message:
    """What to say when the schema refuses answers that are each right alone: no one question is to blame."""
    keyword = error.kind.name
    if keyword in {"minProperties", "maxProperties"}:
        said = Said.AT_LEAST_ANSWERS if keyword == "minProperties" else Said.AT_MOST_ANSWERS
        return Message(said.value, {"limit": str(error.kind.value)})
    names = _alternatives(form, error) if keyword in {"anyOf", "oneOf"} else []
    known = [labels[(*path, name)] for name in names if (*path, name) in labels]
    if not known:
        return Message(Said.INVALID_WHOLE.value)
    said = Said.ONE_OF_THESE if keyword == "anyOf" else Said.ONLY_ONE_OF_THESE
    return Message(said.value, {"labels": ", ".join(dict.fromkeys(known))})


def _alternatives(form: Form, error: ValidationError) -> list[str]:
    """The answers that the alternatives of a schema ask for."""
    here: Any = form.schema
    for step in error.schema_path:
        here = here[step]
    parts = [cast("dict[str, Any]", part) for part in cast("list[Any]", here) if isinstance(part, dict)]
    return [str(name) for part in parts for name in part.get("required", [])]


def _said(form: Form, question: Field | Repeat | Group, keyword: str, error: ValidationError) -> Said:
    match keyword:
        case "format":
            return BY_FORMAT.get(str(error.kind.value), Said.FORM)
        case "pattern":
            return Said.FORM_HINT if _hint(question) else Said.FORM
        case "type":
            return _type_said(question)
        case "anyOf" | "oneOf" if not getattr(question, "choices", ()):
            return Said.FORM_HINT if _hint(question) and isinstance(question, Field) else Said.INVALID
        case _:
            return BY_KEYWORD.get(keyword, Said.INVALID)


def _type_said(question: Field | Repeat | Group) -> Said:
    if isinstance(question, Field) and question.kind in {"number", "money"}:
        return Said.WHOLE_NUMBER if question.schema.get("type") == "integer" else Said.NUMBER
    return Said.INVALID


def _limit(question: Field | Repeat | Group, value: Any, language: Language) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    money = isinstance(question, Field) and question.kind == "money"
    if money:
        return written_money(value, language)
    unit = question.options.unit if isinstance(question, Field) and question.kind == "number" else ""
    return written_number(value, language) + (f"\u00a0{unit}" if unit else "")


def _hint(question: Field | Repeat | Group) -> str:
    return question.hint


def _own_words(
    form: Form, question: Field | Repeat | Group, keyword: str, label: str, language: Language
) -> Message | None:
    words = question.options.errors.get(keyword)
    return Message(Said.OWN_WORDS.value, {"label": label, "words": form.words(words, language)}) if words else None
