"""Errors of BPMN execution. `ElementFailed` and `ErrorThrown` never leave the engine: they become incidents and BPMN
errors."""

from typing import Any

from engine.errors import EngineError
from engine.feel.problems import ToldError
from engine.feel.sentences import Sentence, plain


class NotSupported(EngineError):
    """The diagram holds a construct that Parvis does not run. `what` is a sentence's template, `words` fill it."""

    def __init__(self, element_id: str, what: str, way_out: str, *words: Any) -> None:
        self.element_id, self.way_out = element_id, way_out
        self.sentence = Sentence(what, words)
        self.what = str(self.sentence)
        super().__init__(f"{element_id}: {self.what} {way_out}")


class DefinitionRefused(EngineError):
    """The diagrams of this bundle cannot be built."""

    def __init__(self, findings: tuple[Any, ...]) -> None:
        super().__init__("; ".join(f"{finding.element}: {finding.message}" for finding in findings))
        self.findings = findings


class UnsafeDocument(EngineError):
    """The document is not XML that Parvis accepts to read."""


class ElementFailed(EngineError):
    """An element cannot move: it becomes an incident, and the instance stays as it was before the element.

    A text is the template of a sentence, and as such a gettext id; what holds values is a `Sentence` with its words.
    """

    def __init__(self, kind: str, said: Sentence | str, names: tuple[str, ...] = ()) -> None:
        self.sentence = said if isinstance(said, Sentence) else Sentence(said)
        super().__init__(str(self.sentence))
        self.kind, self.message, self.names = kind, str(self.sentence), names


def said_of_error(code: str | None, message: Sentence | str) -> Sentence:
    """What is told of a modelled error. A text of ours is a gettext id; anybody else's is told as it is, braces
    included."""
    if isinstance(message, Sentence):
        return message
    if not message:
        return Sentence("error {0}", (code,))
    return plain(message) if "{" in message or "}" in message else Sentence(message)


class ErrorThrown(EngineError):
    """A modelled error: looks for its handler outwards from the throwing element."""

    def __init__(self, code: str | None, message: Sentence | str = "", variables: dict[str, Any] | None = None) -> None:
        self.sentence = said_of_error(code, message)
        super().__init__(str(self.sentence))
        self.code, self.message, self.variables = code, str(message), variables or {}


class VariablesTooLarge(ToldError):
    """The variables of a case may hold only so much together."""


class NotWaiting(EngineError):
    """Expected the token to wait for this command but it does not: it has moved on, or never existed."""

    def __init__(self, token: int, expected: str) -> None:
        super().__init__(f"Expected token {token} to wait for {expected} but it does not.")
        self.token, self.expected = token, expected


class UnknownStart(EngineError):
    """Expected a process or start event of the definition but found none of that id."""


class StateRefused(EngineError):
    """Expected a stored state of this definition and a known format but found another."""
