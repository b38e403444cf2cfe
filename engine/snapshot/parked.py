"""Parked: iterations of a large multi-instance activity, each in its stored form, so that a command pays for the one it
touches and not for the thousand beside it.
"""

from collections.abc import Iterable, Iterator

import msgspec

from engine.bpmn.errors import StateRefused
from engine.snapshot.records import FrameRecord, Record, ScopeRecord, SubscriptionRecord, TokenRecord, tagged_tokens
from engine.snapshot.values import encoder, untagged

NUMBER, PLACE = 6, 2
PAIR = NUMBER + PLACE
NOBODY = b""


class Member(
    Record,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
    rename={"tokens": "t", "scopes": "s", "frames": "r", "subscriptions": "w"},
):
    """One iteration with everything inside it; its own token comes first. Outer scopes and the repeated activity are
    the state's."""

    tokens: tuple[TokenRecord, ...]
    scopes: tuple[ScopeRecord, ...] = ()
    frames: tuple[FrameRecord, ...] = ()
    subscriptions: tuple[SubscriptionRecord, ...] = ()

    def encoded(self) -> bytes:
        """Its stored form. Raises `StateRefused` for a value that cannot be stored."""
        tokens = tagged_tokens(self.tokens)
        return encoder.encode(self if tokens is self.tokens else msgspec.structs.replace(self, tokens=tokens))

    @staticmethod
    def of(stored: bytes) -> "Member":
        """The iteration in these bytes. Raises `StateRefused`."""
        try:
            return _decoder.decode(stored)
        except (msgspec.DecodeError, ValueError) as broken:
            raise StateRefused(f"Expected a parked iteration but: {broken}") from broken


class ParkedGroup(
    Record,
    frozen=True,
    omit_defaults=True,
    kw_only=True,
    rename={"body": "b", "count": "c", "index": "i", "stored": "m"},
):
    """Some iterations of the activity whose token is `body`; `count` are left.

    `index` holds, for each token inside, its number (6 bytes) and the place (2 bytes) of its iteration in `stored`: an
    encoded list, with nothing where one has left. Bytes, which have a length, are stepped over without a look.
    """

    body: int
    count: int
    index: bytes
    stored: bytes

    def place_of(self, token: int) -> int | None:
        """Where the iteration with this token is; None: it is not here."""
        sought = token.to_bytes(NUMBER)
        found = self.index.find(sought)
        while found >= 0 and found % PAIR:
            found = self.index.find(sought, found + 1)
        return None if found < 0 else int.from_bytes(self.index[found + NUMBER : found + PAIR])

    def members(self) -> list[bytes]:
        """All places. Raises `StateRefused`."""
        try:
            return _places_decoder.decode(self.stored)
        except (msgspec.DecodeError, ValueError) as broken:
            raise StateRefused(f"Expected parked iterations but: {broken}") from broken

    def each(self) -> Iterator[Member]:
        """Every iteration that is left."""
        return (Member.of(stored) for stored in self.members() if stored != NOBODY)


def group_of(body: int, members: list[bytes], index: bytes) -> ParkedGroup:
    """A group of these places."""
    count = len(members) - members.count(NOBODY)
    return ParkedGroup(body=body, count=count, index=index, stored=encoder.encode(members))


def indexed(tokens: Iterable[TokenRecord], place: int) -> bytes:
    """The entries of an index for the tokens at one place."""
    at = place.to_bytes(PLACE)
    return b"".join(token.number.to_bytes(NUMBER) + at for token in tokens)


def without(index: bytes, entries: bytes) -> bytes:
    """An index without these entries of it."""
    for start in range(0, len(entries), PAIR):
        at = index.find(entries[start : start + PAIR])
        while at % PAIR:
            at = index.find(entries[start : start + PAIR], at + 1)
        index = index[:at] + index[at + PAIR :]
    return index


_decoder = msgspec.msgpack.Decoder(Member, ext_hook=untagged)
_places_decoder = msgspec.msgpack.Decoder(list[bytes])
