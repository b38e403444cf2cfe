"""State: an instance as it is stored, and its bytes."""

from typing import Any, Protocol

import msgspec

from engine.bpmn.errors import StateRefused
from engine.snapshot.parked import ParkedGroup
from engine.snapshot.records import FrameRecord, Record, ScopeRecord, SubscriptionRecord, TokenRecord, tagged_tokens
from engine.snapshot.values import encoder, untagged

FORMAT = 1
# Written where something is parked or gathered in blocks, which a past version would overlook.
FORMAT_PARKED = 2
FORMATS = (FORMAT, FORMAT_PARKED)


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
        "parked": "g",
    },
):
    """A stored instance. What it holds is never changed. `parked`: the iterations of large multi-instance activities,
    which stay as they are stored until a command touches them."""

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
    parked: tuple[ParkedGroup, ...] = ()

    def dump(self) -> bytes:
        """The bytes to store."""
        tokens = tagged_tokens(self.tokens)
        return encoder.encode(self if tokens is self.tokens else msgspec.structs.replace(self, tokens=tokens))

    @staticmethod
    def load(stored: bytes, definition: Named) -> "State":
        """The state in these bytes. Raises `StateRefused` when they are of another definition or an unknown format."""
        try:
            state = _decoder.decode(stored)
        except (msgspec.DecodeError, ValueError) as broken:
            raise StateRefused(f"Expected a stored state but: {broken}") from broken
        if state.format not in FORMATS:
            known = " or ".join(map(str, FORMATS))
            raise StateRefused(f"Expected a state of format {known} but found format {state.format}.")
        if state.definition != definition.hash:
            raise StateRefused(f"Expected a state of definition {definition.hash} but found {state.definition}.")
        return state

    @property
    def variables(self) -> dict[str, Any]:
        """The variables of the root scope, read anew."""
        return self.scopes[0].values if self.scopes else {}

    def whole(self) -> "State":
        """The same instance with nothing parked: every token and scope is among those of the state."""
        if not self.parked:
            return self
        members = [member for group in self.parked for member in group.each()]
        return msgspec.structs.replace(
            self,
            tokens=(*self.tokens, *(token for member in members for token in member.tokens)),
            scopes=(*self.scopes, *(scope for member in members for scope in member.scopes)),
            frames=(*self.frames, *(frame for member in members for frame in member.frames)),
            subscriptions=(*self.subscriptions, *(each for member in members for each in member.subscriptions)),
            parked=(),
        )


_decoder = msgspec.msgpack.Decoder(State, ext_hook=untagged)
