"""Commands: what may be asked of a running instance. Imperative, immutable, without clock; see `engine.instance`."""

from typing import Any

import msgspec

from engine.feel.sentences import Sentence

TokenId = int


class Command(msgspec.Struct, frozen=True, kw_only=True, tag=True, tag_field="is"):
    """One thing asked of one instance."""


class Start(Command, frozen=True, kw_only=True):
    """Begin at `start` (an element id; absent: the none start event) of `process` (absent: the bundle's main process).

    `called`: for a call activity, so that an error nothing catches ends the instance and goes to its caller.
    `came`: the kind and name of what has come (`("message", "paid")`), where the start waits for several things.
    """

    variables: dict[str, Any]
    process: str | None = None
    start: str | None = None
    called: bool = False
    came: tuple[str, str] | None = None


class CompleteTask(Command, frozen=True, kw_only=True):
    """A person has answered a user task; `answers` go through its output mapping, else into the variable named like
    its form."""

    token: TokenId
    answers: dict[str, Any]


class CompleteJob(Command, frozen=True, kw_only=True):
    """A connector has finished; `case` is merged into the root variable `case`."""

    token: TokenId
    variables: dict[str, Any] = {}
    case: dict[str, Any] = {}


class ThrowError(Command, frozen=True, kw_only=True):
    """A connector or a worker reports a modelled outcome; `sentence` as for `FailJob`."""

    token: TokenId
    code: str
    message: str = ""
    variables: dict[str, Any] = {}
    sentence: list[Any] | None = None


class FailJob(Command, frozen=True, kw_only=True):
    """The last attempt of a job failed: an incident opens on its element. `sentence` is the message for readers of any
    language (`Sentence.kept`), where it is one of ours."""

    token: TokenId
    message: str
    sentence: list[Any] | None = None

    @staticmethod
    def of(token: TokenId, said: Sentence | str) -> "FailJob":
        """The command that says this."""
        return FailJob(token=token, message=str(said), sentence=said.kept() if isinstance(said, Sentence) else None)


class FireTimer(Command, frozen=True, kw_only=True):
    """The timer of this token (and definition index, for events with several) is due."""

    token: TokenId
    index: int = 0


class Deliver(Command, frozen=True, kw_only=True):
    """A message (published with `key`) or signal for the subscription of this token."""

    token: TokenId
    index: int = 0
    name: str
    key: str | None = None
    kind: str = "message"
    variables: dict[str, Any] = {}


class ChildEnded(Command, frozen=True, kw_only=True):
    """The instance called by this token has ended (`variables`), or has thrown an error it did not catch (`error`)."""

    token: TokenId
    variables: dict[str, Any] = {}
    error: str | None = None


class ChildEscalated(Command, frozen=True, kw_only=True):
    """The instance called by this token, which goes on, has thrown an escalation that nothing in it catches."""

    token: TokenId
    code: str | None = None


class Resolve(Command, frozen=True, kw_only=True):
    """The cause of the incident on this token is mended: try its element again."""

    token: TokenId


class SetVariables(Command, frozen=True, kw_only=True):
    """An operator edits variables of the root scope, or of the scope of `token`."""

    variables: dict[str, Any]
    token: TokenId | None = None


class Activation(msgspec.Struct, frozen=True, kw_only=True):
    """An element to begin. `inside` is the token of the container to begin it in, where several run (0: the process);
    `variables` are written to the scope it begins in."""

    element: str
    inside: TokenId | None = None
    variables: dict[str, Any] = {}


class Modify(Command, frozen=True, kw_only=True):
    """An administrator begins elements, then ends tokens, whatever the flows say."""

    activate: tuple[Activation, ...] = ()
    terminate: tuple[TokenId, ...] = ()


class Cancel(Command, frozen=True, kw_only=True):
    """End the instance now; nothing in it executes another step."""

    reason: str = ""
