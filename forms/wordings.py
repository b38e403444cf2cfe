"""Wordings: which message says what is wrong with an answer, by the keyword that refused it and the kind of field.
Finds no problem itself.
"""

from typing import Any

from jsonschema_rs import ValidationError

from forms.elements import Field, Form, Group, Language, Repeat
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


def _said(form: Form, question: Field | Repeat | Group, keyword: str, error: ValidationError) -> Said:
    match keyword:
        case "format":
            return BY_FORMAT.get(str(error.kind.value), Said.FORM)
        case "pattern":
            return Said.FORM_HINT if _hint(question) else Said.FORM
        case "type":
            return _type_said(question)
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
