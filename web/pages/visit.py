"""Visit: who asks, in which language, at what time. A middleware makes one for each request and adds the safety
headers.

Never refuses anybody: see `web.pages.guards`.
"""

import hashlib
import hmac
import secrets
from datetime import datetime
from http.cookies import SimpleCookie
from typing import Any

from litestar import Request
from litestar.connection import ASGIConnection
from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Message, Receive, Scope, Send

from accounts.permissions import Viewer
from engine.actor import Actor
from web.pages import language
from web.pages.house import House, house_of

SESSION, VISITOR, LANGUAGE = "parvis", "parvis-visitor", "parvis-language"

SAFETY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; "
        b"frame-ancestors 'none'",
    ),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"geolocation=(self), camera=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"private, no-cache"),
)


class Visit:
    """One request's context, made by the middleware; `viewer` is absent for whoever has not signed in."""

    def __init__(self, house: House, now: datetime, cookies: dict[str, str], language_code: str) -> None:
        self.house, self.now, self.language = house, now, language_code
        self.viewer: Viewer | None = None
        self.session = cookies.get(house.cookie(SESSION), "")
        self.visitor = cookies.get(house.cookie(VISITOR), "")
        self.fresh_cookies: list[str] = []
        self.posted: list[tuple[str, str]] = []

    def visitor_secret(self) -> str:
        """What ties forms, drafts and followed requests to this browser, signed in or not: a cookie, given now if
        needed."""
        if not self.visitor:
            self.visitor = secrets.token_urlsafe(24)
            self.set_cookie(VISITOR, self.visitor, max_age=60 * 60 * 24 * 90)
        return self.visitor

    def sign(self, *words: str) -> str:
        """A signature only this town can make."""
        return hmac.new(self.house.secret_key, "\x1f".join(words).encode(), hashlib.sha256).hexdigest()

    def set_cookie(self, name: str, value: str, *, max_age: int | None = None) -> None:
        """Sends a cookie with the response. A zero age deletes it."""
        cookie: SimpleCookie = SimpleCookie()
        full = self.house.cookie(name)
        cookie[full] = value
        cookie[full]["path"], cookie[full]["httponly"], cookie[full]["samesite"] = "/", True, "Lax"
        if max_age is not None:
            cookie[full]["max-age"] = str(max_age)
        if self.house.secure:
            cookie[full]["secure"] = True
        self.fresh_cookies.append(cookie[full].OutputString())

    def actor(self) -> Actor:
        """The author of what is done during this visit, as the engine writes it in the journal."""
        viewer = self.viewer
        if viewer is None:
            return Actor(kind="citizen", name="")
        return Actor(
            kind=viewer.kind, name=viewer.name, id=viewer.person_id, departments=tuple(sorted(viewer.departments))
        )


def visit_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Visit:
    """The visit this request belongs to."""
    visit: Visit = connection.scope["state"]["visit"]
    return visit


class VisitMiddleware(ASGIMiddleware):
    """Makes the visit before guards run, and finishes the headers after the page is drawn."""

    scopes = (ScopeType.HTTP,)

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Wraps one request."""
        request: Request[Any, Any, Any] = Request(scope)
        visit = await begin(request)
        scope["state"]["visit"] = visit
        marker = language.speak(visit.language)

        async def finish(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _finished(list(message["headers"]), visit)
            await send(message)

        try:
            await next_app(scope, receive, finish)
        finally:
            language.hush(marker)


def stranger(request: Request[Any, Any, Any]) -> Visit:
    """A visit as cookies and address tell it, before anybody asked whose session it is."""
    house = house_of(request)
    asked = request.query_params.get("lang", "")
    spoken = language.choose(asked, request.cookies.get(house.cookie(LANGUAGE), ""), house.language)
    visit = Visit(house, house.clock(), request.cookies, spoken)
    if asked == spoken:
        visit.set_cookie(LANGUAGE, spoken, max_age=60 * 60 * 24 * 365)
    return visit


async def begin(request: Request[Any, Any, Any]) -> Visit:
    """The visit with whoever is signed in."""
    visit = stranger(request)
    if visit.session:
        visit.viewer = await visit.house.sessions.viewer(visit.session, visit.now)
    return visit


def _finished(headers: list[tuple[bytes, bytes]], visit: Visit) -> list[tuple[bytes, bytes]]:
    present = {name.lower() for name, _ in headers}
    added = [header for header in SAFETY_HEADERS if header[0] not in present]
    if visit.viewer is not None and b"cache-control" not in present:
        added = [(name, b"no-store" if name == b"cache-control" else value) for name, value in added]
    if visit.house.secure:
        added.append((b"strict-transport-security", b"max-age=31536000"))
    return [*headers, *added, *((b"set-cookie", cookie.encode("latin-1")) for cookie in visit.fresh_cookies)]
