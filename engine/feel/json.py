"""JSON: FEEL values on their way out of expressions, as plain JSON for people and tools, or tagged so that nothing is
lost.

`to_json` is for answers, pages and interfaces: temporal values become their text. `encode_value` and `decode_value`
are for stored
instances: temporal values and exact decimals survive, and no key of the user's own data has a meaning (tags are lists
in a
position that user data cannot take, see `_TAG`).
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast

from engine.feel import limits
from engine.feel.far import FarDate, FarDateTime, FineTime
from engine.feel.operators import size_of
from engine.feel.problems import FeelError
from engine.feel.sentences import tell
from engine.feel.temporal import (
    date_text,
    duration_text,
    read_date,
    read_date_time,
    read_duration,
    read_time,
    temporal_text,
)
from engine.feel.values import Function, Months, Range, is_context, is_list, said

# An encoded value that is not plain JSON is a dictionary with this one key. User dictionaries that have the key are
# tagged too
# ("context"), so decoding never mistakes one for the other.
_TAG = "\u0000feel"


class NotStorable(FeelError):
    """A function or a range has no JSON form; only what it answers can be kept in a variable."""


class TooManyValues(FeelError):
    """A value may hold another one many times; written out, it holds more than can be kept."""


def to_json(value: Any) -> Any:
    """The value as plain JSON: numbers as int or float, temporal values and ranges as their FEEL text. Raises
    `NotStorable`, `TooManyValues`."""
    refuse_too_many(value)
    return _json(value)


def refuse_too_many(value: Any) -> None:
    """Raises `TooManyValues` for a list or a context that written out would hold more than `limits.VALUES`."""
    if (is_list(value) or is_context(value)) and size_of(value) > limits.VALUES:
        raise TooManyValues(tell("too_many_values", limits.VALUES))


def _json(value: Any) -> Any:
    match value:
        case None | bool() | str() | int() | float():
            return value
        case Decimal():
            return number_to_json(value)
        case Mapping():
            return {str(key): _json(item) for key, item in cast("Mapping[Any, Any]", value).items()}
        case list() | tuple():
            return [_json(item) for item in cast("list[Any]", value)]
        case date() | time() | timedelta() | Months() | FarDate() | FarDateTime() | FineTime():
            return temporal_text(value)
        case Range():
            return {
                "start": _json(value.start),
                "start included": value.start_included,
                "end": _json(value.end),
                "end included": value.end_included,
            }
        case _:
            raise NotStorable(tell("not_storable", said(value)))


def number_to_json(value: Decimal) -> int | float:
    """An integral decimal as an int, any other as the nearest float."""
    if value == value.to_integral_value() and value.adjusted() < 400:
        return int(value)
    return float(value)


def encode_value(value: Any) -> Any:
    """The value as JSON from which `decode_value` makes the same value. Raises `NotStorable`."""
    match value:
        case None | bool() | str() | int() | float():
            return value
        case list() | tuple():
            return [encode_value(item) for item in cast("list[Any]", value)]
        case Mapping():
            entries = cast("Mapping[Any, Any]", value)
            plain = {str(key): encode_value(item) for key, item in entries.items()}
            return {_TAG: ["context", plain]} if _TAG in plain else plain
        case Range():
            ends = [encode_value(value.start), value.start_included, encode_value(value.end), value.end_included]
            return {_TAG: ["range", [*ends, value.compared]]}
        case _:
            return {_TAG: _tagged(value)}


def _tagged(value: Any) -> list[Any]:
    match value:
        case Decimal():
            return ["number", str(value)]
        case datetime():
            return ["date and time", temporal_text(value), value.fold]
        case FarDateTime():
            return ["date and time", temporal_text(value)]
        case date() | FarDate():
            return ["date", date_text(value)]
        case time() | FineTime():
            return ["time", temporal_text(value)]
        case timedelta() | Months():
            return ["duration", duration_text(value)]
        case Function():
            raise NotStorable
        case _:
            raise NotStorable(tell("not_storable", said(value)))


def decode_value(encoded: Any) -> Any:
    """The value that `encode_value` encoded. Raises ValueError for anything else."""
    match encoded:
        case list():
            return [decode_value(item) for item in cast("list[Any]", encoded)]
        case dict():
            entries = cast("dict[str, Any]", encoded)
            if _TAG in entries:
                return _untagged(*entries[_TAG])
            return {key: decode_value(item) for key, item in entries.items()}
        case _:
            return encoded


def _untagged(kind: str, content: Any, fold: int = 0) -> Any:
    if kind == "context":
        return {key: decode_value(item) for key, item in content.items()}
    if kind == "range":
        return Range(decode_value(content[0]), content[1], decode_value(content[2]), content[3], *content[4:])
    value = _READERS[kind](content) if kind in _READERS else None
    if value is None:
        raise ValueError(f"Expected an encoded value, but found {kind!r}.")
    return value.replace(fold=fold) if fold and isinstance(value, datetime) else value


_READERS: dict[str, Callable[[str], Any]] = {
    "number": Decimal,
    "date and time": read_date_time,
    "date": read_date,
    "time": read_time,
    "duration": read_duration,
}
