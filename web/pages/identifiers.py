"""Identifiers: ids as they arrive in forms and addresses; what is not one is None, never an error."""

from uuid import UUID


def identifier_of(text: object) -> UUID | None:
    """The id this text is, or None."""
    try:
        return UUID(str(text))
    except ValueError:
        return None
