"""App: wires the web process together: pages, static files, errors, connections, and a worker beside them if asked.

The only place that knows every floor. No container and no import-time registration: what a part needs is an
argument.
"""

import asyncio
import importlib
import importlib.util
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import msgspec
import structlog
from litestar import Litestar, MediaType, Response, Router, get
from litestar.channels import ChannelsPlugin
from litestar.config.compression import CompressionConfig
from litestar.datastructures import State
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.openapi.spec import Components, SecurityScheme
from litestar.types import ControllerRouterHandler

from api.guards import open_to_all
from api.orchestration.cluster import own_version
from connectors import wiring
from desk.files import FileStore
from server.channels import HintChannels
from server.clock import Clock, wall_clock
from server.mail_sink import MailSink
from server.mailed_links import MailedLinks
from server.opened import Opened, opened
from server.problems import PROBLEMS
from server.settings import Settings
from server.working import mail_ready, working
from web.pages.guards import anyone
from web.pages.house import open_house
from web.pages.templates import template_config

FLOORS = ("web.routes", "admin.routes", "api.routes", "api.inbound", "api.agendas")
LARGEST_BODY = 25 * 1024 * 1024

Beside = Callable[[Opened], Awaitable[None]]
_log = structlog.get_logger()


@get("/sante", guards=[anyone], media_type=MediaType.JSON, include_in_schema=False)
async def health(state: State) -> Response[dict[str, str]]:
    """For the load balancer: 200 when this process can serve, 503 when its database is away."""
    try:
        async with asyncio.timeout(2):
            await state["database"]._run_in_pool("SELECT 1")
    except Exception:
        return Response({"status": "database away"}, status_code=503)
    return Response({"status": "ready"})


def create_app(
    settings: Settings, *, clock: Clock = wall_clock, with_worker: bool = False, beside: Sequence[Beside] = ()
) -> Litestar:
    """The ASGI application of a migrated town; `settings` has its addresses and its secret key.

    `beside` is done while it serves, before any background work (filling the demo town); a failure is logged.
    """
    channels = HintChannels(settings.valkey_url)
    plugin = ChannelsPlugin(channels, arbitrary_channels_allowed=True, subscriber_max_backlog=100)

    @asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            town = await stack.enter_async_context(opened(settings, channels=channels, clock=clock))
            given = await stack.enter_async_context(mail_ready(settings))
            town = msgspec.structs.replace(town, settings=given)
            app.state["database"] = town.database
            app.state["house"] = open_house(given, town.valkey, town.clock, connections_of(town, plugin))
            await stack.enter_async_context(living(town, beside, with_worker=with_worker))
            yield

    return Litestar(
        route_handlers=[health, *all_routes()],
        lifespan=[lifespan],
        plugins=[plugin],
        exception_handlers=PROBLEMS,
        template_config=template_config(),
        # Server-sent events must leave at once: a compressor would hold them back.
        compression_config=CompressionConfig(backend="gzip", gzip_compress_level=6, exclude=["/direct", "/live"]),
        request_max_body_size=LARGEST_BODY,
        openapi_config=openapi(),
        logging_config=None,
        debug=settings.debug,
    )


def openapi() -> OpenAPIConfig:
    """The one document of all addresses of machine clients (OpenAPI 3.1); pages are not in it."""
    return OpenAPIConfig(
        use_handler_docstrings=True,
        title="Parvis",
        version=own_version(),
        openapi_router=Router("/api/openapi", route_handlers=[], guards=[open_to_all], include_in_schema=False),
        render_plugins=[JsonRenderPlugin()],
        components=Components(
            security_schemes={
                "token": SecurityScheme(type="http", scheme="bearer", description="A token of /oauth/token")
            }
        ),
        security=[{"token": []}],
    )


@asynccontextmanager
async def living(town: Opened, beside: Sequence[Beside], *, with_worker: bool) -> AsyncIterator[None]:
    """Do what is `beside` while the block serves, then the background work until it ends.

    In that order: a worker on the real clock would fire at once everything that a town being played has yet to live.
    """
    stop = asyncio.Event()
    worker: list[asyncio.Task[None]] = []

    async def live() -> None:
        for task in beside:
            await _run_beside(task, town)
        if with_worker:
            # A task of its own: the end cancels what is beside, but lets a worker end what it has begun.
            worker.append(asyncio.create_task(_work_until(stop, town)))

    life = asyncio.create_task(live())
    try:
        yield
    finally:
        life.cancel()
        stop.set()
        await asyncio.gather(life, *worker, return_exceptions=True)


async def _work_until(stop: asyncio.Event, town: Opened) -> None:
    async with working(town):
        await stop.wait()


async def _run_beside(task: Beside, town: Opened) -> None:
    try:
        await task(town)
    except Exception as error:
        _log.error("beside_failed", error=type(error).__name__, exc_info=error)


def all_routes() -> Sequence[ControllerRouterHandler]:
    """The `ROUTES` of every floor that serves some."""
    found: list[ControllerRouterHandler] = []
    for name in FLOORS:
        if importlib.util.find_spec(name) is not None:
            found += importlib.import_module(name).ROUTES
    return found


def connections_of(town: Opened, plugin: ChannelsPlugin) -> dict[str, Any]:
    """What pages receive of the other floors, by name (`House.connections`)."""
    links = MailedLinks(town.settings)
    return {
        "settings": town.settings,
        "database": town.database,
        "channels": plugin,
        "hints": town.channels,
        "files": FileStore(town.settings.data_dir / "files"),
        "mail_sink": MailSink(town.settings.data_dir),
        "connectors": wiring.available_of(wiring.connections_of(town.settings)),
        "send_password_link": links.send_password_link,
        "addresses": wiring.address_finder_of(town.settings),
    }
