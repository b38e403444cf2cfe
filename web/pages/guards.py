"""Guards: who may open a route. Every route of every page names one (a test walks them all); what is not allowed is
refused.

Rules live in `accounts.permissions`; whether a viewer may see *this* case or task is asked by the page, once it has
read it.
"""

from typing import Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from accounts import permissions
from accounts.permissions import Viewer
from web.pages.errors import Forbidden, NotSignedIn
from web.pages.visit import visit_of

Connection = ASGIConnection[Any, Any, Any, Any]


def anyone(connection: Connection, _: BaseRouteHandler) -> None:
    """Public page: open to all, said aloud."""


def signed_in(connection: Connection, _: BaseRouteHandler) -> None:
    """Citizens and agents with an account."""
    viewer_of(connection)


def agent(connection: Connection, _: BaseRouteHandler) -> None:
    """People who work for the town."""
    _require(permissions.is_agent(viewer_of(connection)))


def supervisor(connection: Connection, _: BaseRouteHandler) -> None:
    """Agents who answer for a department."""
    _require(permissions.may_supervise(viewer_of(connection)))


def administrator(connection: Connection, _: BaseRouteHandler) -> None:
    """Agents who publish procedures and manage the house."""
    _require(permissions.may_administer(viewer_of(connection)))


def files_on_behalf(connection: Connection, _: BaseRouteHandler) -> None:
    """Agents who file for citizens."""
    _require(permissions.may_file_on_behalf(viewer_of(connection)))


GUARDS = (anyone, signed_in, agent, supervisor, administrator, files_on_behalf)


def viewer_of(connection: Connection) -> Viewer:
    """Who is signed in. Raises `NotSignedIn`."""
    viewer = visit_of(connection).viewer
    if viewer is None:
        raise NotSignedIn
    return viewer


def _require(allowed: bool) -> None:
    if not allowed:
        raise Forbidden
