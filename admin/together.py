"""Together: one operation on many cases: asking for it, how far it is, pausing it and going on."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post

from engine import batches, deployments, operations
from engine.deployments import Deployment
from web.pages import guards
from web.pages.identifiers import identifier_of
from web.pages.language import translate
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of

# What is asked for many cases from the list, by the words of the page.
KINDS = {"suspendre": "suspend", "reprendre": "resume", "annuler": "cancel", "reessayer": "retry"}
MOST = 1000


@get("/admin/lots", guards=[guards.administrator])
async def recent(request: AnyRequest) -> Response[Any]:
    """The last batches, newest first."""
    return page(request, "admin/batches.html", found=await batches.recent(limit=50))


@get("/admin/lots/{batch_id:uuid}", guards=[guards.administrator])
async def progress(request: AnyRequest, batch_id: UUID) -> Response[Any]:
    """How far a batch is, and what stayed as it was."""
    batch = await batches.get(batch_id)
    refused = await batches.refused(batch_id)
    told = [(one, [each.says(translate) for each in one.obstacles]) for one in refused]
    target = await _version(batch.parameters.get("target"))
    return page(request, "admin/batch.html", batch=batch, refused=told, target=target)


@post("/admin/lots/{batch_id:uuid}/pause", guards=[guards.administrator])
async def pause(batch_id: UUID) -> Response[Any]:
    """Nothing more of it begins."""
    await batches.pause(batch_id)
    return see_other(f"/admin/lots/{batch_id}")


@post("/admin/lots/{batch_id:uuid}/continuer", guards=[guards.administrator])
async def go_on(batch_id: UUID) -> Response[Any]:
    """It goes on where it was."""
    await batches.go_on(batch_id)
    return see_other(f"/admin/lots/{batch_id}")


@post("/admin/lots", guards=[guards.administrator])
async def begin(request: AnyRequest) -> Response[Any]:
    """An operation on the chosen cases is asked for: said back first, then, confirmed, the workers do it."""
    form, visit = await request.form(), visit_of(request)
    kind, reason = str(form.get("operation", "")), str(form.get("motif", "")).strip()[:1000]
    chosen = [found for value in form.getall("dossier", [])[:MOST] if (found := identifier_of(str(value))) is not None]
    problem = "cases" if not chosen else "operation" if kind not in KINDS else "reason" if not reason else ""
    if problem or form.get("confirme") != "1":
        status = 422 if problem else 200
        return page(
            request, "admin/batch_ask.html", status=status, kind=kind, reason=reason, chosen=chosen, problem=problem
        )
    roots = [(await operations.instances_of(case_id))[:1] for case_id in chosen]
    ids = [instance.id for found in roots for instance in found]
    batch_id = await batches.begin(KINDS[kind], ids, reason=reason, by=visit.actor(), now=visit.now)
    return see_other(f"/admin/lots/{batch_id}")


async def _version(content_hash: str | None) -> Deployment | None:
    return None if content_hash is None else await deployments.of_hash(content_hash)


HANDLERS = [recent, progress, pause, go_on, begin]
