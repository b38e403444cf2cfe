"""Protection of forms: a page of another site must not be able to post in a visitor's name.

Two locks, both needed: the browser says the request comes from us (`Sec-Fetch-Site`, else `Origin`), and the form
carries a token
signed for this browser's own cookie. Works for citizens without an account, and outlives a session, so that a form
left open too long
still arrives; a token that another site made up is of no use.
"""

import hmac
from typing import Any
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection, Request
from litestar.handlers import BaseRouteHandler

from web.pages.errors import FormForged, Unreadable
from web.pages.kept import kept_fields
from web.pages.visit import Visit, visit_of

FIELD, HEADER = "csrf", "x-csrf"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def token(visit: Visit) -> str:
    """The token for the forms of this visit."""
    return visit.sign("csrf", visit.visitor_secret())


async def guard_form(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Refuses a posted form that did not come from our own page. Raises `FormForged`, `Unreadable`."""
    if b"%00" in connection.scope["raw_path"] + connection.scope["query_string"]:
        raise Unreadable
    if connection.scope["type"] != "http" or connection.scope["method"] in _SAFE:
        return
    if not comes_from_us(connection):
        raise FormForged
    posted = await _posted_token(connection)
    given = connection.headers.get(HEADER) or posted
    visit = visit_of(connection)
    if not visit.visitor or not hmac.compare_digest(given.encode(), token(visit).encode()):
        raise FormForged


def comes_from_us(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    """Whether the browser says that one of our pages sent this."""
    if site := connection.headers.get("sec-fetch-site"):
        return site in ("same-origin", "none")
    origin = connection.headers.get("origin")
    # Old browsers send neither; the token then stands alone.
    return origin is None or urlsplit(origin).netloc == connection.headers.get("host")


async def _posted_token(connection: ASGIConnection[Any, Any, Any, Any]) -> str:
    if not isinstance(connection, Request):
        return ""
    kind = connection.headers.get("content-type", "")
    if not kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        return ""
    try:
        form = await connection.form()
    except (UnicodeDecodeError, LookupError):
        # A part of a multipart body that is not in the charset it says, or says one that nobody knows.
        raise Unreadable from None
    # No text has this character, and PostgreSQL refuses it: better here, once, than in every verb.
    if any("\x00" in name or (isinstance(text, str) and "\x00" in text) for name, text in form.multi_items()):
        raise Unreadable
    visit_of(connection).posted = await kept_fields(connection)
    value = form.get(FIELD, "")
    return value if isinstance(value, str) else ""
