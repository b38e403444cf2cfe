"""How much a case may hold: all variables of an instance together. What more comes from outside is refused; what a
diagram makes itself is an incident of the element. Either way the instance stays as it was.
"""

from typing import Any

import msgspec

from engine.bpmn.errors import ElementFailed, VariablesTooLarge
from engine.feel.sentences import Sentence

# Bytes of all variables of one instance, as they are stored. Documents are attachments, never variables.
MOST_BYTES = 8 * 1024 * 1024
# What is smaller than this is not worth adding up all the rest for.
SMALL = 64 * 1024

_encoder = msgspec.msgpack.Encoder(enc_hook=str)


class TooMuchMade(ElementFailed):
    """An element has made more than a case may hold."""


def bytes_of(values: Any) -> int:
    """About how many bytes these values take where they are stored."""
    return len(_encoder.encode(values))


def check_given(instance: Any, values: dict[str, Any]) -> dict[str, Any]:
    """Values from outside, when there is room for them. Raises `VariablesTooLarge`."""
    if not _fits(instance, values):
        raise VariablesTooLarge
    return values


def check_published(values: dict[str, Any]) -> None:
    """Refuses a message or signal with more than any case may hold. Raises `VariablesTooLarge`."""
    if bytes_of(values) > MOST_BYTES:
        raise VariablesTooLarge


def check_thrown(values: dict[str, Any]) -> dict[str, Any]:
    """What an element sends, when any case could hold it. Raises `TooMuchMade`."""
    if bytes_of(values) > MOST_BYTES:
        raise _too_much(values)
    return values


def check_made(instance: Any, values: dict[str, Any]) -> None:
    """Refuses what an element of the diagram has made. Raises `TooMuchMade`."""
    if values and not _fits(instance, values):
        raise _too_much(values)


def _too_much(values: dict[str, Any]) -> TooMuchMade:
    said = Sentence("The variables of a case may hold at most {0} MB together.", (MOST_BYTES // 1024 // 1024,))
    return TooMuchMade("expression", said, tuple(sorted(values)))


def _fits(instance: Any, values: dict[str, Any]) -> bool:
    size = bytes_of(values)
    if size <= SMALL:
        return True
    kept = {id(scope): scope for frame in instance.frames() for scope in _scopes_of(frame)}
    rest = ({name: value for name, value in each.values_here.items() if name not in values} for each in kept.values())
    return size + sum(map(bytes_of, rest)) <= MOST_BYTES


def _scopes_of(frame: Any) -> list[Any]:
    locals_ = [token.local for token in frame.tasks.values() if token.local is not None]
    return [frame.scope, *locals_]
