"""Snapshot: the stored state of an instance, and the only place that knows its bytes.

A state holds live tokens, scopes and subscriptions, never the specs: it attaches to the definition it names. Values
of the case are opaque; no key of them has a meaning on load. Temporal values and the decimals that no float stands
for are tagged in our own encoding.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

from engine.bpmn.errors import StateRefused
from engine.feel.values import Months

FORMAT = 1


class Record(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A part of a stored state; keys are one letter, and what has its default is left out."""


NO_VALUES = msgspec.Raw(b"\x80")
"""No variable: an empty map of msgpack."""


class ScopeRecord(
    Record, frozen=True, omit_defaults=True, kw_only=True, rename={"number": "n", "outer": "o", "encoded": "v"}
):
    """The variables of one scope; `outer` is absent for a root. Each stays encoded until somebody reads it, so that a
    command pays for what it touches."""

    number: int
    outer: int | None = None
    encoded: msgspec.Raw = NO_VALUES

    @staticmethod
    def of(number: int, outer: int | None, values: dict[str, Any]) -> "ScopeRecord":
        """The record of a scope with these variables, some of them encoded already. Raises `StateRefused` for a value
        that cannot be stored."""
        encoded = msgspec.Raw(_encoder.encode(tagged(values))) if values else NO_VALUES
        return ScopeRecord(number=number, outer=outer, encoded=encoded)

    @property
    def values(self) -> dict[str, Any]:
        """The variables, read anew. Raises `StateRefused`."""
        return {name: value_of(encoded) for name, encoded in self.each_encoded().items()}

    def each_encoded(self) -> dict[str, Any]:
        """The variables by name, each still encoded. Raises `StateRefused`."""
        try:
            return _names_decoder.decode(self.encoded)
        except (msgspec.DecodeError, ValueError) as broken:
            raise StateRefused(f"Expected the variables of a scope but: {broken}") from broken


def value_of(encoded: msgspec.Raw) -> Any:
    """The value of one variable. Raises `StateRefused`."""
    try:
        return _value_decoder.decode(encoded)
    except (msgspec.DecodeError, ValueError) as broken:
        raise StateRefused(f"Expected the value of a variable but: {broken}") from broken


class CompletedRecord(
    Record,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
    rename={"name": "e", "outer": "o", "inner": "i", "inside": "c", "frame": "f"},
):
    """A completed activity that could be undone."""

    name: str
    outer: int
    inner: int | None = None
    inside: tuple["CompletedRecord", ...] = ()
    frame: int = 0


class TokenRecord(
    Record,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
    rename={
        "number": "n",
        "node": "e",
        "frame": "f",
        "state": "s",
        "stage": "t",
        "scope": "o",
        "local": "l",
        "passive": "p",
        "fired": "d",
        "host": "h",
        "body": "b",
        "race": "r",
        "start": "a",
        "progress": "g",
        "result": "v",
        "compensates": "c",
        "pending": "u",
        "finished": "x",
    },
):
    """One live token."""

    number: int
    node: str
    frame: int = 0
    state: int
    stage: int = 1
    scope: int = 0
    local: int | None = None
    passive: bool = False
    fired: bool = False
    host: int | None = None
    body: int | None = None
    race: tuple[int, ...] = ()
    start: str | None = None
    progress: dict[str, Any] = {}
    result: dict[str, Any] | None = None
    compensates: int | None = None
    pending: tuple[CompletedRecord, ...] = ()
    finished: CompletedRecord | None = None


class FrameRecord(
    Record,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
    rename={
        "host": "h",
        "spec": "e",
        "scope": "o",
        "arrivals": "a",
        "completed": "c",
        "unstarted": "w",
        "undoing": "u",
    },
):
    """One frame; `host` 0 is the process itself."""

    host: int = 0
    spec: str
    scope: int = 0
    arrivals: dict[str, dict[str, int]] = {}
    completed: tuple[CompletedRecord, ...] = ()
    unstarted: tuple[str, ...] = ()
    undoing: bool = False


class SubscriptionRecord(
    Record,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
    rename={
        "token": "t",
        "index": "i",
        "kind": "k",
        "name": "e",
        "key": "y",
        "due": "d",
        "left": "l",
        "step": "s",
        "cron": "c",
        "since": "f",
        "turn": "n",
        "held": "h",
    },
):
    """What a token waits for; `left` and `step` with `since` and `turn`, or `cron`, are the rest of a repetition."""

    token: int
    index: int = 0
    kind: str
    name: str = ""
    key: str | None = None
    due: datetime | None = None
    left: int | None = None
    step: tuple[int, int, float] = (0, 0, 0)
    cron: str = ""
    since: datetime | None = None
    turn: int = 0
    held: bool = False


class Named(Protocol):
    """What a state attaches to: a definition, of which only the hash is looked at."""

    @property
    def hash(self) -> str: ...


class State(
    Record,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
    rename={
        "format": "f",
        "definition": "d",
        "process": "p",
        "number": "n",
        "tokens": "t",
        "scopes": "s",
        "frames": "r",
        "subscriptions": "w",
        "called": "c",
        "ended": "e",
    },
):
    """A stored instance. What it holds is never changed."""

    format: int
    definition: str
    process: str
    number: int
    tokens: tuple[TokenRecord, ...] = ()
    scopes: tuple[ScopeRecord, ...] = ()
    frames: tuple[FrameRecord, ...] = ()
    subscriptions: tuple[SubscriptionRecord, ...] = ()
    called: bool = False
    ended: bool = False

    def dump(self) -> bytes:
        """The bytes to store."""
        return _encoder.encode(_tagged_state(self))

    @staticmethod
    def load(stored: bytes, definition: Named) -> "State":
        """The state in these bytes. Raises `StateRefused` when they are of another definition or an unknown format."""
        try:
            state = _decoder.decode(stored)
        except (msgspec.DecodeError, ValueError) as broken:
            raise StateRefused(f"Expected a stored state but: {broken}") from broken
        if state.format != FORMAT:
            raise StateRefused(f"Expected a state of format {FORMAT} but found format {state.format}.")
        if state.definition != definition.hash:
            raise StateRefused(f"Expected a state of definition {definition.hash} but found {state.definition}.")
        return state

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the root scope, read anew."""
        return self.scopes[0].values if self.scopes else {}


# --- values of the case: everything but JSON is tagged ---------------------------------------------------------------

_PLAIN = frozenset({str, int, bool, float, type(None), msgspec.Raw})

_is_plain = _PLAIN.__contains__


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


def _has_tags(value: Any) -> bool:
    """Whether anything in the value must be tagged. Written for speed: most states hold JSON only."""
    kind: type = value.__class__
    if kind is not dict and kind is not list:
        return kind not in _PLAIN
    inside = value.values() if kind is dict else value
    if all(map(_is_plain, map(type, inside))):
        return False
    for each in inside:  # noqa: SIM110 (a generator costs half as much again)
        if each.__class__ not in _PLAIN and _has_tags(each):
            return True
    return False


def _tagged_state(state: State) -> State:
    """The state with every loose value that is not JSON tagged; the state itself when there is none."""
    # A loop: a generator costs more than the few tokens of most instances.
    for token in state.tokens:
        if (token.progress and _has_tags(token.progress)) or (token.result and _has_tags(token.result)):
            break
    else:
        return state
    tokens = tuple(
        msgspec.structs.replace(token, progress=_tagged(token.progress), result=_tagged(token.result))
        for token in state.tokens
    )
    return msgspec.structs.replace(state, tokens=tokens)


def tagged(value: Any) -> Any:
    """A value of the case as msgpack can hold it, its temporal values tagged. Raises `StateRefused`."""
    return _tagged(value) if _has_tags(value) else value


def untagged(code: int, content: memoryview) -> Any:
    """The temporal value of a tag: the `ext_hook` of a decoder."""
    return _untagged(code, content)


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(State, ext_hook=_untagged)
_names_decoder = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
_value_decoder = msgspec.msgpack.Decoder(ext_hook=_untagged)
