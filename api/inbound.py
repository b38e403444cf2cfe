"""Inbound: where other systems tell Parvis something, signed (Standard Webhooks 1.0): `POST /api/inbound/<connection>`.

What a message does is its connection's to say: see `connectors.inbound.receiving`. The signature is the guard: without
a genuine one, whoever asks learns nothing.
"""

from typing import Any, Protocol

from litestar import Request, Response, Router, post
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from connectors.errors import AnswerGarbled, RecipeBroken, SignatureRefused, VaultLocked
from connectors.inbound.receiving import LARGEST, receive
from connectors.toolbox import Toolbox

PROBLEM = "application/problem+json"


class House(Protocol):
    """What is read of the house that pages share."""

    @property
    def connections(self) -> dict[str, Any]: ...
    @property
    def clock(self) -> Any: ...


def signed(_: ASGIConnection[Any, Any, Any, Any], __: BaseRouteHandler) -> None:
    """Open to whoever signs: the signature covers the body, so that the handler is who checks it."""


@post("/api/inbound/{slug:str}", guards=[signed], status_code=202, request_max_body_size=LARGEST)
async def inbound(request: Request[Any, Any, Any], slug: str) -> Response[Any]:
    """202 with how many cases were reached; a repeat too. 401 without a genuine, recent signature; 400 for what is not
    a JSON object; 422 when the connection's expressions cannot read it."""
    house: House = request.app.state["house"]
    tools = house.connections["connectors"].tools
    assert isinstance(tools, Toolbox)
    body = await request.body()
    headers = {name.lower(): said for name, said in request.headers.items()}
    try:
        received = await receive(slug[:40], headers, body, tools, house.clock())
    except (SignatureRefused, VaultLocked):
        return _problem(401, "The signature is missing, wrong or too old.")
    except AnswerGarbled:
        return _problem(400, "Expected a JSON object.")
    except RecipeBroken:
        return _problem(422, "The message lacks what the connection reads in it.")
    return Response({"reached": received.reached, "repeated": received.repeated}, status_code=202)


def _problem(status: int, title: str) -> Response[Any]:
    return Response({"type": "about:blank", "status": status, "title": title}, status_code=status, media_type=PROBLEM)


ROUTES = [Router(path="/", route_handlers=[inbound], include_in_schema=False)]
