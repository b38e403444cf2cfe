"""Filters: what a search asks for (`{"state": "ACTIVE"}`, `{"startDate": {"$gte": …}}`) as conditions of SQL. Pure.

Every value becomes a parameter; fields and operators that are not known are refused by name.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

import msgspec

from api.errors import InvalidArgument
from api.keys import read_key, span_of

Kind = Literal["text", "id", "key", "number", "moment", "flag", "choice", "texts", "pair", "tags", "variables"]
MOST_VALUES = 500
MOST_VARIABLES = 20
LONGEST_TEXT = 4000
COMPARED = {"$gt": ">", "$gte": ">=", "$lt": "<", "$lte": "<="}
CASTS = {"text": "text", "key": "bigint", "number": "bigint", "moment": "timestamptz", "choice": "text"}
OPERATORS: dict[str, frozenset[str]] = {
    "text": frozenset({"$eq", "$neq", "$exists", "$in", "$notIn", "$like"}),
    "id": frozenset({"$eq", "$neq", "$exists", "$in", "$notIn"}),
    "key": frozenset({"$eq", "$neq", "$exists", "$in", "$notIn"}),
    "number": frozenset({"$eq", "$neq", "$exists", "$in", *COMPARED}),
    "moment": frozenset({"$eq", "$neq", "$exists", "$in", *COMPARED}),
    "choice": frozenset({"$eq", "$neq", "$exists", "$in", "$notIn", "$like"}),
    "flag": frozenset({"$eq"}),
    "texts": frozenset({"$eq", "$neq", "$exists", "$in", "$notIn", "$like"}),
    "pair": frozenset({"$eq", "$neq", "$exists", "$in", "$notIn"}),
    "tags": frozenset(),
    "variables": frozenset({"$eq", "$neq", "$exists", "$in", "$notIn", "$like"}),
}
UNSORTED: frozenset[Kind] = frozenset({"texts", "tags", "variables"})


class Field(msgspec.Struct, frozen=True):
    """One field of a resource: its SQL, what it holds, and what rows sort by in its place (an id, for a time that ids
    follow). `id` is a UUID known by its key, `texts` an array that must hold the value, `pair` two numbers written
    `123-4`, the SQL of each in `parts`; `tags` a JSON list that must hold them all; `variables` the JSON value of the
    variable whose name is at `{name}`. `rows_of`: a choice → the condition its rows meet, in the columns as they are
    kept: PostgreSQL knows how many those are, and has indexes. `within`: the condition that one of other rows (`{}`)
    meets all that is asked of its fields.
    """

    sql: str
    kind: Kind = "text"
    sort: str | None = None
    choices: tuple[str, ...] = ()
    rows_of: Mapping[str, str] = {}
    parts: tuple[str, str] = ("", "")
    within: str = ""

    @property
    def is_sorted(self) -> bool:
        """Rows can be sorted by it."""
        return self.kind not in UNSORTED and not self.within


class Arguments:
    """The parameters of a statement, as they are met."""

    def __init__(self, *first: Any) -> None:
        self.values: list[Any] = list(first)

    def add(self, value: Any, cast: str) -> str:
        """Keep the value; the text that stands for it."""
        self.values.append(value)
        return f"${len(self.values)}::{cast}"


def conditions(given: Mapping[str, Any], fields: Mapping[str, Field], arguments: Arguments) -> list[str]:
    """The conditions for the fields asked for. Raises `InvalidArgument`."""
    found: list[str] = []
    inside: dict[str, list[str]] = {}
    for name, value in given.items():
        if name == "$or" and isinstance(value, list) and len(value) <= 20:
            found.append(_any_of(value, fields, arguments))
            continue
        if name not in fields:
            raise InvalidArgument(f"“{name[:80]}” cannot be filtered by. Expected one of: {', '.join(sorted(fields))}.")
        field = fields[name]
        match field.kind:
            case "tags":
                found += _tagged(name, field, value, arguments)
            case "variables":
                found += _holding(name, field, value, arguments)
            case _ if field.within and isinstance(value, dict) and value.get("$exists") is False:
                found.append(f"NOT {field.within.format('TRUE')}")
            case _ if field.within:
                inside.setdefault(field.within, []).extend(_condition(name, field, value, arguments))
            case _:
                found += _condition(name, field, value, arguments)
    return found + [within.format(" AND ".join(said)) for within, said in inside.items() if said]


def _any_of(alternatives: list[Any], fields: Mapping[str, Field], arguments: Arguments) -> str:
    said: list[str] = []
    for each in alternatives:
        if not isinstance(each, dict) or "$or" in each:
            raise InvalidArgument("Expected “$or” to be a list of filters.")
        said.append(" AND ".join(conditions(each, fields, arguments)) or "TRUE")
    return "(" + " OR ".join(f"({each})" for each in said) + ")" if said else "TRUE"


def _tagged(name: str, field: Field, value: Any, arguments: Arguments) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MOST_VALUES:
        raise InvalidArgument(f"Expected “{name}” to be a list of at most {MOST_VALUES} texts.")
    tags = msgspec.json.encode([_text(name, each) for each in value]).decode()
    return [f"{field.sql} @> {arguments.add(tags, 'text')}::jsonb"]


def _holding(name: str, field: Field, value: Any, arguments: Arguments) -> list[str]:
    """One condition for each variable asked for: its name, and its value as JSON text or operators on that."""
    if value is None:
        return []
    if not isinstance(value, list) or len(value) > MOST_VARIABLES:
        raise InvalidArgument(f"Expected “{name}” to be a list of at most {MOST_VARIABLES} variables.")
    said: list[str] = []
    for each in value:
        if not isinstance(each, dict) or set(each) != {"name", "value"}:
            raise InvalidArgument(f"Expected each of “{name}” to have a “name” and a “value”.")
        named = field.sql.format(name=arguments.add(_text(name, each["name"]), "text"))
        said += _condition(name, Field(named, "variables"), each["value"], arguments)
    return said


def _condition(name: str, field: Field, value: Any, arguments: Arguments) -> list[str]:
    if value is None:
        return []
    asked: dict[str, Any] = value if isinstance(value, dict) else {"$eq": value}
    said: list[str] = []
    for operator, operand in asked.items():
        if operator not in OPERATORS[field.kind]:
            known = ", ".join(sorted(OPERATORS[field.kind]))
            raise InvalidArgument(f"“{name}” does not take “{operator[:40]}”. Expected one of: {known}.")
        said.append(_said(name, field, operator, operand, arguments))
    return said


def _said(name: str, field: Field, operator: str, operand: Any, arguments: Arguments) -> str:
    if operator == "$exists":
        sql = f"nullif({field.sql}, '{{}}')" if field.kind == "texts" else field.sql
        return f"{sql} IS {'NOT ' if _flag(name, operand) else ''}NULL"
    if operator == "$like":
        return _alike(field, arguments.add(_pattern(_text(name, operand)), "text"))
    if operator in ("$in", "$notIn"):
        if not isinstance(operand, list) or len(operand) > MOST_VALUES:
            raise InvalidArgument(f"Expected “{name}” “{operator}” to be a list of at most {MOST_VALUES} values.")
        either = " OR ".join(_is(name, field, each, arguments) for each in operand) or "FALSE"
        if operator == "$notIn" and field.kind == "variables":
            return f"NOT ({either})"
        return f"({either})" if operator == "$in" else f"NOT coalesce(({either}), FALSE)"
    if operator in COMPARED:
        return f"{field.sql} {COMPARED[operator]} {arguments.add(_value(name, field, operand), CASTS[field.kind])}"
    same = _is(name, field, operand, arguments)
    if operator == "$neq" and field.kind == "variables":
        return f"NOT {same}"
    return same if operator == "$eq" else f"NOT coalesce({same}, FALSE)"


def _alike(field: Field, pattern: str) -> str:
    match field.kind:
        case "texts":
            return f"EXISTS (SELECT FROM unnest({field.sql}) AS one (text) WHERE one.text LIKE {pattern})"
        case "variables":
            return f"({field.sql})::text LIKE {pattern}"
        case _:
            return f"{field.sql} LIKE {pattern}"


def _is(name: str, field: Field, operand: Any, arguments: Arguments) -> str:
    match field.kind:
        case "id":
            first, last = span_of(_key(name, operand))
            return f"{field.sql} BETWEEN {arguments.add(first, 'uuid')} AND {arguments.add(last, 'uuid')}"
        case "flag":
            return f"{field.sql} = {arguments.add(_flag(name, operand), 'boolean')}"
        case "texts":
            return f"{arguments.add(_text(name, operand), 'text')} = ANY({field.sql})"
        case "variables":
            return f"{field.sql} = {arguments.add(_json(name, operand), 'text')}::jsonb"
        case "pair":
            each = zip(field.parts, _pair(name, operand), strict=True)
            return "(" + " AND ".join(f"{sql} = {arguments.add(number, 'bigint')}" for sql, number in each) + ")"
        case "choice" if _text(name, operand) in field.rows_of:
            return f"({field.rows_of[operand]})"
        case _:
            return f"{field.sql} = {arguments.add(_value(name, field, operand), CASTS[field.kind])}"


def _value(name: str, field: Field, operand: Any) -> Any:
    match field.kind:
        case "key":
            return _key(name, operand)
        case "number":
            if isinstance(operand, bool) or not isinstance(operand, int) or abs(operand) >= 1 << 62:
                raise InvalidArgument(f"Expected “{name}” to be a whole number.")
            return operand
        case "moment":
            return read_moment(name, operand)
        case "choice":
            text = _text(name, operand)
            if text not in field.choices:
                raise InvalidArgument(f"Expected “{name}” to be one of: {', '.join(field.choices)}.")
            return text
        case _:
            return _text(name, operand)


def read_moment(name: str, operand: Any) -> datetime:
    """A time of RFC 3339. Raises `InvalidArgument`."""
    try:
        moment = msgspec.convert(operand, datetime, strict=False) if isinstance(operand, str) else None
    except msgspec.ValidationError:
        moment = None
    if moment is None or not 1 < moment.year < 9999:
        raise InvalidArgument(f"Expected “{name}” to be a time like 2026-11-24T09:00:00Z.")
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _key(name: str, operand: Any) -> int:
    key = read_key(operand) if isinstance(operand, str) else None
    if key is None:
        raise InvalidArgument(f"Expected “{name}” to be a key: a whole number, as a text.")
    return key


def _json(name: str, operand: Any) -> str:
    """JSON text as a client writes it, else as the text it is."""
    text = _text(name, operand)
    try:
        msgspec.json.decode(text)
    except msgspec.DecodeError:
        return msgspec.json.encode(text).decode()
    if "\\u0000" in text:
        raise InvalidArgument(f"“{name}” has a character that no variable has.")
    return text


def _pair(name: str, operand: Any) -> tuple[int, int]:
    first, _, second = operand.rpartition("-") if isinstance(operand, str) else ("", "", "")
    key, place = read_key(first), read_key(second)
    if key is None or place is None:
        raise InvalidArgument(f"Expected “{name}” to be a key like 4503603922337-1.")
    return key, place


def _flag(name: str, operand: Any) -> bool:
    if not isinstance(operand, bool):
        raise InvalidArgument(f"Expected “{name}” to be true or false.")
    return operand


def _text(name: str, operand: Any) -> str:
    if not isinstance(operand, str) or len(operand) > LONGEST_TEXT or "\0" in operand:
        raise InvalidArgument(f"Expected “{name}” to be a text of at most {LONGEST_TEXT} characters.")
    try:
        operand.encode()
    except UnicodeEncodeError as broken:
        raise InvalidArgument(f"“{name}” has a character that is none.") from broken
    return operand


def _pattern(text: str) -> str:
    """`*` and `?` of the API as LIKE writes them; what is escaped by a backslash means itself."""
    said, escaped = "", False
    for letter in text:
        if escaped or letter not in "\\*?":
            said += "\\" + letter if letter in "%_\\" else letter
            escaped = False
        elif letter == "\\":
            escaped = True
        else:
            said += "%" if letter == "*" else "_"
    return said + ("\\\\" if escaped else "")
