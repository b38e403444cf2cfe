"""How much a case may hold: everything its instance stores of variables, copies included (a called process has its own,
and so has every item of a multi-instance activity). What more comes from outside is refused; what a diagram makes
itself is an incident of the element. Either way the instance stays as it was.

`Instance.held` is a sum kept up with every write, so that a step pays for what it writes and not for what is there. It
is never too small, but too large where scopes have gone with their tokens: only when there seems to be no room are the
scopes that are there asked for their sizes, which they know. The server's wiring calls `limit_variables` once.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from engine.bpmn.errors import ElementFailed, VariablesTooLarge
from engine.feel.sentences import Sentence

if TYPE_CHECKING:
    from engine.bpmn.scopes import Scope

MEGABYTE = 1024 * 1024
# Of one instance, as they are stored. Documents are attachments, never variables.
MOST_BYTES = 16 * MEGABYTE
GIVEN = "The variables of a case may hold at most {0} MB together: send large content as a document."
MADE = "The variables of a case may hold at most {0} MB together."

_encoder = msgspec.msgpack.Encoder(enc_hook=str)


class Limit:
    """How many bytes the variables of an instance may take."""

    most: int = MOST_BYTES

    @property
    def megabytes(self) -> str:
        """The limit as people read it."""
        return f"{self.most / MEGABYTE:.3g}"


_limit = Limit()


def limit_variables(most: int = MOST_BYTES) -> None:
    """The variables of an instance may take so many bytes, in this process."""
    _limit.most = most


class TooMuchMade(ElementFailed):
    """An element has made more than a case may hold."""


def bytes_of(values: Any) -> int:
    """About how many bytes these values take where they are stored."""
    try:
        return len(_encoder.encode(values))
    except OverflowError:
        # FEEL multiplies to whole numbers beyond 64 bits; they are stored as text.
        return len(str(values))


def check_given(instance: Any, values: dict[str, Any], scope: "Scope | None" = None) -> dict[str, Any]:
    """Values from outside, when there is room for them beside all that is there, or in place of those of `scope`.
    Raises `VariablesTooLarge`."""
    if not _has_room(instance, bytes_of(values) if scope is None else scope.growth(values)):
        raise VariablesTooLarge(Sentence(GIVEN, (_limit.megabytes,)))
    return values


def check_published(values: dict[str, Any]) -> None:
    """Refuses a message or signal with more than any case may hold. Raises `VariablesTooLarge`."""
    if bytes_of(values) > _limit.most:
        raise VariablesTooLarge(Sentence(GIVEN, (_limit.megabytes,)))


def check_thrown(values: dict[str, Any]) -> dict[str, Any]:
    """What an element sends, when any case could hold it. Raises `TooMuchMade`."""
    if bytes_of(values) > _limit.most:
        raise _too_much(values)
    return values


def check_made(instance: Any, growth: int, names: Iterable[str]) -> None:
    """Refuses so many bytes more, which an element of the diagram has made in these variables. Raises `TooMuchMade`."""
    if growth > 0 and not _has_room(instance, growth):
        raise _too_much(names)


def _too_much(names: Iterable[str]) -> TooMuchMade:
    return TooMuchMade("expression", Sentence(MADE, (_limit.megabytes,)), tuple(sorted(names)))


def _has_room(instance: Any, more: int) -> bool:
    if instance.held + more > _limit.most:
        instance.count()
    return instance.held + more <= _limit.most
