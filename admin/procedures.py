"""Procedures: what is in service, its versions, and putting a bundle in service from a zip, with what the deploy gate
says.
"""

import asyncio
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile

from admin import gate, workshop
from engine import cases, deployments, limited, migrations, starts
from engine.bundle import LARGEST_ZIP, read_zip, write_zip
from engine.cases import CaseFilters
from engine.errors import BundleRefused, ManifestInvalid, ProcedureUnknown
from engine.pages import Page
from web.pages import guards, language
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of


@get("/admin", guards=[guards.administrator])
async def home() -> Response[Any]:
    """Administrators begin with the procedures."""
    return see_other("/admin/demarches")


@get("/admin/demarches", guards=[guards.administrator])
async def procedures(request: AnyRequest) -> Response[Any]:
    """Every procedure in service, with its version and its open cases."""
    # Whoever comes here may soon publish something.
    await asyncio.to_thread(limited.warm)
    return await _list(request)


@get("/admin/demarches/{slug:str}", guards=[guards.administrator])
async def procedure(request: AnyRequest, slug: str) -> Response[Any]:
    """One procedure: its versions, its draft, its cases in numbers."""
    versions = await deployments.versions(slug)
    if not versions:
        raise ProcedureUnknown(slug=slug)
    active = next((one for one in versions if one.state == "active"), None)
    bundle = await deployments.bundle_of((active or versions[0]).hash)
    return page(
        request,
        "admin/procedure.html",
        slug=slug,
        versions=versions,
        active=active,
        manifest=(active or versions[0]).manifest,
        files=sorted(bundle.files),
        draft=await workshop.open_draft(slug) if active else None,
        live={one.hash: await migrations.live_count(one.hash) for one in versions},
        latest=await cases.recent(None, CaseFilters(procedure=slug), Page(size=8)),
        failing=[_failing(each) for each in await starts.failing(active.hash)] if active else [],
        said=request.query_params.get("fait", ""),
    )


@post("/admin/demarches", guards=[guards.administrator])
async def upload(request: AnyRequest) -> Response[Any]:
    """A zip goes to the workshop as a draft; the report says whether it may be published. Nothing reaches citizens
    yet.
    """
    sent = (await request.form()).get("bundle")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return await _list(request, refusal="", missing=True, status=422)
    try:
        bundle = await asyncio.to_thread(read_zip, await sent.read(LARGEST_ZIP + 1))
        if not bundle.names(".bpmn"):
            raise BundleRefused("a bundle must have at least one diagram (.bpmn)")
        await gate.refuse_unsafe(bundle.files)
    except (BundleRefused, ManifestInvalid) as refused:
        return await _list(request, refusal=gate.said_refusal(refused), status=422)
    visit = visit_of(request)
    await workshop.keep(bundle, by=visit.actor(), now=visit.now)
    return see_other(f"/admin/demarches/{bundle.slug}/atelier")


@post("/admin/versions/{deployment_id:uuid}/mettre-en-service", guards=[guards.administrator])
async def activate(request: AnyRequest, deployment_id: UUID) -> Response[Any]:
    """An earlier version is put in service again; running cases stay on theirs."""
    deployment = await deployments.get(deployment_id)
    await deployments.activate(deployment_id, visit_of(request).actor(), visit_of(request).now)
    return see_other(f"/admin/demarches/{deployment.slug}?fait=en-service")


@post("/admin/demarches/{slug:str}/retirer", guards=[guards.administrator])
async def retire(request: AnyRequest, slug: str) -> Response[Any]:
    """Nothing new starts; running cases go on."""
    await deployments.retire(slug, visit_of(request).actor(), visit_of(request).now)
    return see_other(f"/admin/demarches/{slug}?fait=retiree")


@get("/admin/versions/{deployment_id:uuid}/paquet.zip", guards=[guards.administrator])
async def download(deployment_id: UUID) -> Response[bytes]:
    """The bundle of a version."""
    deployment = await deployments.get(deployment_id)
    content = write_zip(await deployments.bundle_of(deployment.hash))
    name = f"{deployment.slug}-{deployment.version}.zip"
    return Response(
        content, media_type="application/zip", headers={"content-disposition": f'attachment; filename="{name}"'}
    )


class ToldStart(msgspec.Struct, frozen=True, kw_only=True):
    """A time at which a case should have been filed, why it was not, and when it is tried again."""

    element: str
    due_at: datetime
    next_at: datetime
    why: str


def _failing(found: starts.FailingStart) -> ToldStart:
    why = found.sentence.says(language.translate)
    return ToldStart(element=found.element, due_at=found.due_at, next_at=found.next_at, why=why)


async def _list(request: AnyRequest, *, refusal: str = "", missing: bool = False, status: int = 200) -> Response[Any]:
    offered = await deployments.active_all()
    return page(
        request,
        "admin/procedures.html",
        status=status,
        offered=offered,
        drafts=await workshop.slugs(),
        refusal=refusal,
        missing=missing,
    )


HANDLERS = [home, procedures, procedure, upload, activate, retire, download]
