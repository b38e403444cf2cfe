"""Moment: one instance at one instant, with the columns of its case that a command may change. What the writers are
given.
"""

from datetime import datetime
from uuid import UUID

import msgspec

from engine.actor import Actor
from engine.deadlines import Term


class Running(msgspec.Struct, frozen=True, kw_only=True):
    """An instance row, as it was read."""

    id: UUID
    case_id: UUID
    parent_id: UUID | None
    parent_token: int | None
    definition_hash: str
    process: str
    rev: int
    state: bytes
    status: str
    suspended_at: datetime | None = None


class CaseFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of the case row that follow from what its instances do. `context` is JSON: few commands look into
    it."""

    id: UUID
    procedure: str
    state: str
    department: str
    departments: tuple[str, ...]
    priority: int
    due_at: datetime | None
    answered_at: datetime | None
    closed_at: datetime | None
    waiting_since: datetime | None
    waited_seconds: int
    public_step: str | None
    decision: str | None
    context: str


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """Who moves which instance of which case, and when."""

    running: Running
    case: CaseFacts
    term: Term | None
    by: Actor
    now: datetime
