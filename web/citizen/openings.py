"""Openings: a citizen's draft with everything its pages need, found once for each request. Only its owner opens it."""

from datetime import date
from typing import Any
from uuid import UUID

import msgspec

from desk import drafts
from desk.computing import compute
from desk.drafts import Draft, Owner
from desk.errors import DraftNotFound
from engine import deployments
from engine.definition import Definition
from forms import Form, Page, PageUnknown, Problem, validate, visible_pages
from web.citizen.owners import owner_of
from web.pages.errors import NotFound, NotSignedIn
from web.pages.forms_of import form_of
from web.pages.layout import AnyRequest
from web.pages.offers import sources_of
from web.pages.questions import Asked, spoken
from web.pages.visit import Visit, visit_of


class Opening(msgspec.Struct, frozen=True, kw_only=True):
    """An open draft."""

    visit: Visit
    owner: Owner
    draft: Draft
    definition: Definition
    form: Form

    @property
    def on_behalf(self) -> bool:
        """An agent types for somebody at the counter, on the telephone, or from a letter."""
        return self.draft.origin != "online"

    def shown(self) -> dict[str, Any]:
        """What every page of the draft reads."""
        return {
            "opening": self,
            "procedure": self.definition.manifest,
            "on_behalf": self.on_behalf,
            "layout": "layout/agent.html" if self.on_behalf else "layout/citizen.html",
        }

    @property
    def root(self) -> str:
        """Where the draft's pages are."""
        return f"/demandes/{self.draft.id}"

    def path(self, page: Page | None) -> str:
        """The address of a page; the review when there is none."""
        return f"{self.root}/verifier" if page is None else f"{self.root}/etape/{page.id}"

    def computed(self) -> dict[str, Any]:
        """The answers with what the form computes from them."""
        return compute(self.definition, self.form, self.draft.answers, self.visit.now)

    def where_left(self) -> Page | None:
        """The page to reopen: the one being answered, else the first not yet done; None when only sending is left."""
        pages = visible_pages(self.form, self.draft.answers)
        waiting = [page for page in pages if page.id not in self.draft.pages_done]
        return next((page for page in waiting if page.id == self.draft.page), waiting[0] if waiting else None)

    def unfit(self, answers: dict[str, Any]) -> tuple[Problem, ...]:
        """What is wrong with the answers as a whole though each is right alone; belongs to no question."""
        answers = compute(self.definition, self.form, answers, self.visit.now)
        found = validate(self.form, answers, now=self.visit.now, language=spoken(self.visit.language))
        return tuple(problem for problem in found if not problem.field_id)

    def page(self, page_id: str) -> Page:
        """The page of this id. Raises `NotFound`."""
        try:
            return self.form.page(page_id)
        except PageUnknown:
            raise NotFound from None

    async def asked(self, page: Page, first: date | None = None) -> Asked:
        """The page with its sources, ready to be drawn or answered."""
        house, answers = self.visit.house, self.draft.answers
        return Asked(
            definition=self.definition,
            form=self.form,
            page=page,
            answers=answers,
            language=self.visit.language,
            now=self.visit.now,
            files=house.files,
            sources=await sources_of(
                page, answers, self.visit.now, house.timezone, draft_id=self.draft.id, first=first
            ),
            draft_id=self.draft.id,
        )


async def open_draft(request: AnyRequest, draft_id: UUID) -> Opening:
    """The visitor's draft of this id. Raises `DraftNotFound`, or `NotSignedIn` for whoever has just been signed out."""
    visit = visit_of(request)
    owner = owner_of(visit)
    try:
        draft = await drafts.resume(draft_id, owner, visit.now)
    except DraftNotFound:
        if visit.session and visit.viewer is None:
            raise NotSignedIn from None
        raise
    return Opening(
        visit=visit,
        owner=owner,
        draft=draft,
        definition=await deployments.definition_of(draft.definition_hash),
        form=await form_of(draft.definition_hash, draft.form),
    )
