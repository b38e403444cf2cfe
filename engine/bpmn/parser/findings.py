"""Findings: what is wrong with a diagram, each with the element, the rule and the way out. Collected, so that all are
told at once."""

import msgspec

from engine.feel.sentences import Sentence


class Finding(msgspec.Struct, frozen=True):
    """One reason why a bundle cannot be built. `element` is absent when the finding is about a whole file."""

    element: str | None
    rule: str
    message: str
    way_out: str = ""
    file: str | None = None
    # The message for readers of any language, where the language parts give one.
    sentence: Sentence | None = None
