"""Memory: what this process last wrote of instances, cases, tasks and jobs, so that a command need not read it.

Never trusted: the statement that writes a command meets the rows by their revision (an instance's `rev`, a case's
`xmin`), and who remembered wrongly reads again. Bounded by number; forgetting costs one read.
"""

from collections import OrderedDict
from typing import Generic, TypeVar
from uuid import UUID

import msgspec

from engine.apply.moment import CaseFacts, Running
from engine.snapshot import State

MOST = 1000

Kept = TypeVar("Kept")


class KnownInstance(msgspec.Struct, frozen=True):
    """An instance row, its bytes replaced by the state they hold."""

    running: Running
    state: State


class KnownTask(msgspec.Struct, frozen=True):
    """An open task, with what completing it needs."""

    instance_id: UUID
    case_id: UUID
    token: int
    name: str
    department: str
    audience: str
    assignee_id: UUID | None


class KnownJob(msgspec.Struct, frozen=True):
    """A job this process has leased, with what reporting it needs."""

    instance_id: UUID
    case_id: UUID
    token: int
    attempt: int
    retries: int
    failures: int
    headers: str


class KnownCase(msgspec.Struct, frozen=True):
    """A case row and the mark by which it is met."""

    facts: CaseFacts
    mark: str


class Latest(Generic[Kept]):
    """The values last remembered, by id; the one longest unused is forgotten first."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._kept = most, OrderedDict[UUID, Kept]()

    def __len__(self) -> int:
        return len(self._kept)

    def recall(self, key: UUID) -> Kept | None:
        """What is known, if it still is."""
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
        return found

    def remember(self, key: UUID, value: Kept) -> None:
        """Know this from now on."""
        self._kept[key] = value
        self._kept.move_to_end(key)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def forget(self, key: UUID) -> None:
        """Read it again next time."""
        self._kept.pop(key, None)


instances: Latest[KnownInstance] = Latest()
cases: Latest[KnownCase] = Latest()
tasks: Latest[KnownTask] = Latest()
jobs: Latest[KnownJob] = Latest()
