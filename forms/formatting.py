"""Formatting: an answer as people read it, in French and English. Used by the review, the case file and read-only
fields.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from forms.days import written_day, written_moment
from forms.elements import Choice, Field, Form, Language
from forms.inputs import attachment_name
from forms.messages import Message, Said
from forms.phones import written_phone
from forms.places import MISSING
from forms.quantities import written_money, written_number

Written = str | Message


def written_answer(
    form: Form, field: Field, value: Any, language: Language, offered: Sequence[Choice] = ()
) -> tuple[Written, ...]:
    """The lines an answer is read in; one line “Not answered” when there is none. `offered`: choices the caller
    supplies.
    """
    if value is MISSING or value is None or value == "" or value == []:
        return (Message(Said.NOT_ANSWERED.value),)
    if isinstance(value, list):
        return tuple(_one(form, field, each, language, offered) for each in cast("list[Any]", value))
    if field.kind == "long_text":
        return tuple(str(value).splitlines())
    return (_one(form, field, value, language, offered),)


def _one(form: Form, field: Field, value: Any, language: Language, offered: Sequence[Choice]) -> Written:
    if field.kind == "attachments":
        return attachment_name(value)
    for choice in field.choices:
        if choice.value == value and type(choice.value) is type(value):
            return form.words(choice.label, language)
    for choice in offered:
        if choice.value == value:
            return ", ".join(filter(None, (choice.group, choice.label)))
    if isinstance(value, bool):
        return Message((Said.ACCEPTED if field.kind == "consent" and value else Said.YES if value else Said.NO).value)
    if isinstance(value, int | float):
        return _number(form, field, value, language)
    return _text(field, str(value), language)


def _number(form: Form, field: Field, value: float, language: Language) -> str:
    if field.kind == "money" or field.options.unit == "€":
        return written_money(value, language)
    unit = form.words(field.options.unit, language)
    return written_number(value, language) + (f"\u00a0{unit}" if unit else "")


def _text(field: Field, text: str, language: Language) -> str:
    match field.schema.get("format"):
        case "date":
            try:
                day = date.fromisoformat(text)
            except ValueError:
                return text
            return written_day(day, language, field.options.weekday or field.options.min_date.startswith("today"))
        case "date-time":
            return written_moment(text, language)
        case "time":
            return f"{text[:2]} h {text[3:5]}" if language == "fr" else text[:5]
        case "phone":
            return written_phone(text)
        case _:
            return written_phone(text) if field.kind == "phone" else text
