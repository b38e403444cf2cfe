"""Resuming: a draft goes on in another browser, by a link that only its owner was shown. Opening the link changes
nothing: mail programs open links too; the button does."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from desk import drafts
from web.citizen.openings import Opening
from web.pages import guards, signed_links
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import Visit, visit_of


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


def _check(visit: Visit, draft_id: UUID, signed: str) -> None:
    if signed_links.read(visit.house.secret_key, f"draft:{draft_id}", signed, visit.now) is None:
        raise NotFound


HANDLERS = [ask, resume_here]
