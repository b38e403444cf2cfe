"""Values of the case as they are stored: everything but JSON is tagged.

Values are opaque; no key of them has a meaning on load. Temporal values and the decimals that no float stands for are
tagged in our own encoding.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from engine.bpmn.errors import StateRefused
from engine.feel.values import Months

_PLAIN = frozenset({str, int, bool, float, type(None), msgspec.Raw})

_is_plain = _PLAIN.__contains__
# Up to here a loop is quicker than what begins more slowly.
FEW = 8


def _with_zone(value: datetime | time) -> str:
    if isinstance(value.tzinfo, ZoneInfo):
        return f"{value.replace(tzinfo=None).isoformat()}@{value.tzinfo.key}"
    return value.isoformat()


def _zone_back(read: Callable[[str], Any]) -> Callable[[str], Any]:
    def back(text: str) -> Any:
        moment, _, zone = text.partition("@")
        return read(moment).replace(tzinfo=ZoneInfo(zone)) if zone else read(moment)

    return back


def _timedelta_text(value: timedelta) -> str:
    return f"{value.days},{value.seconds},{value.microseconds}"


def _timedelta_back(text: str) -> timedelta:
    days, seconds, microseconds = text.split(",")
    return timedelta(int(days), int(seconds), int(microseconds))


_TAGS: dict[type, tuple[int, Callable[[Any], str]]] = {
    date: (1, date.isoformat),
    time: (2, _with_zone),
    datetime: (3, _with_zone),
    timedelta: (4, _timedelta_text),
    Months: (5, lambda value: str(value.months)),
    Decimal: (6, str),
}
_BACK: dict[int, Callable[[str], Any]] = {
    1: date.fromisoformat,
    2: _zone_back(time.fromisoformat),
    3: _zone_back(datetime.fromisoformat),
    4: _timedelta_back,
    5: lambda text: Months(int(text)),
    6: Decimal,
}


def _tagged(value: Any) -> Any:
    kind: type = value.__class__
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {name: _tagged(each) for name, each in value.items()}
    if kind is list:
        return [_tagged(each) for each in value]
    tag = _TAGS.get(kind)
    if tag is None:
        raise StateRefused(f"Expected a value of JSON or FEEL but found {kind.__name__}.")
    return msgspec.msgpack.Ext(tag[0], tag[1](value).encode())


def _untagged(code: int, content: memoryview) -> Any:
    return _BACK[code](bytes(content).decode())


def has_tags(value: Any) -> bool:
    """Whether anything in the value must be tagged. Written for speed: most states hold JSON only."""
    kind: type = value.__class__
    if kind is not dict and kind is not list:
        return kind not in _PLAIN
    inside = value.values() if kind is dict else value
    if len(inside) > FEW and all(map(_is_plain, map(type, inside))):
        return False
    for each in inside:  # noqa: SIM110 (a generator costs half as much again)
        if each.__class__ not in _PLAIN and has_tags(each):
            return True
    return False


def tagged(value: Any) -> Any:
    """A value of the case as msgpack can hold it, its temporal values tagged. Raises `StateRefused`."""
    return _tagged(value) if has_tags(value) else value


def untagged(code: int, content: memoryview) -> Any:
    """The temporal value of a tag: the `ext_hook` of a decoder."""
    return _untagged(code, content)


def encoded(value: Any) -> bytes:
    """One value as it is stored. Raises `StateRefused` for one that cannot be."""
    return encoder.encode(tagged(value))


def value_of(stored: msgspec.Raw | bytes) -> Any:
    """The value that was stored. Raises `StateRefused`."""
    try:
        return _decoder.decode(stored)
    except (msgspec.DecodeError, ValueError) as broken:
        raise StateRefused(f"Expected the value of a variable but: {broken}") from broken


encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(ext_hook=untagged)
