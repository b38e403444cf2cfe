"""Webhooks: a client says where it wants to be told of what happens, pauses it, and reads what was told."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from litestar import Request, delete, get, post

from api.errors import Conflict, InvalidArgument, NothingHere
from api.guards import client_of, is_at_home, scoped
from api.house import house_of, now_of
from api.shapes import Shape
from api.webhooks import register
from api.webhooks.facts import Event
from connectors.errors import HostNotAllowed
from connectors.outgoing import Outgoing

TAGS = ["town: webhooks"]


class WebhookAsked(Shape, frozen=True, kw_only=True):
    """Where to tell (https), and what."""

    url: Annotated[str, msgspec.Meta(max_length=2000)]
    events: Annotated[list[Event], msgspec.Meta(min_length=1, max_length=20)]


class WebhookTold(Shape, frozen=True, kw_only=True):
    """A webhook. `state`: active, paused, or failing: paused after too many failures, until an administrator resumes
    it."""

    id: UUID
    url: str
    events: list[str]
    state: str
    failures: int
    last_failure: str
    created_at: datetime


class WebhookMade(WebhookTold, frozen=True, kw_only=True):
    """A new webhook, with the key of its signatures (Standard Webhooks 1.0), which is told this once."""

    secret: str


class DeliveryTold(Shape, frozen=True, kw_only=True):
    """One try. `eventId` is the header `webhook-id`, the same for every try of one event."""

    id: int
    event_id: str
    event: str
    attempt: int
    delivered: bool
    status: int | None
    reason: str
    at: datetime


@post("/api/webhooks", guards=[scoped("webhooks")], tags=TAGS)
async def add(request: Request[Any, Any, Any], data: WebhookAsked) -> WebhookMade:
    """Be told of what happens from now on: signed, in order, repeated until an answer of 200 to 299."""
    _check(request, data.url)
    made = await register.add(client_of(request), data.url, tuple(dict.fromkeys(data.events)), now_of(request))
    if made is None:
        raise Conflict(f"A client may have {register.MOST_PER_CLIENT} webhooks: delete one first.")
    secret = register.secret_of(house_of(request).secret_key, made.id)
    return WebhookMade(secret=secret, **_told(made))


@get("/api/webhooks", guards=[scoped("webhooks")], tags=TAGS)
async def list_all(request: Request[Any, Any, Any]) -> list[WebhookTold]:
    """The client's webhooks."""
    return [WebhookTold(**_told(each)) for each in await register.of_client(client_of(request).id)]


@get("/api/webhooks/{webhook_id:uuid}", guards=[scoped("webhooks")], tags=TAGS)
async def get_one(request: Request[Any, Any, Any], webhook_id: UUID) -> WebhookTold:
    """One webhook."""
    return WebhookTold(**_told(await _own(request, webhook_id)))


@delete("/api/webhooks/{webhook_id:uuid}", guards=[scoped("webhooks")], tags=TAGS)
async def remove(request: Request[Any, Any, Any], webhook_id: UUID) -> None:
    """Be told nothing more; the log is forgotten."""
    await register.remove((await _own(request, webhook_id)).id)


@post("/api/webhooks/{webhook_id:uuid}/pause", guards=[scoped("webhooks")], status_code=200, tags=TAGS)
async def pause(request: Request[Any, Any, Any], webhook_id: UUID) -> WebhookTold:
    """Be told nothing until it is resumed; what happens meanwhile is told then."""
    if (await _own(request, webhook_id)).state == "active":
        await register.pause(webhook_id)
    return WebhookTold(**_told(await _own(request, webhook_id)))


@post("/api/webhooks/{webhook_id:uuid}/resume", guards=[scoped("webhooks")], status_code=200, tags=TAGS)
async def resume(request: Request[Any, Any, Any], webhook_id: UUID) -> WebhookTold:
    """Go on where it was paused. One that is failing is resumed by an administrator."""
    if (await _own(request, webhook_id)).state == "failing":
        raise Conflict("This webhook was paused after too many failures: an administrator resumes it.")
    await register.resume(webhook_id, now_of(request))
    return WebhookTold(**_told(await _own(request, webhook_id)))


@get("/api/webhooks/{webhook_id:uuid}/deliveries", guards=[scoped("webhooks")], tags=TAGS)
async def deliveries(
    request: Request[Any, Any, Any],
    webhook_id: UUID,
    before: Annotated[int, msgspec.Meta(ge=1, le=1 << 62)] | None = None,
    limit: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100,
) -> list[DeliveryTold]:
    """What was told in the last 30 days, newest first; `before` is the id of a delivery."""
    found = await register.deliveries((await _own(request, webhook_id)).id, before=before, limit=limit)
    return [
        DeliveryTold(
            id=each.id,
            event_id=f"evt_{each.event_id}",
            event=each.event,
            attempt=each.attempt,
            delivered=each.delivered,
            status=each.status,
            reason=each.reason,
            at=each.at,
        )
        for each in found
    ]


def _check(request: Request[Any, Any, Any], url: str) -> None:
    try:
        parts = urlsplit(url)
        Outgoing((parts.netloc,)).check_url(url)
    except (HostNotAllowed, ValueError) as refused:
        raise InvalidArgument("Expected “url” to be an address like https://example.org/events.") from refused
    # Where the address leads is checked at every call, when its name is resolved.
    if parts.scheme != "https" and not is_at_home(house_of(request).public_url):
        raise InvalidArgument("Expected “url” to begin with https://.")


async def _own(request: Request[Any, Any, Any], number: UUID) -> register.Webhook:
    found = await register.get(number)
    if found is None or found.client_id != client_of(request).id:
        raise NothingHere
    return found


def _told(webhook: register.Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "events": list(webhook.events),
        "state": webhook.state,
        "failures": webhook.failures,
        "last_failure": webhook.reason,
        "created_at": webhook.created_at,
    }


HANDLERS = [add, list_all, get_one, remove, pause, resume, deliveries]
