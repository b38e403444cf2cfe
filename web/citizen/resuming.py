"""Resuming: a draft goes on in another browser, by a link that only its owner was shown. Opening the link changes
nothing: mail programs open links too; the button does."""

import hashlib
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from accounts import throttle
from desk import drafts, notifications
from forms.formats import compile_schema
from web.citizen.openings import Opening, open_draft
from web.pages import guards, language, signed_links
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.signing_in import address_of
from web.pages.visit import Visit, visit_of

_ADDRESS = compile_schema({"type": "string", "format": "email", "maxLength": 254})


def resume_link(opening: Opening) -> str:
    """The address that goes on with this draft elsewhere, as long as the draft is kept."""
    visit, draft = opening.visit, opening.draft
    signed = signed_links.sign(visit.house.secret_key, f"draft:{draft.id}", draft.expires_at)
    return f"{visit.house.public_url}/reprendre/{draft.id}/{signed}"


@get("/reprendre/{draft_id:uuid}/{signed:str}", guards=[guards.anyone])
async def ask(request: AnyRequest, draft_id: UUID, signed: str) -> Response[Any]:
    """Says what will happen, with one button."""
    _check(visit_of(request), draft_id, signed)
    return page(request, "citizen/resume.html", action=request.url.path)


@post("/reprendre/{draft_id:uuid}/{signed:str}", guards=[guards.anyone])
async def resume_here(request: AnyRequest, draft_id: UUID, signed: str) -> Response[Any]:
    """The draft is this browser's from now on. Raises `DraftNotFound` once it was filed, thrown away or is over."""
    visit = visit_of(request)
    _check(visit, draft_id, signed)
    await drafts.move(draft_id, visit.visitor_secret(), visit.now)
    return see_other(f"/demandes/{draft_id}")


@get("/demandes/{draft_id:uuid}/lien", guards=[guards.anyone])
async def ask_for_link(request: AnyRequest, draft_id: UUID) -> Response[Any]:
    """Asks where to send the link: the address already given, if any."""
    opening = await _unfiled(request, draft_id)
    known = opening.draft.answers.get("email")
    return _link_page(request, opening, known if isinstance(known, str) else "")


@post("/demandes/{draft_id:uuid}/lien", guards=[guards.anyone], status_code=200)
async def mail_link(request: AnyRequest, draft_id: UUID) -> Response[Any]:
    """Writes the link to the address given. Says the same whoever has the address. Raises `TooManyTries`."""
    opening = await _unfiled(request, draft_id)
    visit, email = opening.visit, str((await request.form()).get("email", "")).strip()[:320]
    if not _ADDRESS.is_valid(email):
        return _link_page(request, opening, email, refused=True)
    for limit, subject in (
        (throttle.RESUME_ADDRESS, address_of(request)),
        (throttle.RESUME_DRAFT, str(draft_id)),
        (throttle.RESUME_RECIPIENT, email),
    ):
        await visit.house.throttle.count(limit, subject, visit.now)
    await _enqueue(opening, email)
    return _link_page(request, opening, email, sent=True)


async def _enqueue(opening: Opening, email: str) -> None:
    # Sent behind the page, and again while the mail server is away; two clicks within a minute are one wish.
    visit, draft = opening.visit, opening.draft
    timezone = visit.house.timezone
    values = {
        "procedure": language.pick(opening.definition.manifest.title),
        "until": language.say_day(draft.expires_at, timezone, visit.now.astimezone(timezone).date()),
        "link": resume_link(opening),
    }
    key = f"draft_link:{draft.id}:{hashlib.sha256(email.encode()).hexdigest()[:16]}:{visit.now:%Y%m%d%H%M}"
    await notifications.enqueue(
        "draft_link", None, draft_id=draft.id, to=email, language=visit.language, values=values, now=visit.now, key=key
    )


def _link_page(
    request: AnyRequest, opening: Opening, email: str, *, sent: bool = False, refused: bool = False
) -> Response[Any]:
    return page(
        request,
        "citizen/resume_link.html",
        status=422 if refused else 200,
        email=email,
        sent=sent,
        refused=refused,
        **opening.shown(),
    )


async def _unfiled(request: AnyRequest, draft_id: UUID) -> Opening:
    opening = await open_draft(request, draft_id)
    if opening.draft.case_id is not None or opening.on_behalf:
        raise NotFound
    return opening


def _check(visit: Visit, draft_id: UUID, signed: str) -> None:
    if signed_links.read(visit.house.secret_key, f"draft:{draft_id}", signed, visit.now) is None:
        raise NotFound


HANDLERS = [ask, resume_here, ask_for_link, mail_link]
