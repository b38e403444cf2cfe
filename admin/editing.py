"""Editing: the diagram, the rules and the texts of a draft in the browser, judged at each save, published when it is
right.
"""

from typing import Any

import msgspec
from litestar import Response, get, post, put

from accounts import departments
from admin import gate, workshop
from admin.connections import tools_of
from admin.errors import DraftChanged, FileUnknown
from admin.workshop import Draft
from connectors import connections
from connectors.available import Available, town_catalogue
from connectors.panels import panels
from engine.errors import BundleRefused, ManifestInvalid
from web.pages import csrf, guards, language
from web.pages.assets import built
from web.pages.errors import NotFound
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of

# The editors draw with inline styles; scripts stay ours alone.
EDITOR_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; font-src 'self' data:; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@get("/admin/demarches/{slug:str}/atelier", guards=[guards.administrator])
async def bench(request: AnyRequest, slug: str) -> Response[Any]:
    """The draft: one file open in its editor, the others one click away, findings beside."""
    draft = await workshop.open_draft(slug)
    name = request.query_params.get("fichier") or draft.bundle.names(".bpmn")[0]
    if name not in draft.bundle.files:
        raise NotFound
    findings = await _judged(request, draft)
    kind = kind_of(name)
    drawn = page(
        request,
        f"admin/edit_{kind}.html",
        slug=slug,
        draft=draft,
        file=name,
        text=draft.bundle.text(name) if kind == "text" else "",
        findings=findings,
        publishable=gate.is_publishable(findings),
        files=by_kind(draft),
        built=built,
        editor=await _settings(request, draft, name, findings) if kind != "text" else {},
        said=request.query_params.get("fait", ""),
    )
    drawn.headers["content-security-policy"] = EDITOR_POLICY
    return drawn


@get("/admin/demarches/{slug:str}/fichiers/{name:path}", guards=[guards.administrator])
async def read_file(slug: str, name: str) -> Response[bytes]:
    """One file of the draft, for its editor."""
    draft = await workshop.open_draft(slug)
    content = draft.bundle.files.get(name.lstrip("/"))
    if content is None:
        raise NotFound
    return Response(content, media_type="application/xml", headers={"content-disposition": "attachment"})


@put("/admin/demarches/{slug:str}/fichiers/{name:path}", guards=[guards.administrator])
async def save_file(request: AnyRequest, slug: str, name: str) -> Response[dict[str, Any]]:
    """Saves a diagram or rules; answers with what the gate says now and the new revision."""
    try:
        draft = await _save(request, slug, name.lstrip("/"), await request.body(), request.query_params.get("rev", "0"))
    except DraftChanged as changed:
        return Response({"detail": language.translate(str(changed))}, status_code=409)
    except (BundleRefused, ManifestInvalid, FileUnknown) as refused:
        return Response({"detail": gate.said_refusal(refused)}, status_code=422)
    return Response({"rev": draft.rev, "findings": await _judged(request, draft)})


@post("/admin/demarches/{slug:str}/textes", guards=[guards.administrator])
async def save_text(request: AnyRequest, slug: str) -> Response[Any]:
    """Saves a form, a letter or another text; what cannot be kept comes back with the reason."""
    form = await request.form()
    name, text = str(form.get("name", "")), str(form.get("text", ""))
    try:
        await _save(request, slug, name, text.replace("\r\n", "\n").encode(), str(form.get("rev", "0")))
    except (DraftChanged, BundleRefused, ManifestInvalid, FileUnknown) as refused:
        draft = await workshop.open_draft(slug)
        findings = await _judged(request, draft)
        return page(
            request,
            "admin/edit_text.html",
            status=422,
            slug=slug,
            draft=draft,
            file=name,
            text=text,
            findings=findings,
            publishable=False,
            files=by_kind(draft),
            built=built,
            editor={},
            said="",
            refusal=gate.said_refusal(refused),
        )
    return see_other(f"/admin/demarches/{slug}/atelier?fichier={name}&fait=enregistre")


@post("/admin/demarches/{slug:str}/publier", guards=[guards.administrator])
async def publish(request: AnyRequest, slug: str) -> Response[Any]:
    """The draft goes into service as a new version, when the gate has nothing against it."""
    visit = visit_of(request)
    draft = await workshop.open_draft(slug)
    if not gate.is_publishable(await _judged(request, draft)):
        return see_other(f"/admin/demarches/{slug}/atelier?fait=refuse")
    try:
        rev = int(str((await request.form()).get("rev", "0")))
        await workshop.publish(slug, rev=rev, by=visit.actor(), now=visit.now)
    except (DraftChanged, ValueError):
        return see_other(f"/admin/demarches/{slug}/atelier?fait=change")
    return see_other(f"/admin/demarches/{slug}?fait=publiee")


@post("/admin/demarches/{slug:str}/abandonner", guards=[guards.administrator])
async def discard(slug: str) -> Response[Any]:
    """The draft is thrown away; the version in service is untouched."""
    await workshop.discard(slug)
    return see_other(f"/admin/demarches/{slug}?fait=abandonnee")


def kind_of(name: str) -> str:
    """Which editor opens a file."""
    return {"bpmn": "diagram", "dmn": "rules"}.get(name.rpartition(".")[2], "text")


def by_kind(draft: Draft) -> dict[str, list[str]]:
    """The files of a draft as the tabs group them."""
    names = sorted(draft.bundle.files)
    return {
        "diagram": [name for name in names if name.endswith(".bpmn")],
        "rules": [name for name in names if name.endswith(".dmn")],
        "forms": [name for name in names if name.startswith("forms/")],
        "letters": [name for name in names if name.startswith("letters/")],
        "scenarios": [name for name in names if name.startswith("scenarios/")],
        "about": [name for name in names if "/" not in name and not name.endswith((".bpmn", ".dmn"))],
    }


async def _save(request: AnyRequest, slug: str, name: str, content: bytes, rev: str) -> Draft:
    visit = visit_of(request)
    number = int(rev) if rev.isascii() and rev.isdigit() and len(rev) < 10 else 0
    await gate.refuse_unsafe({name: content})
    return await workshop.save_file(slug, name, content, rev=number, by=visit.actor(), now=visit.now)


async def _judged(request: AnyRequest, draft: Draft) -> list[gate.SaidFinding]:
    house: Available = visit_of(request).house.connections["connectors"]
    return await gate.judge(draft.bundle, tools_of(house).provided)


async def _settings(request: AnyRequest, draft: Draft, name: str, findings: list[gate.SaidFinding]) -> dict[str, Any]:
    visit = visit_of(request)
    slug = draft.bundle.slug
    return {
        "language": visit.language,
        "csrf": csrf.token(visit),
        "file": f"/admin/demarches/{slug}/fichiers/{name}",
        "rev": draft.rev,
        "findings": msgspec.to_builtins(findings),
        "templates": panels(await town_catalogue(), await connections.all_cards(), visit.language),
        "departments": [{"slug": one.slug, "name": one.name(visit.language)} for one in await departments.all_active()],
    }


HANDLERS = [bench, read_file, save_file, save_text, publish, discard]
