"""Obstacles: why an instance cannot go on with another version, as sentences that screens translate."""

from typing import Any

import msgspec

from engine.feel.sentences import Sentence, Translate, sentence_kept

GONE = "“{element}” has no counterpart in the new version: say which element takes its place, or end it first."
OTHER_KIND = "“{element}” is a {kind} and “{target}” a {other}: what waits there cannot go on as that."
OTHER_PLACE = "“{target}” lies in “{there}”, but “{element}” runs in “{here}”."
OTHER_REPETITION = "“{element}” and “{target}” are not repeated in the same way."
OTHER_EVENT = "“{element}” waits for {waits}, “{target}” for {other}."
OTHER_WORK = "“{element}” waits for the result of a connector, and “{target}” does not take one."
NO_PROCESS = "The process “{process}” is not part of the new version."
NO_FLOW = "A branch waits at “{element}”, where it came by the flow “{flow}”; “{target}” has no such flow."
NOT_UNDONE = "“{element}” was completed and could still be undone; the new version does not have it."
FAILS = "Something new cannot begin: {0}"
UNREADABLE = "Its stored state cannot be read; see the logs."
ENDED = "It has ended."
OTHER_VERSION = "It does not run on the version to leave."


class Obstacle(msgspec.Struct, frozen=True):
    """One reason to stay: `reason` is a gettext message id, `parameters` fill its braces; or, where something is `told`
    (`Sentence.kept`), `reason` is that in English.
    """

    reason: str
    parameters: dict[str, Any] = {}
    told: list[Any] | None = None

    @staticmethod
    def telling(sentence: Sentence) -> "Obstacle":
        """The obstacle that says this."""
        return Obstacle(str(sentence), told=sentence.kept())

    @property
    def sentence(self) -> str:
        """The reason in English."""
        return self.says(str)

    def says(self, translate: Translate) -> str:
        """The reason in the reader's language."""
        if self.told is not None:
            return sentence_kept(self.told).says(translate)
        translated = translate(self.reason)
        return translated.format_map(self.parameters) if self.parameters else translated
