"""Follow: where a request is, who has it, until when, and what its applicant may do: write, answer, download,
cancel."""

import secrets
from typing import Any
from uuid import UUID

from litestar import Response, get, post

from desk import attachments, cancellations, documents, exchanges, follow_up
from desk.errors import WordsMissing, WordsTooLong
from engine.cases import Case
from engine.errors import CaseAlreadyClosed
from web.citizen.catalogue import department_of
from web.citizen.following import author_of, followed, prove, require
from web.pages import guards
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.uploads import serve
from web.pages.visit import visit_of


@get("/suivi", guards=[guards.anyone])
async def ask(request: AnyRequest, code: str = "") -> Response[Any]:
    """Asks for the tracking code and the address."""
    return page(request, "citizen/follow_ask.html", code=code, email="", refused=False)


@post("/suivi", guards=[guards.anyone])
async def look(request: AnyRequest) -> Response[Any]:
    """Opens the request; answers alike when the code or the address is wrong."""
    form = await request.form()
    code, email = str(form.get("code", "")), str(form.get("email", ""))
    case = await prove(request, code, email)
    if case is None:
        return page(request, "citizen/follow_ask.html", status=422, code=code, email=email, refused=True)
    return see_other(f"/suivi/{case.tracking_code}")


@get("/suivi/{code:str}", guards=[guards.anyone])
async def show(request: AnyRequest, code: str) -> Response[Any]:
    """The request as its applicant sees it; to anybody else, the question who they are."""
    case = await followed(request, code)
    if case is None:
        return page(request, "citizen/follow_ask.html", code=code, email="", refused=False)
    return await draw(request, case)


@post("/suivi/{code:str}/message", guards=[guards.anyone])
async def write(request: AnyRequest, code: str) -> Response[Any]:
    """Writes to whoever has the request."""
    case, visit, form = await require(request, code), visit_of(request), await request.form()
    words = str(form.get("words", ""))
    try:
        await exchanges.post(
            case.id, words, by=author_of(case, visit), now=visit.now, key=f"{case.id}:{form.get('key', '')}"
        )
    except (WordsMissing, WordsTooLong) as error:
        return await draw(request, case, words=words, refused=type(error).__name__)
    return see_other(f"/suivi/{case.tracking_code}?ecrit=1#echanges")


@get("/suivi/{code:str}/annuler", guards=[guards.anyone])
async def cancel_page(request: AnyRequest, code: str) -> Response[Any]:
    """Asks whether to withdraw the request, which cannot be undone."""
    return page(request, "citizen/cancel.html", case=await require(request, code), refused=False)


@post("/suivi/{code:str}/annuler", guards=[guards.anyone])
async def cancel(request: AnyRequest, code: str) -> Response[Any]:
    """Withdraws the request at its applicant's wish."""
    case, visit, form = await require(request, code), visit_of(request), await request.form()
    reason = str(form.get("reason", "")).strip()[:1000]
    if not reason:
        return page(request, "citizen/cancel.html", status=422, case=case, refused=True)
    try:
        await cancellations.cancel(case.id, reason, by=author_of(case, visit), now=visit.now)
    except CaseAlreadyClosed:
        pass
    return see_other(f"/suivi/{case.tracking_code}")


@get("/suivi/{code:str}/documents/{document_id:uuid}", guards=[guards.anyone])
async def document(request: AnyRequest, code: str, document_id: UUID) -> Response[Any]:
    """A document issued to the applicant."""
    case, found = await require(request, code), await documents.get(document_id)
    if found.case_id != case.id or not found.public:
        raise NotFound
    return serve(await documents.read(found, visit_of(request).house.files), found.name, found.media_type)


@get("/suivi/{code:str}/pieces/{attachment_id:uuid}", guards=[guards.anyone])
async def piece(request: AnyRequest, code: str, attachment_id: UUID) -> Response[Any]:
    """A file the applicant sent, or that came with an exchange."""
    case, found = await require(request, code), await attachments.get(attachment_id)
    if found.case_id != case.id:
        raise NotFound
    content = await attachments.read(found, visit_of(request).house.files)
    return serve(content, found.name, found.media_type, inline=True)


async def draw(request: AnyRequest, case: Case, *, words: str = "", refused: str = "") -> Response[Any]:
    """The follow-up page; what the town wrote counts as read once shown."""
    visit = visit_of(request)
    seen = await follow_up.of_case(case.id, visit.now, language=visit.language)
    posts = await exchanges.of_case(case.id)
    await exchanges.mark_read(case.id, reader="applicant", now=visit.now)
    return page(
        request,
        "citizen/follow.html",
        status=422 if refused else 200,
        case=case,
        seen=seen,
        posts=posts,
        pieces=await attachments.of_case(case.id),
        department=await department_of(case.department),
        words=words,
        refused=refused,
        written=bool(request.query_params.get("ecrit")),
        key=secrets.token_hex(8),
    )


HANDLERS = [ask, look, show, write, cancel_page, cancel, document, piece]
