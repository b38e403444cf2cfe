"""Routes: all pages of this floor, in one list for `server.app`, and the folder of static files."""

from litestar import Router
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

from web import agent, citizen
from web.pages import addresses, signing_in, theming
from web.pages.routing import pages
from web.pages.templates import STATIC

ROUTES: list[Router] = [
    pages("/", [*signing_in.HANDLERS, *theming.HANDLERS, *addresses.HANDLERS, *citizen.HANDLERS, *agent.HANDLERS]),
    create_static_files_router(
        path="/static",
        directories=[STATIC],
        name="static",
        # Addresses carry the fingerprint of the file (`templates.asset`): they never change under the same address.
        cache_control=CacheControlHeader(public=True, max_age=31_536_000, immutable=True),
        include_in_schema=False,
    ),
]
