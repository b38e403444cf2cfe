"""Files of a draft: sent one by one as they are chosen, seen again, before filing.
Only the draft's owner reaches them."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from accounts import throttle
from desk import attachments
from forms import attachment_fields
from web.citizen.openings import open_draft
from web.pages import guards, language
from web.pages.errors import NotFound, UploadRefused
from web.pages.layout import AnyRequest
from web.pages.signing_in import address_of
from web.pages.uploads import REFUSALS, keep, refusal_message, serve


@post("/demandes/{draft_id:uuid}/fichiers/{page_id:str}", guards=[guards.anyone])
async def send(request: AnyRequest, draft_id: UUID, page_id: str) -> Response[Any]:
    """Stores one file (for the page's script): its id and name, or why not."""
    opening = await open_draft(request, draft_id)
    await opening.visit.house.throttle.count(throttle.UPLOAD_ADDRESS, address_of(request), opening.visit.now)
    form = await request.form()
    fields = {field.input: field for field in attachment_fields(opening.page(page_id), opening.draft.answers)}
    field, file = fields.get(str(form.get("field", ""))), form.get("file")
    if field is None or not isinstance(file, UploadFile):
        raise UploadRefused
    try:
        kept = await keep(file, field, files=opening.visit.house.files, now=opening.visit.now, draft_id=draft_id)
    except tuple(REFUSALS) as refusal:
        said = refusal_message(refusal, file.filename, "", field.max_bytes)
        return Response(
            {"message": (language.translate(said.id) % said.params).lstrip(" :\u202f\u00a0")}, status_code=422
        )
    return Response({"id": str(kept.id), "name": kept.name, "size": kept.size}, status_code=201)


@get("/demandes/{draft_id:uuid}/fichiers/{attachment_id:uuid}", guards=[guards.anyone])
async def see(request: AnyRequest, draft_id: UUID, attachment_id: UUID) -> Response[Any]:
    """One file of the draft, as it will be read."""
    opening = await open_draft(request, draft_id)
    attachment = await attachments.get(attachment_id)
    if attachment.draft_id != draft_id:
        raise NotFound
    content = await attachments.read(attachment, opening.visit.house.files)
    return serve(content, attachment.name, attachment.media_type, inline=True)


HANDLERS = [send, see]
