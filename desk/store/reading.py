"""Reading: a row of a statement → a struct of the desk. Columns of JSON travel as text. Never queries."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from engine.encoding import json_text, parse_json

T = TypeVar("T")

to_json = json_text
from_json = parse_json


def to_struct(kind: type[T], record: Mapping[str, Any], **changes: Any) -> T:
    """The record's columns (and `changes`) as a struct; columns the struct has not are ignored."""
    return msgspec.convert({**dict(record), **changes}, kind)
