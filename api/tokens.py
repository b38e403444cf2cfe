"""Tokens: `/oauth/token`, where a client exchanges its id and secret for an access token (RFC 6749, section 4.4)."""

from typing import Any

from litestar import Request, Response, post

from accounts import clients
from accounts.clients import Client
from api.errors import InvalidArgument, Unauthenticated
from api.guards import basic_client, open_to_all, refused
from api.house import now_of
from api.shapes import Shape

GRANT = "client_credentials"


class AccessToken(Shape, frozen=True, kw_only=True, rename=None):
    """An access token and how long it lives, in seconds."""

    access_token: str
    token_type: str = "Bearer"
    expires_in: int
    scope: str


@post(["/oauth/token", "/api/oauth/token"], guards=[open_to_all], status_code=200, tags=["authentication"])
async def token(request: Request[Any, Any, Any]) -> Response[AccessToken]:
    """An access token for `client_id` and `client_secret` (form fields, JSON, or HTTP Basic); it lives an hour."""
    given = await _fields(request)
    if given.get("grant_type", GRANT) != GRANT:
        raise InvalidArgument(f"Expected “grant_type” to be “{GRANT}”.")
    client = await basic_client(request) or await _client(request, given)
    issued = await clients.issue(client, now_of(request))
    body = AccessToken(access_token=issued.text, expires_in=issued.seconds, scope=" ".join(client.scopes))
    return Response(body, headers={"cache-control": "no-store", "pragma": "no-cache"})


async def _client(request: Request[Any, Any, Any], given: dict[str, str]) -> Client:
    client_id, secret = given.get("client_id", ""), given.get("client_secret", "")
    found = await clients.of_secret(secret, client_id) if client_id and secret else None
    if found is None:
        await refused(request)
        raise Unauthenticated
    return found


async def _fields(request: Request[Any, Any, Any]) -> dict[str, str]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip()
    if kind == "application/json":
        found = await request.json()
        return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
    if kind == "application/x-www-form-urlencoded":
        form = await request.form()
        return {name: value for name, value in form.items() if isinstance(value, str)}
    return {}


HANDLERS = [token]
