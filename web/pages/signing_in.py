"""Signing in and out, and replacing a forgotten password. The rules are in `accounts.signing` and
`accounts.passwords`."""

from typing import Any
from urllib.parse import urlencode

from litestar import Request, Response, get, post

from accounts import passwords, signing
from accounts.errors import PasswordRefused, ResetExpired, SignInRefused
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.layout import local_path, page, see_other
from web.pages.visit import SESSION, Visit, visit_of

AnyRequest = Request[Any, Any, Any]


@get("/connexion", guards=[guards.anyone])
async def sign_in_page(request: AnyRequest, next: str = "") -> Response[Any]:
    """The sign-in form; whoever is signed in already goes home."""
    visit = visit_of(request)
    if visit.viewer is not None:
        return see_other(local_path(next, home_of(visit)))
    return page(request, "pages/sign_in.html", next=next, kept=[], email="", refused=False, expired=False)


@post("/connexion", guards=[guards.anyone])
async def sign_in(request: AnyRequest) -> Response[Any]:
    """Checks address and password; then back to where the person was, with what they had typed."""
    visit, form = visit_of(request), await request.form()
    email, asked = str(form.get("email", "")), str(form.get("next", ""))
    kept = [(name[5:], str(value)) for name, value in form.multi_items() if name.startswith("kept:")]
    try:
        person_id = await signing.sign_in(
            email,
            str(form.get("password", "")),
            address=address_of(request),
            throttling=visit.house.throttle,
            now=visit.now,
        )
    except SignInRefused:
        return page(
            request, "pages/sign_in.html", status=422, next=asked, kept=kept, email=email, refused=True, expired=False
        )
    await _open_session(request, visit, person_id)
    target = local_path(asked, home_of(visit))
    if kept:
        return page(request, "pages/kept.html", action=target, kept=kept)
    return see_other(target)


@post("/deconnexion", guards=[guards.signed_in])
async def sign_out(request: AnyRequest) -> Response[Any]:
    """Closes this session."""
    visit = visit_of(request)
    await visit.house.sessions.close(visit.session)
    visit.set_cookie(SESSION, "", max_age=0)
    return see_other("/connexion?" + urlencode({"fermee": "1"}))


@post("/deconnexion/partout", guards=[guards.signed_in])
async def sign_out_everywhere(request: AnyRequest) -> Response[Any]:
    """Closes every session of the person."""
    visit = visit_of(request)
    await visit.house.sessions.close_all(guards.viewer_of(request).person_id)
    visit.set_cookie(SESSION, "", max_age=0)
    return see_other("/connexion?" + urlencode({"fermee": "partout"}))


@get("/mot-de-passe", guards=[guards.anyone])
async def forgotten_page(request: AnyRequest) -> Response[Any]:
    """Asks for the address to write to."""
    return page(request, "pages/forgotten.html", sent=False)


@post("/mot-de-passe", guards=[guards.anyone])
async def forgotten(request: AnyRequest) -> Response[Any]:
    """Sends a link when somebody has the address; says the same thing either way."""
    visit, form = visit_of(request), await request.form()
    person = await signing.may_send_reset(
        str(form.get("email", "")), address=address_of(request), throttling=visit.house.throttle, now=visit.now
    )
    if person is not None and (send := visit.house.connections.get("send_password_link")) is not None:
        token = await passwords.issue_reset(person.id, visit.now)
        await send(person, f"{visit.house.public_url}/mot-de-passe/{token}")
    return page(request, "pages/forgotten.html", sent=True)


@get("/mot-de-passe/{token:str}", guards=[guards.anyone])
async def reset_page(request: AnyRequest, token: str) -> Response[Any]:
    """Asks for the new password, while the link is good."""
    if not await passwords.reset_is_open(token, visit_of(request).now):
        raise NotFound
    return page(request, "pages/reset.html", token=token, refused="")


@post("/mot-de-passe/{token:str}", guards=[guards.anyone])
async def reset(request: AnyRequest, token: str) -> Response[Any]:
    """Replaces the password and signs the person in."""
    visit, form = visit_of(request), await request.form()
    try:
        person_id = await passwords.use_reset(token, str(form.get("new_password", "")), visit.now)
    except PasswordRefused as error:
        return page(request, "pages/reset.html", status=422, token=token, refused=error.reason)
    except ResetExpired:
        raise NotFound from None
    await _open_session(request, visit, person_id)
    return see_other(home_of(visit))


def home_of(visit: Visit) -> str:
    """Where somebody starts: agents at their inbox, citizens at their requests."""
    if visit.viewer is None:
        return "/"
    return "/agent" if visit.viewer.kind == "agent" else "/compte"


def address_of(request: AnyRequest) -> str:
    """The caller's network address; forwarded headers are only believed by the server that is told to."""
    return request.client.host if request.client else ""


async def _open_session(request: AnyRequest, visit: Visit, person_id: Any) -> None:
    # A new secret at each sign-in: a cookie planted before it is worth nothing (session fixation).
    visit.session = await visit.house.sessions.open(person_id, visit.now, device=request.headers.get("user-agent", ""))
    visit.set_cookie(SESSION, visit.session)
    visit.viewer = await visit.house.sessions.viewer(visit.session, visit.now)


HANDLERS = [
    sign_in_page,
    sign_in,
    sign_out,
    sign_out_everywhere,
    forgotten_page,
    forgotten,
    reset_page,
    reset,
]
