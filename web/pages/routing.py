"""Routing: gives a set of pages the visit, the protection of forms and the problem pages. Used by `web` and `admin`."""

from collections.abc import Sequence
from typing import Any

from litestar import Router
from litestar.types import ControllerRouterHandler

from web.pages.csrf import LARGEST_TEXT, guard_form
from web.pages.problems import PROBLEMS
from web.pages.visit import VisitMiddleware

LARGEST_UPLOAD = 25 * 1024 * 1024


def pages(
    path: str,
    handlers: Sequence[ControllerRouterHandler],
    *,
    largest: int = LARGEST_UPLOAD,
    largest_text: int = LARGEST_TEXT,
    **options: Any,
) -> Router:
    """A router of pages under `path`. `largest` is the size in octets of what may be posted with its files,
    `largest_text` of its text alone.
    """
    return Router(
        path=path,
        route_handlers=handlers,
        middleware=[VisitMiddleware()],
        guards=[guard_form],
        exception_handlers=PROBLEMS,
        request_max_body_size=largest,
        opt={"largest_text": largest_text},
        include_in_schema=False,
        **options,
    )
