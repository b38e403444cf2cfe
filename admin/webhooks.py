"""Webhooks: what other systems are told of cases, how it went, and going on after somebody mended the other side."""

from typing import Any
from uuid import UUID

from litestar import Response, get, post
from litestar.exceptions import NotFoundException

from api.webhooks import register
from web.pages import guards
from web.pages.layout import AnyRequest, page, see_other
from web.pages.visit import visit_of


@get("/admin/api/avis", guards=[guards.administrator])
async def overview(request: AnyRequest) -> Response[Any]:
    """Every webhook, those that need somebody first."""
    return page(request, "admin/webhooks.html", webhooks=await register.everyone())


@get("/admin/api/avis/{webhook_id:uuid}", guards=[guards.administrator])
async def log(request: AnyRequest, webhook_id: UUID) -> Response[Any]:
    """The last deliveries of one webhook."""
    found = await _known(webhook_id)
    return page(request, "admin/webhook.html", webhook=found, deliveries=await register.deliveries(webhook_id))


@post("/admin/api/avis/{webhook_id:uuid}/suspendre", guards=[guards.administrator])
async def pause(webhook_id: UUID) -> Response[Any]:
    """Nothing is told until it is resumed."""
    if (await _known(webhook_id)).state == "active":
        await register.pause(webhook_id)
    return see_other(f"/admin/api/avis/{webhook_id}")


@post("/admin/api/avis/{webhook_id:uuid}/reprendre", guards=[guards.administrator])
async def resume(request: AnyRequest, webhook_id: UUID) -> Response[Any]:
    """Go on where it stopped."""
    await _known(webhook_id)
    await register.resume(webhook_id, visit_of(request).now)
    return see_other(f"/admin/api/avis/{webhook_id}")


async def _known(number: UUID) -> register.Webhook:
    found = await register.get(number)
    if found is None:
        raise NotFoundException
    return found


HANDLERS = [overview, log, pause, resume]
