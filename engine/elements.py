"""Elements: what lists, diagrams, the lint and the history need to know of a BPMN element, without the specs that run
it."""

from typing import Literal

import msgspec


class EventDetail(msgspec.Struct, frozen=True):
    """One definition of an event: `value` is the timer's text, the condition, the code or the link; `name` of a
    message or signal."""

    kind: str
    name: str | None = None
    value: str | None = None
    key: str | None = None


class Written(msgspec.Struct, frozen=True):
    """An expression as the diagram writes it, with its `=`, and where."""

    where: str
    text: str


class Element(msgspec.Struct, frozen=True, kw_only=True):
    """One element of a diagram. `instantiates`: its event starts an instance of its process. `department` is what its
    lanes or the manifest say, as text (it may be an expression)."""

    id: str
    name: str
    kind: str
    process: str
    parent: str | None
    lanes: tuple[str, ...]
    department: str | None
    public_step: str | None
    decision: Literal["granted", "refused", "closed"] | None
    properties: dict[str, str]
    headers: dict[str, str]
    form_id: str | None
    job_type: str | None
    decision_id: str | None
    called_process: str | None
    binding: str | None = None
    incoming: tuple[str, ...]
    outgoing: tuple[str, ...]
    attached_to: str | None
    interrupting: bool
    events: tuple[EventDetail, ...]
    expressions: tuple[Written, ...]
    audience: Literal["department", "applicant"]
    is_event_subprocess: bool
    instantiates: bool
    multiple: Literal["loop", "parallel", "sequential"] | None
