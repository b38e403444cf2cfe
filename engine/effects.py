"""Effects: what an advance asks the outside world to remember or do. Past participles, immutable; `engine.apply` is
their only reader.
"""

from datetime import datetime
from typing import Any, Literal

import msgspec

from engine.commands import TokenId

Decision = Literal["granted", "refused", "closed"]
Audience = Literal["department", "applicant"]


class Effect(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="is"):
    """One fact about one instance."""


class ElementEntered(Effect, frozen=True, kw_only=True):
    """A token entered an element. `public_step` and `decision` come from its `parvis:` properties."""

    token: TokenId
    element: str
    name: str
    kind: str
    public_step: str | None = None
    decision: Decision | None = None


class ElementLeft(Effect, frozen=True, kw_only=True):
    """The token left: `completed`, `terminated` when it was interrupted, `migrated` when another version calls its
    element otherwise.
    """

    token: TokenId
    element: str
    outcome: Literal["completed", "terminated", "migrated"] = "completed"


class TaskOpened(Effect, frozen=True, kw_only=True):
    """Human work. `department` is the first that answers of: candidate groups, the routed department, the lane, the
    manifest.
    """

    token: TokenId
    element: str
    name: str
    form: str | None
    department: str
    audience: Audience = "department"
    candidate_groups: tuple[str, ...] = ()
    candidate_users: tuple[str, ...] = ()
    assignee: str | None = None
    due: datetime | None = None
    follow_up: datetime | None = None
    priority: int = 50
    input: dict[str, Any] = {}


class TaskWithdrawn(Effect, frozen=True, kw_only=True):
    """The task is no longer to be done (interrupted, cancelled)."""

    token: TokenId


class JobQueued(Effect, frozen=True, kw_only=True):
    """Connector work. `input` is the result of the input mapping, `case` the root variable of that name."""

    token: TokenId
    element: str
    type: str
    retries: int = 3
    headers: dict[str, str] = {}
    input: dict[str, Any] = {}
    case: dict[str, Any] = {}


class JobCancelled(Effect, frozen=True, kw_only=True):
    """The job's element was interrupted; a result that still arrives is ignored."""

    token: TokenId


class TimerSet(Effect, frozen=True, kw_only=True):
    """Wake the token at `due` (aware UTC). Setting the same (token, index) again replaces it."""

    token: TokenId
    index: int = 0
    element: str
    due: datetime


class TimerCleared(Effect, frozen=True, kw_only=True):
    token: TokenId
    index: int = 0


class SubscriptionOpened(Effect, frozen=True, kw_only=True):
    """The token waits for a message (`key` is its correlation key) or a signal (no key)."""

    token: TokenId
    index: int = 0
    element: str
    kind: Literal["message", "signal"]
    name: str
    key: str | None = None


class SubscriptionClosed(Effect, frozen=True, kw_only=True):
    token: TokenId
    index: int = 0


class MessagePublished(Effect, frozen=True, kw_only=True):
    """A throw event or send task without a job type publishes inside Parvis."""

    name: str
    key: str | None
    variables: dict[str, Any] = {}


class SignalBroadcast(Effect, frozen=True, kw_only=True):
    name: str
    variables: dict[str, Any] = {}


class ChildStarted(Effect, frozen=True, kw_only=True):
    """A call activity starts an instance of another process (of this bundle, or of another procedure in service).

    `version_tag`: of the newest version with this tag instead of the one in service.
    """

    token: TokenId
    process: str
    version_tag: str | None = None
    variables: dict[str, Any] = {}


class IncidentRaised(Effect, frozen=True, kw_only=True):
    """The token cannot move without a person: what, where, and the *names* of the variables seen (never their
    values).
    """

    token: TokenId
    element: str
    kind: Literal["expression", "no_flow", "job", "error", "decision", "fuse", "script"]
    message: str
    variables: tuple[str, ...] = ()
    # The message for readers of any language (`Sentence.kept`); without it, the message is a gettext id itself.
    sentence: list[Any] | None = None


class IncidentResolved(Effect, frozen=True, kw_only=True):
    token: TokenId


class DecisionTraced(Effect, frozen=True, kw_only=True):
    """A business rule task or an expression decided: the matched rules, kept so that an agent can read why."""

    token: TokenId
    element: str
    decision: str
    trace: dict[str, Any]


class CaseChanged(Effect, frozen=True, kw_only=True):
    """The root variable `case` was patched: keys are those of the case row (`department`, `priority`)."""

    changes: dict[str, Any]


class VariablesChanged(Effect, frozen=True, kw_only=True):
    """Values written, by scope; for the history."""

    scope: str
    values: dict[str, Any]


class EscalationUncaught(Effect, frozen=True, kw_only=True):
    token: TokenId
    element: str
    code: str | None


class InstanceEnded(Effect, frozen=True, kw_only=True):
    """No live token is left. Only for called instances: their `variables`, and in `error` the code of an error end
    event that nothing caught.
    """

    outcome: Literal["completed", "cancelled"] = "completed"
    variables: dict[str, Any] = {}
    error: str | None = None
