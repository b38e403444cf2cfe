"""Inputs: the texts one field sent → its value, `MISSING` when left blank, or `Unreadable` with what to do. Never
raises.

Takes text as people type it; checks no bounds: see `validation`.
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, cast

import msgspec

from forms.cleaning import LONGEST_LINE, LONGEST_TEXT, clean_line, clean_text
from forms.days import read_day, read_moment, read_month, read_time, read_whole_day
from forms.elements import Attachment, Field, Kind, Language
from forms.kinds import type_of
from forms.messages import Said
from forms.phones import read_phone
from forms.places import MISSING
from forms.quantities import decimals, read_number


class Unreadable(msgspec.Struct, frozen=True):
    """What was typed means nothing; `said` tells the remedy."""

    said: Said
    limit: str = ""
    length: str = ""


class Sent(msgspec.Struct, frozen=True):
    """What one field sent: texts under its own name and under its parts (`#day`, `#id`…); `earlier` is its answer so
    far.
    """

    texts: list[str]
    parts: Mapping[str, list[str]]
    language: Language
    attachments: Mapping[str, Attachment]
    earlier: Any
    removed: str = ""

    @property
    def line(self) -> str:
        """The last text sent, as one clean line."""
        return clean_line(self.texts[-1]) if self.texts else ""


def read_input(field: Field, sent: Sent) -> Any:
    """The value of a field that was on the page sent."""
    limit = LONGEST_TEXT if field.kind == "long_text" else LONGEST_LINE
    longest = max(map(len, sent.texts), default=0)
    if longest > limit:
        return Unreadable(Said.TOO_LONG, str(limit), str(longest))
    return READERS[field.kind](field, sent)


def _text(field: Field, sent: Sent) -> Any:
    text = sent.line
    if not text:
        return MISSING
    if field.schema.get("format") in {"siret", "iban"}:
        return re.sub(r"[\s.\-]", "", text).upper()
    if field.validator is None or field.validator.is_valid(text):
        return text
    # “ab 123 cd” for AB-123-CD's pattern without spaces: take what fits the pattern if a lighter writing does.
    for lighter in (
        text.upper(),
        re.sub(r"\s", "", text),
        re.sub(r"[\s.\-]", "", text),
        re.sub(r"\s", "", text).upper(),
    ):
        if field.validator.is_valid(lighter):
            return lighter
    return text


def _long_text(field: Field, sent: Sent) -> Any:
    return clean_text(sent.texts[-1] if sent.texts else "") or MISSING


def _number(field: Field, sent: Sent) -> Any:
    if not sent.line:
        return MISSING
    number = read_number(sent.line, sent.language, field.options.unit)
    return Unreadable(Said.NUMBER) if number is None else number


def _money(field: Field, sent: Sent) -> Any:
    amount = _number(field, sent)
    too_fine = isinstance(amount, int | float) and decimals(sent.line, sent.language) > 2
    return Unreadable(Said.CENTS) if too_fine else amount


def _yes_no(field: Field, sent: Sent) -> Any:
    return {"true": True, "false": False}.get(sent.line, MISSING if not sent.line else Unreadable(Said.NOT_OFFERED))


def _consent(field: Field, sent: Sent) -> Any:
    if sent.line:
        return True
    return MISSING if field.schema.get("const") is True or field.schema.get("enum") == [True] else False


def _choice(field: Field, sent: Sent) -> Any:
    token = sent.line
    if not token:
        return MISSING
    if field.options.source:
        return _offered_value(field, token)
    found = [choice.value for choice in field.choices if choice.token == token]
    return found[0] if found else Unreadable(Said.NOT_OFFERED)


def _offered_value(field: Field, token: str) -> Any:
    """A value the caller offered: the text itself, or a number where the schema wants one."""
    if type_of(field.schema) not in {"number", "integer"}:
        return token
    number = read_number(token, "en")
    return Unreadable(Said.NOT_OFFERED) if number is None else number


def _choices(field: Field, sent: Sent) -> Any:
    tokens = [token for token in dict.fromkeys(map(clean_line, sent.texts)) if token]
    if field.options.source:
        return tokens or []
    values = {choice.token: choice.value for choice in field.choices}
    return [values[t] for t in tokens] if all(t in values for t in tokens) else Unreadable(Said.NOT_OFFERED)


def _date(field: Field, sent: Sent) -> Any:
    day, month, year = (clean_line(sent.parts.get(part, [""])[-1]) for part in ("day", "month", "year"))
    if sent.line or (day and not month and not year and not day.isdigit()):
        whole = read_whole_day(sent.line or day)
        return Unreadable(Said.NO_SUCH_DATE) if whole is None else whole
    if not (day or month or year):
        return MISSING
    for part, said in ((day, Said.DATE_PART_DAY), (month, Said.DATE_PART_MONTH), (year, Said.DATE_PART_YEAR)):
        if not part:
            return Unreadable(said)
    if not re.fullmatch(r"[0-9]{4}", year):
        return Unreadable(Said.DATE_PART_YEAR)
    read = read_day(day, month, year) if read_month(month) else None
    return Unreadable(Said.NO_SUCH_DATE) if read is None else read


def _moment(field: Field, sent: Sent) -> Any:
    read = read_moment(sent.line) if sent.line else MISSING
    return Unreadable(Said.MOMENT) if read is None else read


def _time(field: Field, sent: Sent) -> Any:
    read = read_time(sent.line) if sent.line else MISSING
    return Unreadable(Said.TIME) if read is None else read


def _phone(field: Field, sent: Sent) -> Any:
    read = read_phone(sent.line) if sent.line else MISSING
    return Unreadable(Said.PHONE) if read is None else read


def _attachments(field: Field, sent: Sent) -> Any:
    written = sent.earlier
    earlier = cast("list[Any]", written) if isinstance(written, list) else []
    names = {attachment_id(entry): attachment_name(entry) for entry in earlier}
    names |= {attachment.id: attachment.name for attachment in sent.attachments.values()}
    kept = [
        identifier
        for identifier in dict.fromkeys(sent.parts.get("id", []))
        if identifier in names and identifier != sent.removed
    ]
    if type_of(field.schema.get("items", {})) == "string":
        return kept
    return [{"id": identifier, "name": names[identifier]} for identifier in kept]


def attachment_id(entry: Any) -> str:
    """The id in an answer about an attachment: the entry itself or its `id`."""
    return str(cast("dict[str, Any]", entry).get("id", "")) if isinstance(entry, dict) else str(entry)


def attachment_name(entry: Any) -> str:
    """The name in an answer about an attachment."""
    return str(cast("dict[str, Any]", entry).get("name", "")) if isinstance(entry, dict) else str(entry)


def token_of(value: Any) -> str:
    """What a browser sends for a value that the caller offers."""
    return value if isinstance(value, str) else json.dumps(value)


READERS: dict[Kind, Callable[[Field, Sent], Any]] = {
    "text": _text,
    "email": _text,
    "signature": _text,
    "long_text": _long_text,
    "number": _number,
    "money": _money,
    "yes_no": _yes_no,
    "consent": _consent,
    "choice": _choice,
    "slot": _choice,
    "choices": _choices,
    "date": _date,
    "moment": _moment,
    "time": _time,
    "phone": _phone,
    "attachments": _attachments,
    "read_only": lambda field, sent: sent.earlier,
}
