"""Pages: keyset pagination. A page names the last row seen, never an offset, so that lists stay right while rows come
and go.
"""

import base64
import binascii
from datetime import datetime
from uuid import UUID

import msgspec

MOST_ROWS = 200


class Page(msgspec.Struct, frozen=True):
    """Which rows are wanted: those after `after` (a `next` of the page before), at most `size`."""

    after: str | None = None
    size: int = 50

    @property
    def limit(self) -> int:
        """The size, within bounds."""
        return min(max(self.size, 1), MOST_ROWS)


class Mark(msgspec.Struct, frozen=True):
    """The place of a row in its order: its sort value (absent: sorted last), and its id."""

    at: datetime | None
    id: UUID
    number: int = 0


def text_of(mark: Mark) -> str:
    """The mark as it travels in an address."""
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(mark)).decode().rstrip("=")


def mark_of(page: Page) -> Mark | None:
    """The mark to begin after; None for the first page, or when the text is not one of ours."""
    if not page.after:
        return None
    padded = page.after + "=" * (-len(page.after) % 4)
    try:
        return msgspec.msgpack.decode(base64.urlsafe_b64decode(padded), type=Mark)
    except (msgspec.DecodeError, binascii.Error, ValueError):
        return None
