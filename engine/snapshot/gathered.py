"""Gathered: the results of a multi-instance activity, encoded in blocks, so that one more result costs the same among
ten and among ten thousand.
"""

from itertools import chain
from typing import Any

from engine.snapshot.values import encoded, value_of

BLOCK = 64


class Gathered:
    """A list of results of known length, null where there is none yet."""

    __slots__ = ("_blocks",)

    def __init__(self, blocks: "tuple[bytes | list[Any], ...]") -> None:
        self._blocks: list[bytes | list[Any]] = list(blocks)

    @staticmethod
    def of(results: list[Any]) -> "Gathered":
        """These results."""
        return Gathered(tuple(results[start : start + BLOCK] for start in range(0, len(results), BLOCK)))

    def put(self, place: int, result: Any) -> None:
        """The result of the iteration at `place`, counted from 0."""
        self._read(place // BLOCK)[place % BLOCK] = result

    def all(self) -> list[Any]:
        """Every result."""
        return list(chain.from_iterable(self._read(number) for number in range(len(self._blocks))))

    def stored(self) -> tuple[bytes, ...]:
        """The blocks to store. Raises `StateRefused` for a result that cannot be."""
        return tuple(encoded(block) if isinstance(block, list) else block for block in self._blocks)

    def _read(self, number: int) -> list[Any]:
        block = self._blocks[number]
        if not isinstance(block, list):
            block = self._blocks[number] = value_of(block)
        return block
