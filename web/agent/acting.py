"""Acting on a case outside its diagram: write to the applicant, pass it on, cancel it, link a repeated report, open its
files.
"""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from accounts import permissions
from desk import attachments, cancellations, documents, duplicates, exchanges, transfers
from desk.errors import WordsMissing, WordsTooLong
from engine import cases
from engine.errors import ReasonMissing
from web.agent.case_file import visible
from web.agent.inbox import workable
from web.agent.listing import department_names
from web.pages import guards, uploads
from web.pages.errors import Forbidden, NotFound
from web.pages.layout import AnyRequest, see_other
from web.pages.visit import visit_of


@post("/agent/dossiers/{case_id:uuid}/echanges", guards=[guards.agent])
async def write(request: AnyRequest, case_id: UUID) -> Response[Any]:
    """Words for the applicant."""
    case = await visible(request, case_id)
    _require(permissions.may_work_on_case(guards.viewer_of(request), departments=case.departments))
    visit, form = visit_of(request), await request.form()
    try:
        await exchanges.post(
            case.id, str(form.get("words", "")), by=visit.actor(), now=visit.now, key=str(form.get("key", "")) or None
        )
    except (WordsMissing, WordsTooLong):
        return see_other(f"/agent/dossiers/{case_id}?fait=mots#echanges")
    return see_other(f"/agent/dossiers/{case_id}?fait=echange#echanges")


@post("/agent/dossiers/{case_id:uuid}/transferer", guards=[guards.agent])
async def transfer_case(request: AnyRequest, case_id: UUID) -> Response[Any]:
    """The whole case goes to another department, with a reason; the due date stays."""
    case = await visible(request, case_id)
    _require(permissions.may_transfer(guards.viewer_of(request), department=case.department))
    visit, (department, reason) = visit_of(request), await _destination(request)
    try:
        await transfers.pass_case(case.id, department, reason, by=visit.actor(), now=visit.now)
    except ReasonMissing:
        return see_other(f"/agent/dossiers/{case_id}?fait=motif")
    return see_other("/agent?fait=transfert")


@post("/agent/taches/{task_id:uuid}/transferer", guards=[guards.agent])
async def transfer_task(request: AnyRequest, task_id: UUID) -> Response[Any]:
    """One task goes to another department, with a reason."""
    task = await workable(request, task_id)
    visit, (department, reason) = visit_of(request), await _destination(request)
    try:
        await transfers.pass_task(task.id, department, reason, by=visit.actor(), now=visit.now)
    except ReasonMissing:
        return see_other(f"/agent/dossiers/{task.case_id}?tache={task.id}&fait=motif")
    return see_other("/agent?fait=transfert")


@post("/agent/dossiers/{case_id:uuid}/annuler", guards=[guards.agent])
async def cancel(request: AnyRequest, case_id: UUID) -> Response[Any]:
    """The case ends here, for a reason told to the applicant."""
    case = await visible(request, case_id)
    _require(permissions.may_transfer(guards.viewer_of(request), department=case.department))
    visit, reason = visit_of(request), str((await request.form()).get("reason", ""))
    try:
        await cancellations.cancel(case.id, reason, by=visit.actor(), now=visit.now)
    except ReasonMissing:
        return see_other(f"/agent/dossiers/{case_id}?fait=motif")
    return see_other(f"/agent/dossiers/{case_id}?fait=annule")


@post("/agent/dossiers/{case_id:uuid}/rattacher", guards=[guards.agent])
async def link(request: AnyRequest, case_id: UUID) -> Response[Any]:
    """This report repeats another one."""
    case = await visible(request, case_id)
    _require(permissions.may_work_on_case(guards.viewer_of(request), departments=case.departments))
    original = await cases.of_reference(str((await request.form()).get("reference", "")))
    if original is None:
        raise NotFound
    await duplicates.link(case.id, original.id, now=visit_of(request).now)
    return see_other(f"/agent/dossiers/{case_id}?fait=rattache")


@get("/agent/dossiers/{case_id:uuid}/pieces/{attachment_id:uuid}", guards=[guards.agent])
async def attachment(request: AnyRequest, case_id: UUID, attachment_id: UUID) -> Response[bytes]:
    """A file received with the case."""
    case = await visible(request, case_id)
    found = await attachments.get(attachment_id)
    if found.case_id != case.id:
        raise NotFound
    content = await attachments.read(found, visit_of(request).house.files)
    return uploads.serve(content, found.name, found.media_type, inline=True)


@get("/agent/dossiers/{case_id:uuid}/documents/{document_id:uuid}", guards=[guards.agent])
async def document(request: AnyRequest, case_id: UUID, document_id: UUID) -> Response[bytes]:
    """A document issued by the town."""
    case = await visible(request, case_id)
    found = await documents.get(document_id)
    if found.case_id != case.id:
        raise NotFound
    content = await documents.read(found, visit_of(request).house.files)
    return uploads.serve(content, found.name, found.media_type, inline=True)


async def _destination(request: AnyRequest) -> tuple[str, str]:
    form = await request.form()
    department = str(form.get("department", ""))
    if department not in await department_names():
        raise NotFound
    return department, str(form.get("reason", ""))


def _require(allowed: bool) -> None:
    if not allowed:
        raise Forbidden


HANDLERS = [write, transfer_case, transfer_task, cancel, link, attachment, document]
