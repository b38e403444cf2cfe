"""Sending: the review of all answers, likely duplicates, filing once, and the receipt.
Two posts give one case and one receipt."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from desk import drafts, duplicates, filing
from desk.duplicates import NearbyReport, Position
from desk.errors import DraftInfected, DraftOutdated, SlotTaken
from engine import deployments, feel
from engine.actor import Actor
from engine.filing import applicant_of
from forms import Problem, review, validate, visible_pages
from forms.views import ErrorView
from web.citizen import infected
from web.citizen.catalogue import department_of
from web.citizen.following import remember
from web.citizen.openings import Opening, open_draft
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.offers import worded
from web.pages.questions import spoken


@get("/demandes/{draft_id:uuid}/verifier", guards=[guards.anyone])
async def check(request: AnyRequest, draft_id: UUID) -> Response[Any]:
    """Everything that will be sent, each page one click from being changed."""
    opening = await open_draft(request, draft_id)
    if opening.draft.case_id is not None:
        return see_other(f"{opening.root}/recu")
    if (wrong := first_wrong_page(opening)) is not None:
        return see_other(wrong)
    return await _draw(request, opening, opening.unfit(opening.draft.answers), await infected.told(opening))


@post("/demandes/{draft_id:uuid}/envoyer", guards=[guards.anyone])
async def send(request: AnyRequest, draft_id: UUID) -> Response[Any]:
    """Files the request, once however often it is posted."""
    opening = await open_draft(request, draft_id)
    if opening.draft.case_id is not None:
        return see_other(f"{opening.root}/recu")
    if (wrong := first_wrong_page(opening)) is not None:
        return see_other(wrong)
    files = await infected.told(opening)
    if (unfit := opening.unfit(opening.draft.answers)) or files:
        return await _draw(request, opening, unfit, files, status=422)
    await _keep_computed(opening)
    try:
        await filing.file(
            draft_id,
            opening.owner,
            by=author_of(opening),
            now=opening.visit.now,
            channel=channel_of(opening),
            follow_url=f"{opening.visit.house.public_url}/suivi/{{tracking_code}}",
        )
    except DraftInfected:
        return see_other(f"{opening.root}/verifier")
    except SlotTaken:
        return see_other(f"{_slot_path(opening)}?pris=1")
    except DraftOutdated:
        return see_other(await _begin_again(opening))
    return see_other(f"{opening.root}/recu")


@get("/demandes/{draft_id:uuid}/recu", guards=[guards.anyone])
async def receipt(request: AnyRequest, draft_id: UUID) -> Response[Any]:
    """The receipt: date, department, contact, term, what silence means (CRPA art. R112-5)."""
    opening = await open_draft(request, draft_id)
    if opening.draft.case_id is None:
        raise NotFound
    filed = await filing.receipt(opening.draft.case_id)
    if not opening.on_behalf:
        remember(request, filed.case_id)
    return page(
        request,
        "citizen/receipt.html",
        filed=filed,
        **opening.shown(),
        department=await department_of(filed.department),
    )


@post("/demandes/{draft_id:uuid}/moi-aussi", guards=[guards.anyone])
async def me_too(request: AnyRequest, draft_id: UUID) -> Response[Any]:
    """Joins a report made before instead of filing another one."""
    opening = await open_draft(request, draft_id)
    known = {str(report.case_id): report for report in await nearby(opening)}
    report = known.get(str((await request.form()).get("case", "")))
    if report is None:
        raise NotFound
    email = opening.draft.answers.get("email")
    await duplicates.follow(
        report.case_id,
        key=opening.visit.visitor_secret(),
        email=email if isinstance(email, str) else None,
        language=opening.visit.language,
        now=opening.visit.now,
    )
    await drafts.discard(draft_id, opening.owner, opening.visit.now)
    return page(request, "citizen/joined.html", report=report, email=email)


def first_wrong_page(opening: Opening) -> str | None:
    """The first page that still has something to correct, or None."""
    answers, now = opening.computed(), opening.visit.now
    for each in visible_pages(opening.form, answers):
        found = validate(opening.form, answers, page=each, now=now, language=spoken(opening.visit.language))
        # What the town offers (free slots) changes by the minute: filing itself decides.
        if [problem for problem in found if "no longer free" not in problem.message.id]:
            return opening.path(each)
    return None


def channel_of(opening: Opening) -> str:
    """How the town writes to the applicant: by mail only when they left an address."""
    applicant = applicant_of(opening.definition.manifest, opening.draft.answers, opening.visit.now)
    return "email" if applicant.email else "post"


def author_of(opening: Opening) -> Actor:
    """Who files: the account, else the citizen as such."""
    return opening.visit.actor()


async def nearby(opening: Opening) -> tuple[NearbyReport, ...]:
    """Reports of the same category close to the one being made."""
    manifest, answers = opening.definition.manifest, opening.draft.answers
    if not manifest.position or not isinstance(answers.get("category"), str):
        return ()
    expression = feel.compile_expression(manifest.position.removeprefix("="))
    found = expression.evaluate({"answers": answers}, opening.visit.now)
    if not isinstance(found, dict) or not {"latitude", "longitude"} <= found.keys():
        return ()
    position = Position(float(found["latitude"]), float(found["longitude"]))
    return await duplicates.nearby(position, answers["category"], opening.visit.now, procedure=manifest.slug)


async def _draw(
    request: AnyRequest,
    opening: Opening,
    problems: tuple[Problem, ...],
    files: list[ErrorView],
    status: int = 200,
) -> Response[Any]:
    answers = opening.computed()
    return page(
        request,
        "citizen/review.html",
        status=status,
        summary=[*files, *(ErrorView("", problem.message) for problem in problems)],
        **opening.shown(),
        sections=worded(
            review(opening.form, answers, spoken(opening.visit.language)),
            opening.visit.house.timezone,
            opening.visit.now,
        ),
        change_urls={each.id: f"{opening.path(each)}?retour=1" for each in visible_pages(opening.form, answers)},
        file_url=lambda identifier: f"{opening.root}/fichiers/{identifier}",
        reports=await nearby(opening),
        back=opening.path(visible_pages(opening.form, answers)[-1]),
    )


async def _keep_computed(opening: Opening) -> None:
    """What is filed is what the review showed: computed now, not when a page was left."""
    answers = opening.computed()
    if answers != opening.draft.answers:
        draft = opening.draft
        await drafts.save_page(draft.id, opening.owner, answers=answers, page=draft.page, now=opening.visit.now)


def _slot_path(opening: Opening) -> str:
    pages = visible_pages(opening.form, opening.draft.answers)
    slot = next(
        (each for each in pages if any(getattr(element, "kind", "") == "slot" for element in each.elements)), pages[0]
    )
    return opening.path(slot)


async def _begin_again(opening: Opening) -> str:
    """The procedure changed meanwhile: the same answers on the version now in service, to be looked at again."""
    deployment = await deployments.active(opening.draft.procedure)
    draft = await drafts.begin(
        opening.draft.procedure,
        form=opening.draft.form,
        definition_hash=deployment.hash,
        owner=opening.owner,
        now=opening.visit.now,
        language=opening.visit.language,
        answers=opening.draft.answers,
    )
    return f"/demandes/{draft.id}/verifier"


HANDLERS = [check, send, receipt, me_too]
