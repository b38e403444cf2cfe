"""Kept: what somebody had typed when their session ended, carried through the sign-in page and posted again by them.

Files are not carried (browsers forbid it); passwords are never.
"""

from typing import Any

from litestar import Request
from litestar.datastructures import UploadFile

LARGEST = 200_000

_NEVER = {"csrf", "password", "new_password", "next", "kept"}


async def kept_fields(request: Request[Any, Any, Any]) -> list[tuple[str, str]]:
    """The fields of a posted form, in order; none for a page that was only looked at."""
    if request.method != "POST":
        return []
    form = await request.form()
    fields = [
        (name, value) for name, value in form.multi_items() if name not in _NEVER and not isinstance(value, UploadFile)
    ]
    return fields if sum(len(name) + len(value) for name, value in fields) <= LARGEST else []
