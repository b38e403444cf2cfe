"""Apply: the pages of an intake form, one at a time, kept on the server at each. Filing is in `web.citizen.sending`.

Address bar, back button and refresh do what they should; without JavaScript too.
Nothing typed is lost: a page with errors is kept with them.
"""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from litestar import Response, get, post

from accounts import throttle
from desk import bookings, drafts
from desk.errors import SlotNotOffered, SlotTaken
from engine import deployments
from forms import Message, Page, Problem, next_page, prefilled, previous_page, reopened_pages, visible_pages
from forms.asking import asked_questions
from forms.rules import every_question
from web.citizen.openings import Opening, open_draft
from web.citizen.owners import owner_of
from web.citizen.resuming import resume_link
from web.pages import addresses, guards, maps, signed_links
from web.pages.errors import NotFound
from web.pages.forms_of import form_of
from web.pages.layout import AnyRequest, page, see_other
from web.pages.offers import DAYS_SHOWN
from web.pages.questions import Answered, Asked, answer, spoken
from web.pages.signing_in import address_of
from web.pages.visit import Visit, visit_of

SLOT_TAKEN = "%(label)s: somebody has just taken this slot, choose another one. Your answers are kept."


@post("/demarches/{slug:str}/commencer", guards=[guards.anyone])
async def begin(request: AnyRequest, slug: str) -> Response[Any]:
    """Opens a draft of the procedure and goes to its first question."""
    visit = visit_of(request)
    await visit.house.throttle.count(throttle.FILING_ADDRESS, address_of(request), visit.now)
    deployment = await deployments.active(slug)
    posted = await request.form()
    asked = str(posted.get("form", ""))
    start = deployment.manifest.start_form(asked) or next(iter(deployment.manifest.start_forms), None)
    if start is None:
        raise NotFound
    form = await form_of(deployment.hash, start.form)
    link = signed_links.read(visit.house.secret_key, f"prefill:{slug}", str(posted.get("link", "")), visit.now)
    draft = await drafts.begin(
        slug,
        form=start.form,
        definition_hash=deployment.hash,
        owner=owner_of(visit),
        now=visit.now,
        language=visit.language,
        answers=prefilled(form, {**known_of(visit), **{f"link.{name}": value for name, value in (link or {}).items()}}),
    )
    return see_other(f"/demandes/{draft.id}/etape/{form.pages[0].id}")


def known_of(visit: Visit) -> dict[str, Any]:
    """What the account says of the person, by the words of option `prefill`. An agent's account is the town's."""
    viewer = visit.viewer
    if viewer is None or viewer.kind != "citizen":
        return {}
    return {"account.name": viewer.name, "account.email": viewer.email}


@get("/demandes/{draft_id:uuid}", guards=[guards.anyone])
async def resume(request: AnyRequest, draft_id: UUID) -> Response[Any]:
    """Back to where the person left; to the receipt once filed."""
    opening = await open_draft(request, draft_id)
    if opening.draft.case_id is not None:
        return see_other(f"{opening.root}/recu")
    return see_other(opening.path(opening.where_left()))


@get("/demandes/{draft_id:uuid}/etape/{page_id:str}", guards=[guards.anyone])
async def show(request: AnyRequest, draft_id: UUID, page_id: str, jour: date | None = None) -> Response[Any]:
    """One page of questions with the answers already given."""
    opening = await open_draft(request, draft_id)
    if opening.draft.case_id is not None:
        return see_other(f"{opening.root}/recu")
    asked = await opening.asked(opening.page(page_id), jour)
    return await draw(request, opening, asked, asked.view(), taken=bool(request.query_params.get("pris")))


@post("/demandes/{draft_id:uuid}/etape/{page_id:str}", guards=[guards.anyone])
async def save(request: AnyRequest, draft_id: UUID, page_id: str, jour: date | None = None) -> Response[Any]:
    """Keeps the page; then the next one, or the same with what there is to correct."""
    opening = await open_draft(request, draft_id)
    if opening.draft.case_id is not None:
        return see_other(f"{opening.root}/recu")
    asked = await opening.asked(opening.page(page_id), jour)
    answered = await answer(asked, request)
    problems = (
        answered.problems or () if answered.again else (*answered.problems, *await hold_slot(opening, asked, answered))
    )
    reopened = {each.id for each in reopened_pages(opening.form, asked.page, asked.answers, answered.answers)}
    following = _after(request, opening, asked, answered, reopened)
    if following is None and not problems and not answered.again:
        problems = opening.unfit(answered.answers)
    await _keep(opening, asked, answered, is_done=not problems and not answered.again, undone=reopened)
    if problems or answered.again:
        view = asked.view(answers=answered.answers, typed=answered.typed, problems=problems)
        return await draw(request, opening, asked, view, status=200 if answered.again else 422)
    return see_other(opening.path(following))


@post("/demandes/{draft_id:uuid}/brouillon/{page_id:str}", guards=[guards.anyone], status_code=200)
async def autosave(request: AnyRequest, draft_id: UUID, page_id: str) -> dict[str, str]:
    """Keeps what has been typed so far (the page's script asks for it); says when."""
    opening = await open_draft(request, draft_id)
    asked = await opening.asked(opening.page(page_id))
    answered = await answer(asked, request)
    await _keep(opening, asked, answered, is_done=False, undone=set())
    return {"saved_at": opening.visit.now.isoformat()}


@post("/demandes/{draft_id:uuid}/jeter", guards=[guards.anyone])
async def discard(request: AnyRequest, draft_id: UUID) -> Response[Any]:
    """Throws the draft away, at its owner's wish."""
    opening = await open_draft(request, draft_id)
    await drafts.discard(draft_id, opening.owner, opening.visit.now)
    return see_other("/agent/guichet" if opening.on_behalf else f"/demarches/{opening.draft.procedure}")


async def draw(
    request: AnyRequest, opening: Opening, asked: Asked, view: Any, *, status: int = 200, taken: bool = False
) -> Response[Any]:
    """The page as the citizen sees it."""
    before = previous_page(opening.form, asked.page, asked.answers)
    start = "/agent/guichet" if opening.on_behalf else f"/demarches/{opening.draft.procedure}"
    town_map = maps.offered(opening.visit) if view.has_place else None
    drawn = page(
        request,
        "citizen/question.html",
        status=status,
        view=view,
        taken=taken,
        **opening.shown(),
        back=opening.path(before) if before else start,
        action=opening.path(asked.page) + _kept_query(request),
        resume_link="" if opening.on_behalf else resume_link(opening),
        later=_later(request, opening, asked),
        autosave=f"{opening.root}/brouillon/{asked.page.id}",
        upload=f"{opening.root}/fichiers/{asked.page.id}",
        addresses=await addresses.search_path(opening.visit) if view.has_search else "",
        town_map=town_map,
    )
    return maps.allowed(drawn, town_map)


async def hold_slot(opening: Opening, asked: Asked, answered: Answered) -> list[Problem]:
    """Keeps the slot chosen on this page for twenty minutes; the loser of a race is told beside the question."""
    slots = {q.path: q for q in every_question(asked.page.elements) if getattr(q, "kind", "") == "slot"}
    problems: list[Problem] = []
    for each in asked_questions(asked.form, answered.answers, spoken(asked.language), asked.page):
        value = answered.answers.get(str(each.path[0])) if each.path in slots else None
        if not isinstance(value, str) or answered.problems:
            continue
        try:
            await bookings.hold(opening.draft.id, bookings.slot_of_key(value), opening.visit.now)
        except (SlotTaken, SlotNotOffered):
            where = "/" + str(each.path[0])
            problems.append(
                Problem(where, "f-" + str(each.path[0]), each.label, Message(SLOT_TAKEN, {"label": each.label}))
            )
    return problems


def _kept_query(request: AnyRequest) -> str:
    kept = {name: request.query_params[name] for name in ("retour", "jour") if request.query_params.get(name)}
    return f"?{urlencode(kept)}" if kept else ""


def _later(request: AnyRequest, opening: Opening, asked: Asked) -> date | None:
    """The day the next free slots begin at, on a page that offers some."""
    if "free_slots" not in asked.sources:
        return None
    today = opening.visit.now.astimezone(opening.visit.house.timezone).date()
    shown = request.query_params.get("jour")
    return max(date.fromisoformat(shown) if shown else today, today) + timedelta(days=DAYS_SHOWN + 1)


async def _keep(opening: Opening, asked: Asked, answered: Answered, *, is_done: bool, undone: set[str]) -> None:
    await drafts.save_page(
        opening.draft.id,
        opening.owner,
        answers=answered.answers,
        page=asked.page.id,
        now=opening.visit.now,
        done=asked.page.id if is_done else None,
        undone=sorted(undone),
    )


def _after(request: AnyRequest, opening: Opening, asked: Asked, answered: Answered, reopened: set[str]) -> Page | None:
    """The next page not yet done; someone who came from the review goes back to it once the page is right. Before the
    review come the pages passed by, and those that now ask more.
    """
    following = next_page(opening.form, asked.page, answered.answers)
    done = {*opening.draft.pages_done, asked.page.id} - reopened
    while following is not None and following.id in done and request.query_params.get("retour"):
        following = next_page(opening.form, following, answered.answers)
    if following is not None:
        return following
    return next((each for each in visible_pages(opening.form, answered.answers) if each.id not in done), None)


HANDLERS = [begin, resume, show, save, autosave, discard]
