"""Parking: the iterations of a large multi-instance activity that a command does not touch stay in their stored form.

An iteration comes back when a command names one of its tokens, or when something concerns all of them: the activity is
interrupted, a message is thrown inside the instance. It is parked again, in its old place, once all waits.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from engine.bpmn.runtime.recording import Scopes, frame_record, subscription_record, token_record
from engine.bpmn.runtime.token import Token
from engine.snapshot import NOBODY, Member, ParkedGroup, group_of, indexed, without

if TYPE_CHECKING:
    from engine.bpmn.runtime.instance import Instance

# An activity with at most so many iterations keeps them all among the tokens of the state.
LEAST = 32
# Iterations that are parked side by side.
BLOCK = 64
# Fewer that are new are not worth a group of their own.
WORTH = 8

Parked = tuple[tuple[ParkedGroup, ...], frozenset[int]]
NOBODY_AWAY: frozenset[int] = frozenset()


class Group:
    """A parked group whose places may be taken and filled again."""

    __slots__ = ("_index", "_members", "_record", "body")

    def __init__(self, record: ParkedGroup) -> None:
        self.body, self._record, self._index = record.body, record, record.index
        self._members: list[bytes] | None = None

    @property
    def members(self) -> list[bytes]:
        if self._members is None:
            self._members = self._record.members()
        return self._members

    def place_of(self, token: int) -> int | None:
        return self._record.place_of(token)

    def places(self) -> Iterator[int]:
        """The places that are filled."""
        return (place for place, each in enumerate(self.members) if each != NOBODY)

    def take(self, place: int) -> Member | None:
        """Who is at this place, which is empty then."""
        stored = self.members[place]
        if stored == NOBODY:
            return None
        member = Member.of(stored)
        self.members[place] = NOBODY
        self._index = without(self._index, indexed(member.tokens, place))
        return member

    def put(self, place: int, member: Member) -> None:
        self.members[place] = member.encoded()
        self._index += indexed(member.tokens, place)

    def record(self) -> ParkedGroup | None:
        """The group to store; None when nobody is left in it."""
        if self._members is None:
            return self._record
        found = group_of(self.body, self._members, self._index)
        return found if found.count else None


class Parking:
    """The parked groups of an instance. `back` brings an iteration back among its tokens."""

    def __init__(self, groups: tuple[ParkedGroup, ...], back: Callable[[Member], Token]) -> None:
        self.groups = [Group(group) for group in groups]
        self._back = back

    def recall(self, number: int) -> None:
        """Brings back the iteration with the token of this number, if it is parked."""
        for group in self.groups:
            place = group.place_of(number)
            if place is not None:
                self._take(group, place)
                return

    def recall_of(self, body: int) -> None:
        """Brings back all iterations of one activity."""
        for group in self.groups:
            if group.body == body:
                self._take_all(group)

    def recall_all(self) -> None:
        """Brings everybody back."""
        for group in self.groups:
            self._take_all(group)

    def holds(self, body: int) -> bool:
        """Whether iterations of this activity are parked, or were before this command."""
        return any(group.body == body for group in self.groups)

    def size(self) -> int:
        """Bytes of what is parked."""
        return sum(len(each) for group in self.groups for each in group.members)

    def _take_all(self, group: Group) -> None:
        for place in list(group.places()):
            self._take(group, place)

    def _take(self, group: Group, place: int) -> None:
        member = group.take(place)
        if member is not None:
            self._back(member).parked_at = group, place


def park(instance: "Instance") -> Parked:
    """Parks what can be. Returns the groups to store, and the numbers of the tokens inside."""
    parking = instance.parking
    away: set[int] = set()
    new: list[ParkedGroup] = []
    for body in list(instance.repeated.values()):
        if body.is_live and (parking is not None or len(body.kids) > LEAST):
            new += _park_kids(instance, body, away)
    kept = [record for group in (parking.groups if parking else ()) if (record := group.record()) is not None]
    return (*kept, *new), frozenset(away)


def _park_kids(instance: "Instance", body: Token, away: set[int]) -> list[ParkedGroup]:
    strangers: list[tuple[Member, list[int]]] = []
    for kid in body.kids.values():
        inside = _inside(instance, kid)
        if inside is None:
            continue
        member, numbers = _member(instance, body, inside), [token.id for token in inside]
        if kid.parked_at is None:
            strangers.append((member, numbers))
        else:
            group, place = kid.parked_at
            group.put(place, member)
            away.update(numbers)
    if len(strangers) < WORTH or len(body.kids) <= LEAST:
        return []
    for _, numbers in strangers:
        away.update(numbers)
    members = [member for member, _ in strangers]
    return [_group(body.id, members[start : start + BLOCK]) for start in range(0, len(members), BLOCK)]


def _group(body: int, members: list[Member]) -> ParkedGroup:
    index = b"".join(indexed(member.tokens, place) for place, member in enumerate(members))
    return group_of(body, [member.encoded() for member in members], index)


def _inside(instance: "Instance", iteration: Token) -> list[Token] | None:
    """An iteration and every token inside it; None when it cannot be parked: something may concern it that names none
    of its tokens."""
    found = [iteration]
    for token in found:
        undoes = token.pending or token.finished is not None or token.compensates is not None
        if undoes or (token is not iteration and _is_large(instance, token)):
            return None
        if any(each.kind == "condition" for each in instance.event_manager.of(token.id)):
            return None
        frame = instance.subprocesses.get(token.id)
        if frame is not None:
            if frame.undoing or frame.completed_activities:
                return None
            found += frame.tasks.values()
    return found


def _is_large(instance: "Instance", body: Token) -> bool:
    return len(body.kids) > LEAST or (instance.parking is not None and instance.parking.holds(body.id))


def _member(instance: "Instance", body: Token, inside: list[Token]) -> Member:
    scopes = Scopes(known=body.local)
    frames: list[Any] = [frame for token in inside if (frame := instance.subprocesses.get(token.id)) is not None]
    return Member(
        tokens=tuple([token_record(token, scopes) for token in inside]),
        frames=tuple([frame_record(frame, scopes) for frame in frames]),
        scopes=scopes.records(),
        subscriptions=tuple(
            [subscription_record(each) for token in inside for each in instance.event_manager.of(token.id)]
        ),
    )
