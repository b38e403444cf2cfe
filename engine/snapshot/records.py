"""Records: the parts of a stored state. Keys are one letter, and what has its default is left out."""

from datetime import datetime
from typing import Any

import msgspec

from engine.bpmn.errors import StateRefused
from engine.snapshot.values import encoder, has_tags, tagged, value_of


class Record(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A part of a stored state."""


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
        encoded = msgspec.Raw(encoder.encode(tagged(values))) if values else NO_VALUES
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
        "results": "m",
        "bare": "z",
    },
):
    """One live token. `results` are those of a repeated activity, encoded in blocks: see `snapshot.gathered`. `bare`:
    it has none of what follows its scope (states of before do not tell)."""

    number: int
    node: str
    frame: int = 0
    state: int
    stage: int = 1
    scope: int = 0
    bare: bool = False
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
    results: tuple[bytes, ...] = ()


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


def tagged_tokens(tokens: tuple[TokenRecord, ...]) -> tuple[TokenRecord, ...]:
    """The tokens with every loose value that is not JSON tagged; the same tuple when there is none."""
    # A loop: a generator costs more than the few tokens of most instances.
    for token in tokens:
        if (token.progress and has_tags(token.progress)) or (token.result and has_tags(token.result)):
            break
    else:
        return tokens
    return tuple(
        msgspec.structs.replace(token, progress=tagged(token.progress), result=tagged(token.result)) for token in tokens
    )


_names_decoder = msgspec.msgpack.Decoder(dict[str, msgspec.Raw])
