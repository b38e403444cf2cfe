"""The connector contract, the one part of the engine that third-party connectors may import (declared stable).

A connector receives a `Job` and returns a `JobOutcome`, or raises one of the two families below; anything else
that it raises
is a failed attempt. It runs outside any transaction; the job id is the idempotency key it sends to the other side.
"""

from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import msgspec


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work. `input` holds the values of the element's input mapping, `headers` its constants; `case` is
    the case's
    public context (see the brief of a bundle: reference, department, applicant, language, followUrl, ...)."""

    id: UUID
    type: str
    case_id: UUID
    procedure: str
    definition_hash: str
    element_id: str
    attempt: int
    input: dict[str, Any]
    headers: dict[str, str]
    case: dict[str, Any]


class JobOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What a finished job hands back: `variables` go through the element's output mapping; `case` patches the case's
    context
    (`department`, `priority`); `facts` are written to the case's journal as (message id, parameters)."""

    variables: dict[str, Any] = {}
    case: dict[str, Any] = {}
    facts: tuple[tuple[str, dict[str, Any]], ...] = ()


class BusinessError(Exception):
    """A modelled outcome: becomes a BPMN error event with this code."""

    def __init__(self, code: str, message: str = "", variables: dict[str, Any] | None = None) -> None:
        super().__init__(message or code)
        self.code, self.message, self.variables = code, message, variables or {}


class TryLater(Exception):
    """Not now, and nobody's fault: the job is postponed and no attempt is counted."""

    def __init__(self, delay: timedelta, reason: str = "") -> None:
        super().__init__(reason)
        self.delay, self.reason = delay, reason


class Connector(Protocol):
    """One job type's code."""

    async def run(self, job: Job, now: datetime) -> JobOutcome: ...
