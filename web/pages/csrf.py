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
from litestar.connection.request import parse_url_encoded_form_data  # pyright: ignore[reportPrivateImportUsage]
from litestar.handlers import BaseRouteHandler

from web.pages.errors import FormForged, TextTooLarge, Unreadable
from web.pages.kept import kept_fields
from web.pages.visit import Visit, visit_of

FIELD, HEADER = "csrf", "x-csrf"

LARGEST_TEXT, MOST_FIELDS, MOST_FILES = 512 * 1024, 2_000, 100
"""Octets of text, fields and files that one page takes at most. A form asks less, and a draft keeps no more; a
router whose pages take long documents says so (`largest_text` of `web.pages.routing`).
"""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_URL_ENCODED, _MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def token(visit: Visit) -> str:
    """The token for the forms of this visit."""
    return visit.sign("csrf", visit.visitor_secret())


async def guard_form(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Refuses a posted form that did not come from our own page, or holds more text than one asks for.

    Raises `FormForged`, `TextTooLarge`, `Unreadable`.
    """
    if b"%00" in connection.scope["raw_path"] + connection.scope["query_string"]:
        raise Unreadable
    if connection.scope["type"] != "http" or connection.scope["method"] in _SAFE:
        return
    if not comes_from_us(connection):
        raise FormForged
    posted = await _posted_token(connection, handler.opt.get("largest_text", LARGEST_TEXT))
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


async def _posted_token(connection: ASGIConnection[Any, Any, Any, Any], largest: int) -> str:
    # As the handlers read it: capitals and parameters of the content type change nothing.
    if not isinstance(connection, Request) or connection.content_type[0] not in (_URL_ENCODED, _MULTIPART):
        return ""
    if connection.content_type[0] == _URL_ENCODED:
        await _refuse_large_text(connection, largest)
    try:
        form = await connection.form()
    except (UnicodeDecodeError, LookupError):
        # A part of a multipart body that is not in the charset it says, or says one that nobody knows.
        raise Unreadable from None
    finally:
        # The framework would keep the last 1,024 bodies it has read: what citizens wrote, and half a gigabyte at worst.
        parse_url_encoded_form_data.cache_clear()
    if sum(not isinstance(value, str) for value in form.values()) > MOST_FILES:
        raise TextTooLarge
    texts = [(name, text if isinstance(text, str) else "") for name, text in form.multi_items()]
    if sum(len(name) + len(text) for name, text in texts) > largest:
        raise TextTooLarge
    # No text has this character, and PostgreSQL refuses it: better here, once, than in every verb.
    if any("\x00" in name or "\x00" in text for name, text in texts):
        raise Unreadable
    visit_of(connection).posted = await kept_fields(connection)
    value = form.get(FIELD, "")
    return value if isinstance(value, str) else ""


async def _refuse_large_text(request: Request[Any, Any, Any], largest: int) -> None:
    """Before anything is parsed: reading names and values costs time for each octet, counting them almost none."""
    if (request.content_length or 0) > largest:
        raise TextTooLarge
    body = await request.body()
    if len(body) > largest or body.count(b"&") >= MOST_FIELDS:
        raise TextTooLarge
