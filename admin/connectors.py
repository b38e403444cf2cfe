"""Connectors: the screens that list what steps can do, rehearse a step, and take in a connector without code."""

from typing import Any

from litestar import Response, get, post
from litestar.datastructures import UploadFile

from admin.connections import available
from api.agendas import address_of
from connectors import rehearsals, town_templates
from connectors.available import installed
from connectors.catalogue import OURS, Template
from connectors.errors import TemplateRefused
from connectors.panels import template_in
from connectors.rehearsals import NotRehearsed
from desk.resources import resources
from engine import deployments
from engine.connector import Preview
from engine.feel.sentences import Sentence
from web.pages import guards, language
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of


@get("/admin/connecteurs", guards=[guards.administrator])
async def all_connectors(request: AnyRequest) -> Response[Any]:
    """Every connector: ours, those of packages, those added here."""
    return await _list(request)


@post("/admin/connecteurs", guards=[guards.administrator])
async def add(request: AnyRequest) -> Response[Any]:
    """Takes in a connector without code, or says why not."""
    visit, file = visit_of(request), (await request.form()).get("template")
    content = await file.read() if isinstance(file, UploadFile) else b""
    try:
        by_name = visit.viewer.name if visit.viewer else ""
        template = await town_templates.keep(content, by_name=by_name, now=visit.now)
    except TemplateRefused as refused:
        return await _list(request, refusal=_said(refused.said))
    return see_other(f"/admin/connecteurs?fait={template.job_type}")


@post("/admin/connecteurs/{job_type:str}/service", guards=[guards.administrator])
async def switch(request: AnyRequest, job_type: str) -> Response[Any]:
    """Takes a connector of the town out of use, or back."""
    visit, form = visit_of(request), await request.form()
    by_name = visit.viewer.name if visit.viewer else ""
    await town_templates.switch(job_type, active=form.get("active") == "1", by_name=by_name, now=visit.now)
    return see_other("/admin/connecteurs")


@get("/admin/connecteurs/{job_type:str}/essai", guards=[guards.administrator])
async def rehearsal(request: AnyRequest, job_type: str) -> Response[Any]:
    """The form of a dry run."""
    template = await _template(request, job_type)
    given = {each.name: each.default for each in template.inputs}
    given["connection"] = request.query_params.get("connexion", "")
    return await _rehearsal_page(request, template, given)


@post("/admin/connecteurs/{job_type:str}/essai", guards=[guards.administrator])
async def rehearse(request: AnyRequest, job_type: str) -> Response[Any]:
    """What the step would do. Nothing leaves."""
    template, form = await _template(request, job_type), await request.form()
    house = await available(request)
    given = {each.name: str(form.get(f"v-{each.name}", "")).strip()[:4_000] for each in template.inputs}
    given["answers"] = str(form.get("v-answers", "")).strip()[:4_000]
    chosen = str(form.get("procedure", ""))
    try:
        made = await rehearsals.rehearse(
            house.connectors[job_type], template, given, definition_hash=chosen, now=visit_of(request).now
        )
    except NotRehearsed as refused:
        return await _rehearsal_page(request, template, given, chosen=chosen, refusal=refused.says(language.translate))
    return await _rehearsal_page(request, template, given, chosen=chosen, made=made)


async def _list(request: AnyRequest, refusal: str = "") -> Response[Any]:
    house = await available(request)
    kept = await town_templates.all_kept()
    packages, broken = installed()
    added = {one.template.job_type for one in kept}
    bought = {one.template.job_type: one.package for one in packages}
    language = visit_of(request).language
    fixed = [template_in(one, language) for one in house.catalogue.templates.values() if one.job_type not in added]
    return page(
        request,
        "admin/connectors.html",
        status=422 if refusal else 200,
        ours=[one for one in fixed if one.job_type.startswith(f"{OURS}:")],
        bought=[(one, bought.get(one.job_type, "")) for one in fixed if not one.job_type.startswith(f"{OURS}:")],
        kept=kept,
        broken=broken,
        rehearsable={name for name, one in house.connectors.items() if hasattr(one, "preview")},
        feeds=[(one.name, address_of(one.slug, visit_of(request).house.secret_key)) for one in await resources()],
        refusal=refusal,
        said=request.query_params.get("fait", ""),
    )


async def _rehearsal_page(
    request: AnyRequest,
    template: Template,
    given: dict[str, str],
    *,
    chosen: str = "",
    made: Preview | None = None,
    refusal: str = "",
) -> Response[Any]:
    return page(
        request,
        "admin/rehearsal.html",
        status=422 if refusal else 200,
        template=template_in(template, visit_of(request).language),
        given=given,
        procedures=await deployments.active_all(),
        chosen=chosen,
        needs_procedure={"letter", "decision"} & {each.name for each in template.inputs},
        made=made,
        refusal=refusal,
    )


async def _template(request: AnyRequest, job_type: str) -> Template:
    house = await available(request)
    template = house.catalogue.of_type(job_type)
    if template is None or not hasattr(house.connectors.get(job_type), "preview"):
        raise NotFound
    return template


def _said(refused: Sentence | str) -> str:
    return refused.says(language.translate) if isinstance(refused, Sentence) else language.translate(refused)


HANDLERS = [all_connectors, add, switch, rehearsal, rehearse]
