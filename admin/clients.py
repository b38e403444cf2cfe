"""Clients: other systems that may speak to the API: made here, with a secret that is shown once, and revoked."""

from typing import Any
from uuid import UUID

import msgspec
from litestar import Response, get, post

from accounts import clients, departments
from accounts.clients import SCOPES, Scope
from accounts.errors import ClientRefused
from engine import deployments
from web.pages import guards
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of


@get("/admin/api", guards=[guards.administrator])
async def overview(request: AnyRequest) -> Response[Any]:
    """Every client, those in use first, and the form for another one."""
    return await _draw(request)


@post("/admin/api", guards=[guards.administrator], status_code=200)
async def add(request: AnyRequest) -> Response[Any]:
    """Another client. The page that answers is the only one that ever shows its secret."""
    visit, form = visit_of(request), await request.form()
    asked = [scope for scope in form.getall("scope", []) if scope in SCOPES]
    chosen = [slug for slug in form.getall("procedure", []) if isinstance(slug, str) and slug]
    try:
        client, secret = await clients.add(
            str(form.get("name", "")),
            scopes=msgspec.convert(asked, list[Scope]),
            department=str(form.get("department", "")),
            procedures=chosen,
            by_name=visit.actor().name,
            now=visit.now,
        )
    except ClientRefused:
        return await _draw(request, status=422, refused=True, typed=str(form.get("name", "")), asked=asked)
    return await _draw(request, made=client, secret=secret)


@post("/admin/api/{client_id:uuid}/revoquer", guards=[guards.administrator])
async def revoke(request: AnyRequest, client_id: UUID) -> Response[Any]:
    """The client is refused from now on."""
    await clients.revoke(client_id, visit_of(request).now)
    return see_other("/admin/api")


async def _draw(request: AnyRequest, *, status: int = 200, **told: Any) -> Response[Any]:
    context: dict[str, Any] = {"made": None, "secret": "", "refused": False, "typed": "", "asked": ["read"], **told}
    return page(
        request,
        "admin/clients.html",
        status=status,
        clients=await clients.everyone(),
        scopes=SCOPES,
        departments=await departments.all_active(),
        procedures=[one.manifest for one in await deployments.active_all()],
        address=visit_of(request).house.public_url,
        **context,
    )


HANDLERS = [overview, add, revoke]
