"""The connector contract, the one part of the engine that third-party connectors may import (declared stable).

A connector receives a `Job` and returns a `JobOutcome`, or raises one of the families below; anything else that it
raises is a failed attempt. It runs outside any transaction; the job id is the idempotency key it sends to the other
side. It reaches the network through its `Tools` only.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol
from uuid import UUID

import msgspec

from engine.feel.sentences import Sentence


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One piece of work. `input` holds the values of the element's input mapping, `headers` its constants; `case` is
    the case's public context (see the brief of a bundle: reference, department, applicant, language, followUrl, ...).
    `attempt` is the number of this try, from 1 on: with a connection, of this call, waits while it rested left out."""

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
    """A modelled outcome: becomes a BPMN error event with this code. A message that holds values is a `Sentence`, which
    people read in their language; a text is a gettext id, or is told as it is."""

    def __init__(self, code: str, message: Sentence | str = "", variables: dict[str, Any] | None = None) -> None:
        self.sentence = message if isinstance(message, Sentence) else None
        super().__init__(str(message) or code)
        self.code, self.message, self.variables = code, str(message), variables or {}


class TryLater(Exception):
    """Not now, and nobody's fault: the job is postponed and no attempt is counted."""

    def __init__(self, delay: timedelta, reason: str = "") -> None:
        super().__init__(reason)
        self.delay, self.reason = delay, reason


class Failure(Exception):
    """A failed attempt whose message an administrator may read: plain words, what to mend, no personal data. A message
    that holds values is a `Sentence`, which people read in their language."""

    def __init__(self, message: Sentence | str = "") -> None:
        self.sentence = message if isinstance(message, Sentence) else None
        super().__init__(str(message))

    @property
    def said(self) -> Sentence | str:
        """The message, as a sentence when it is one."""
        return self.sentence or str(self)


class Connection(msgspec.Struct, frozen=True, kw_only=True):
    """A connector's settings in this town: the fields of its template's connection part, secrets included. Never
    written anywhere as a whole: its `repr` shows no value."""

    slug: str
    values: dict[str, Any]

    def __repr__(self) -> str:
        return f"Connection({self.slug!r})"

    def text(self, name: str, default: str = "") -> str:
        """One value as text."""
        found = self.values.get(name)
        return default if found is None or found == "" else str(found)


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What testing a connection found; `said` is a plain sentence."""

    well: bool
    said: str


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What a job would do, as (label, value) lines; nothing has left."""

    lines: tuple[tuple[str, str], ...]


class HttpReply(Protocol):
    """What a server answered; header names in lower case."""

    @property
    def status(self) -> int: ...
    @property
    def headers(self) -> dict[str, str]: ...
    @property
    def body(self) -> bytes: ...

    def json(self) -> Any:
        """The body as JSON values. Raises a `Failure` when it is none."""
        ...


class Tools(Protocol):
    """What a connector is given to work with."""

    async def connection(self, job: Job) -> Connection:
        """The connection this job uses. Raises a `Failure` when the town has none."""
        ...

    async def request(
        self,
        connection: Connection,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
    ) -> HttpReply:
        """One HTTP call, to hosts that the connection allows. Raises a `Failure`."""
        ...


class Connector(Protocol):
    """One job type's code."""

    async def run(self, job: Job, now: datetime) -> JobOutcome: ...


class Testable(Protocol):
    """A connector that can try a connection without any case."""

    async def test(self, connection: Connection, now: datetime) -> Checked: ...


class Rehearsable(Protocol):
    """A connector that can say what a job would do."""

    async def preview(self, job: Job, now: datetime) -> Preview: ...
