"""Phrases: what the desk has to say, as (message id, parameters). Never translates: pages do, through the gettext
catalogues.

Babel extracts the first argument of `phrase` (keyword `phrase` in `babel.cfg`).
"""

from typing import Any

import msgspec


class Phrase(msgspec.Struct, frozen=True):
    """One sentence to render: `id` is a gettext message id, `parameters` fill its braces (dates stay aware
    datetimes)."""

    id: str
    parameters: dict[str, Any] = {}


def phrase(id: str, **parameters: Any) -> Phrase:
    """A sentence with its parameters."""
    return Phrase(id, parameters)
